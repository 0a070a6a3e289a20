import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { AnswerField } from '../admin/fields.js';
import { ListQuery } from '../admin/list-page.js';

/** Whose sessions. */
export class SessionQuery extends ListQuery {
  @ApiProperty({ type: String, required: false, description: 'Only those of this person.' })
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,64}$/, { message: 'must be an id' })
  user_id?: string;
}

const time = { type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' } as const;

/** A browser that somebody is signed in with. */
export class SessionAnswer {
  @AnswerField({ type: String, required: true, example: 'Zb1RrGc4iVTSs6wQm0p9Ug', description: 'The `sid` of tokens.' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  user_id: string;

  @AnswerField({ ...time, description: 'When the person proved who they are.' })
  auth_time: string;

  @AnswerField({ ...time, description: 'When it began.' })
  started_at: string;

  @AnswerField({ ...time, description: 'When it was last used, to some minutes.' })
  last_used_at: string;

  @AnswerField({ ...time, description: 'When it ends at the latest; without use it ends sooner.' })
  expires_at: string;

  @AnswerField({ type: String, required: true, example: 'urn:clinch:acr:single-factor' })
  acr: string;

  @AnswerField({ type: [String], required: true, example: ['pwd'] })
  amr: string[];

  @AnswerField({
    type: String,
    required: true,
    example: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
    description: 'What the browser says that it is. It can say anything.',
  })
  user_agent: string;

  @AnswerField({
    type: String,
    required: true,
    example: '203.0.113.7',
    description: 'Where it came from when it began.',
  })
  address: string;

  @AnswerField({
    type: [String],
    required: true,
    example: ['expenses'],
    description: 'The `client_id`s of the apps that were entered in it.',
  })
  apps: string[];
}

/** What a sign-out did. */
export class SignOutAnswer {
  @AnswerField({ type: 'integer', required: true, example: 2, description: 'Sessions that were ended.' })
  sessions: number;

  @AnswerField({
    type: 'integer',
    required: true,
    example: 3,
    description: 'Apps that are told by back-channel logout, once for each session.',
  })
  logout_notices: number;
}
