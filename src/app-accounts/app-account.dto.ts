import { ApiHideProperty, ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { AnswerField, FormField, RefusedField } from '../admin/fields.js';
import { ListQuery } from '../admin/list-page.js';
import { LONGEST_USERNAME, usernameFault } from './app-account-name.js';

const ID = /^[\x21-\x7e]{1,64}$/;

/** Whose names. */
export class AppAccountQuery extends ListQuery {
  @ApiProperty({ type: String, required: false, description: 'Only those of this person.' })
  @IsOptional()
  @Matches(ID, { message: 'must be an id' })
  user?: string;
}

/** What a request may change of a name in an app. */
export class AppAccountChanges {
  @FormField(
    {
      description:
        'What the person is called in the app: the `preferred_username`. Each once in an app, whatever the case of its letters.',
      example: 'li.hua',
      longest: LONGEST_USERNAME,
    },
    usernameFault,
  )
  username?: string;

  @ApiHideProperty()
  @RefusedField('cannot be changed: delete this one, and give the person another')
  user?: never;

  @ApiHideProperty()
  @RefusedField('is made by Clinch; leave it out')
  id?: never;
}

/** A name in an app that is given to somebody. */
export class NewAppAccount {
  @ApiProperty({ required: true })
  @FormField({ description: 'The id of the person.', example: 'mH3vAqYk0yq3n2mRcdQ1Zw', longest: 64 }, (text) =>
    ID.test(text) ? undefined : 'must be an id',
  )
  user: string;

  @ApiProperty({ required: true })
  @FormField(
    {
      description:
        'What the person is called in the app: the `preferred_username`. Each once in an app, whatever the case of its letters.',
      example: 'li.hua',
      longest: LONGEST_USERNAME,
    },
    usernameFault,
  )
  username: string;

  @ApiHideProperty()
  @RefusedField('is made by Clinch; leave it out')
  id?: never;
}

/** A name in an app as it is read. */
export class AppAccountAnswer {
  @AnswerField({ type: String, required: true, example: 'Yk0yq3n2mRcdQ1ZwmH3vAq' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  user: string;

  @AnswerField({ type: String, required: true, example: 'li.hua' })
  username: string;

  @AnswerField({
    type: String,
    required: true,
    enum: ['hand', 'rule'],
    example: 'hand',
    description: 'By whom it was given: by the app’s `account_rule` at its first use, or by an administrator.',
  })
  made_by: 'hand' | 'rule';

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    format: 'date-time',
    example: null,
    description: 'When the person last chose it among several.',
  })
  chosen_at: string | null;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  created_at: string;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  updated_at: string;
}
