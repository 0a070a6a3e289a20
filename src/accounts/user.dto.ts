import { ApiHideProperty, ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, ValidateNested } from 'class-validator';
import {
  AnswerField,
  ChoiceField,
  described,
  FormField,
  ObjectField,
  RefusedField,
  SecretField,
  SwitchField,
  TextField,
} from '../admin/fields.js';
import type { AccountStatus } from './account.entity.js';
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from './password-rules.js';
import {
  birthdateFault,
  customFault,
  emailFault,
  localeFault,
  phoneNumberFault,
  webPageFault,
  zoneinfoFault,
  type Format,
} from './claim-formats.js';

const LONGEST = 1_000;
const LONGEST_NAME = 200;

const nameField = (description: string, example: string) =>
  TextField({ description, example, longest: LONGEST_NAME, fallback: null });

const formatted = (description: string, example: string, fault: Format, longest = LONGEST) =>
  FormField({ description, example, longest, fallback: null }, fault);

const addressLine = (description: string, example: string) =>
  TextField({ description, example, longest: LONGEST, multiline: true });

const passwordField = (description: string) =>
  SecretField({
    description,
    example: 'amber-canyon-lantern-42',
    shortest: SHORTEST_PASSWORD,
    longest: LONGEST_PASSWORD,
  });

/** OpenID Connect Core 1.0 §5.1.1. */
export class Address {
  @addressLine('As on a letter; lines end in a line feed.', '西湖区文三路 1 号\n杭州 310000\n中国')
  formatted?: string;

  @addressLine('Street and house.', '西湖区文三路 1 号')
  street_address?: string;

  @addressLine('City.', '杭州市')
  locality?: string;

  @addressLine('State, province.', '浙江省')
  region?: string;

  @addressLine('Postal code.', '310000')
  postal_code?: string;

  @addressLine('Country.', '中国')
  country?: string;
}

/** A person: the standard claims of OpenID Connect Core 1.0 §5.1 under their own names, and what Clinch keeps beside. */
export class UserFields {
  @TextField({
    description: 'What the person signs in with. Unique, whatever the case and the width of its characters.',
    example: 'lin.xiaoyu',
    longest: LONGEST_NAME,
    shortest: 1,
  })
  username?: string;

  @ChoiceField(['active', 'disabled'], {
    description: '`disabled`: cannot sign in, and is not spoken of in tokens.',
    fallback: 'active',
  })
  status?: AccountStatus;

  @nameField('The full name.', '林小雨')
  name?: string | null;

  @nameField('Given names.', '小雨')
  given_name?: string | null;

  @nameField('Surnames.', '林')
  family_name?: string | null;

  @nameField('Middle names.', 'Rain')
  middle_name?: string | null;

  @nameField('What the person is called.', '小雨')
  nickname?: string | null;

  @nameField('What the person wishes to be called by; the user name when it has no value.', 'lin.xiaoyu')
  preferred_username?: string | null;

  @formatted('The person’s profile page.', 'https://staff.example.com/lin.xiaoyu', webPageFault)
  profile?: string | null;

  @formatted('A picture of the person.', 'https://staff.example.com/lin.xiaoyu.png', webPageFault)
  picture?: string | null;

  @formatted('The person’s own page.', 'https://xiaoyu.example.com/', webPageFault)
  website?: string | null;

  @TextField({ description: '`female`, `male`, or another word.', example: 'female', longest: LONGEST, fallback: null })
  gender?: string | null;

  @formatted('YYYY-MM-DD, YYYY, or 0000-MM-DD.', '1991-05-17', birthdateFault)
  birthdate?: string | null;

  @formatted('A zone of the tz database.', 'Asia/Shanghai', zoneinfoFault)
  zoneinfo?: string | null;

  @formatted('A BCP 47 language tag.', 'zh-CN', localeFault)
  locale?: string | null;

  @formatted('The e-mail address.', 'lin.xiaoyu@example.com', emailFault, 320)
  email?: string | null;

  @SwitchField({
    description: 'Whether the address was proven. Another address is not, unless the same request says so.',
    fallback: false,
  })
  email_verified?: boolean;

  @formatted('The telephone number, E.164.', '+8613800138000', phoneNumberFault)
  phone_number?: string | null;

  @SwitchField({
    description: 'Whether the number was proven. Another number is not, unless the same request says so.',
    fallback: false,
  })
  phone_number_verified?: boolean;

  @described({ description: 'The postal address, replaced as a whole.', fallback: null }, { type: () => Address })
  @IsObject({ message: 'must be an object' })
  @ValidateNested()
  @Type(() => Address)
  address?: Address | null;

  @ObjectField(
    {
      description:
        'Fields of your own, for extended claims: up to 8 kB of JSON, four levels deep. Replaced as a whole.',
      example: { staff_number: '10086' },
      fallback: {},
    },
    customFault,
  )
  custom?: Record<string, unknown>;
}

/** What a request may say of a person. */
export class UserChanges extends UserFields {
  @passwordField('Only ever written. Setting it ends the sign-ins made before.')
  password?: string;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  id?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  has_password?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  created_at?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  updated_at?: never;
}

/** A person who is made or replaced: what is left out has no value. */
export class NewUser extends UserChanges {
  @ApiProperty({ required: true })
  override username: string;
}

/** A person as read: never with the password. */
export class User extends UserFields {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw', description: 'The `sub`.' })
  id: string;

  @AnswerField({ type: Boolean, required: true, description: 'Whether there is a local password.' })
  has_password: boolean;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  created_at: string;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  updated_at: string;
}

export class NewPassword {
  @ApiProperty({ required: true })
  @passwordField('The new password; it ends the sign-ins made before.')
  password: string;
}
