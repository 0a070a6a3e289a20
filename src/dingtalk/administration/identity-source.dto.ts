import { applyDecorators } from '@nestjs/common';
import { ApiHideProperty, ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import {
  AnswerField,
  ChoiceField,
  described,
  FormField,
  ObjectField,
  RefusedField,
  Rule,
  SecretField,
  SwitchField,
  TextField,
  TextListField,
} from '../../admin/fields.js';
import type { MatchBy, NewPeople, PeopleDetails, TrustedEmail } from '../source/identity-source.entity.js';
import {
  aesKeyFault,
  baseUrlFault,
  callbackTokenFault,
  clientSecretFault,
  dingTalkIdFault,
  mappingFault,
  networkFault,
  scheduleFault,
  slugFault,
} from './source-formats.js';

const LONGEST_URL = 500;

const PERCENT = 'must be a whole number from 0 to 100';

/** An organisation's DingTalk without its secrets. Rules about it as a whole are in `source-rules.ts`. */
export class IdentitySourceSettings {
  @TextField({
    description: 'The organisation, as people read it on the sign-in page.',
    example: '克林奇科技',
    longest: 200,
    shortest: 1,
  })
  name?: string;

  @SwitchField({ description: 'Whether it is used at all: for sign-ins, syncs and events.', fallback: true })
  enabled?: boolean;

  @FormField(
    {
      description: 'The organisation’s CorpId, on the home page of DingTalk’s console. Never changed after creation.',
      example: 'dingcorp0001',
      longest: 64,
    },
    dingTalkIdFault,
  )
  corp_id?: string;

  @FormField(
    { description: 'The app’s Client ID (once AppKey).', example: 'dingclinchdemo0001', longest: 128 },
    dingTalkIdFault,
  )
  client_id?: string;

  @TextListField(
    {
      description: 'Addresses and networks that callbacks may come from; none for anywhere.',
      example: ['203.119.0.0/16', '140.205.0.0/16', '106.11.0.0/16', '198.11.0.0/16'],
      fallback: [],
      most: 50,
      longest: 50,
    },
    networkFault,
  )
  callback_networks?: string[];

  @FormField(
    {
      description: 'Where browsers go to sign in.',
      fallback: 'https://login.dingtalk.com',
      longest: LONGEST_URL,
      format: 'uri',
    },
    baseUrlFault,
  )
  login_base_url?: string;

  @FormField(
    { description: 'The newer host.', fallback: 'https://api.dingtalk.com', longest: LONGEST_URL, format: 'uri' },
    baseUrlFault,
  )
  api_base_url?: string;

  @FormField(
    { description: 'The older host.', fallback: 'https://oapi.dingtalk.com', longest: LONGEST_URL, format: 'uri' },
    baseUrlFault,
  )
  oapi_base_url?: string;

  @SwitchField({ description: 'Sign-in outside DingTalk: by QR code or account.', fallback: true })
  browser_sign_in?: boolean;

  @SwitchField({ description: 'The QR code on Clinch’s own sign-in page, where scripts run.', fallback: true })
  embedded_qr?: boolean;

  @SwitchField({ description: 'Silent sign-in inside DingTalk.', fallback: true })
  in_app_sign_in?: boolean;

  @SwitchField({ description: 'Changes come by encrypted HTTP push. Needs both callback keys.', fallback: false })
  callback_events?: boolean;

  @SwitchField({
    description: 'Changes come by Stream mode: a connection from here, so no address must be reachable.',
    fallback: false,
  })
  stream_events?: boolean;

  @ChoiceField(['create', 'refuse'], {
    description: 'What becomes of people of the organisation who have no account yet.',
    fallback: 'create',
  })
  new_people?: NewPeople;

  @TextListField({
    description:
      'Verified values by which a newcomer is matched to an account that is there, in this order. More than none needs ' +
      'the scope `clinch:users:write` as well, and so does believing more while it is set: it hands over accounts.',
    fallback: [],
    most: 2,
    longest: 16,
    choices: ['email', 'phone_number'],
  })
  match_by?: MatchBy[];

  @ChoiceField(['org_email', 'org_email_or_email', 'none'], {
    description: 'Which of the organisation’s mail fields count as verified.',
    fallback: 'org_email',
  })
  trusted_email?: TrustedEmail;

  @SwitchField({ description: 'Whether the organisation’s phone numbers count as verified.', fallback: true })
  trusted_phone?: boolean;

  @ObjectField(
    {
      description:
        'Claims (or `custom.NAME`) and the fields of the organisation’s record that they come from, the first one ' +
        'with a value (`extension.NAME` for the organisation’s own fields); null for the ' +
        'default, which takes no phone numbers: map `phone_number` to `mobile` where apps need it. A phone number that ' +
        'is not mapped is not kept.',
      example: { name: ['name'], email: ['org_email'], 'custom.title': ['title'] },
      fallback: null,
      schema: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
    },
    mappingFault,
  )
  mapping?: Record<string, string[]> | null;

  @FormField(
    {
      description:
        'When the directory is read whole: a cron expression of five fields, in the server’s time zone; null for on ' +
        'demand only. DingTalk asks callers to avoid the full hour.',
      example: '17 3 * * *',
      fallback: null,
      longest: 100,
    },
    scheduleFault,
  )
  sync_schedule?: string | null;

  @SwitchField({ description: 'Whether roles are read as well.', fallback: true })
  sync_roles?: boolean;

  @ChoiceField(['none', 'changed', 'all'], {
    description:
      'For whom the whole record is read, which takes a call each: only it knows the manager, the positions and the ' +
      'enterprise accounts that are disabled.',
    fallback: 'changed',
  })
  sync_details?: PeopleDetails;

  @PercentField({
    description: 'Percent of the people that a sync may disable without asking.',
    fallback: 10,
    example: 10,
  })
  sync_disable_limit?: number;
}

function PercentField(words: Parameters<typeof described>[0]): PropertyDecorator {
  return applyDecorators(
    described(words, { type: 'integer', minimum: 0, maximum: 100 }),
    IsInt({ message: PERCENT }),
    Min(0, { message: PERCENT }),
    Max(100, { message: PERCENT }),
  );
}

/** A source as it is written: with its secrets, which are never read again. */
export class IdentitySourceFields extends IdentitySourceSettings {
  @SecretField({
    description:
      'The app’s Client Secret (once AppSecret). It is kept encrypted and never read again. When `client_id`, ' +
      '`api_base_url` or `oapi_base_url` changes it must be sent along: it is for nobody else than it was given for.',
    example: 'a-secret-of-the-dingtalk-console',
    shortest: 1,
    longest: 500,
  })
  @Rule('secret_form', clientSecretFault)
  client_secret?: string;

  @SecretField({
    description: 'The token of the HTTP callback, 3 to 32 letters or digits; null takes it away. Never read again.',
    fallback: null,
    shortest: 3,
    longest: 32,
  })
  @Rule('token_form', callbackTokenFault)
  callback_token?: string | null;

  @SecretField({
    description:
      'The aes_key of the HTTP callback, 43 letters or digits; null takes it away. Never read again. Both keys are ' +
      'made by `POST /identity-sources/{id}/callback-keys`.',
    fallback: null,
    shortest: 43,
    longest: 43,
  })
  @Rule('aes_key_form', aesKeyFault)
  callback_aes_key?: string | null;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  has_callback_keys?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  created_at?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  updated_at?: never;
}

/** What a change may say of a source. */
export class IdentitySourceChanges extends IdentitySourceFields {
  @ApiHideProperty()
  @RefusedField('cannot be changed: it stands in addresses')
  id?: never;
}

/** A source that is made. */
export class NewIdentitySource extends IdentitySourceFields {
  @FormField(
    {
      description:
        'Stands in addresses that are pasted into DingTalk’s console: 1 to 40 lower-case letters, digits and hyphens. ' +
        'Made from the name when it is left out. Never changed after creation.',
      example: 'acme',
      longest: 40,
    },
    slugFault,
  )
  id?: string;

  @ApiProperty({ required: true })
  override name: string;

  @ApiProperty({ required: true })
  override corp_id: string;

  @ApiProperty({ required: true })
  override client_id: string;

  @ApiProperty({ required: true })
  override client_secret: string;
}

/** A source that is replaced: it keeps id, CorpId and secrets, and what else is left out is as it is by default. */
export class ReplacedIdentitySource extends IdentitySourceChanges {
  @ApiProperty({ required: true })
  override name: string;

  @ApiProperty({ required: true })
  override client_id: string;
}

const TIME = { type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' } as const;

/** A source as it is read: everything but the secrets. */
export class IdentitySourceAnswer extends IdentitySourceSettings {
  @AnswerField({ type: String, required: true, example: 'acme' })
  id: string;

  @AnswerField({ type: Boolean, required: true, description: 'Whether both keys of the HTTP callback are set.' })
  has_callback_keys: boolean;

  @AnswerField(TIME)
  created_at: string;

  @AnswerField(TIME)
  updated_at: string;
}
