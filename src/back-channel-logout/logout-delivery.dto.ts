import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { AnswerField } from '../admin/fields.js';
import { ListQuery } from '../admin/list-page.js';
import type { LogoutNoticeState } from './logout-notice.entity.js';

const STATES = ['pending', 'delivered', 'failed'] as const satisfies readonly LogoutNoticeState[];

const TIME = { type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' } as const;
const OPTIONAL_TIME = { ...TIME, nullable: true } as const;
const OPTIONAL_TEXT = { type: String, required: true, nullable: true } as const;

/** Which deliveries. */
export class LogoutDeliveryQuery extends ListQuery {
  @ApiProperty({ type: String, required: false, description: 'Only those to this app.' })
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,64}$/, { message: 'must be the id of an app' })
  client_id?: string;

  @ApiProperty({ type: String, required: false, description: 'Only those about this person, who may be gone by now.' })
  @IsOptional()
  @Matches(/^[\w-]{1,64}$/, { message: 'must be the id of a person' })
  user_id?: string;

  @ApiProperty({ enum: STATES, required: false, description: 'Only those in this state.' })
  @IsOptional()
  @IsIn([...STATES], { message: `must be one of: ${STATES.join(', ')}` })
  state?: string;
}

/** That an app is told of a sign-out, and how that went. */
export class LogoutDelivery {
  @AnswerField({ type: String, required: true, example: 'oZx0mH3vAqPzq2nmnYw3pA' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'expenses' })
  client_id: string;

  @AnswerField({ type: String, required: true, example: '7c0WpZzq2nmnYw3pZ1y0bg' })
  user_id: string;

  @AnswerField({
    ...OPTIONAL_TEXT,
    example: 'kVb9sYtG7o3W8yGJY0b7sA',
    description:
      'The `sid` that the app knows; null for a device that somebody let in, and for sessions that had run out.',
  })
  session_id: string | null;

  @AnswerField({
    type: String,
    required: true,
    example: 'sign_out person',
    description: 'What led to it, in the words of the audit log.',
  })
  cause: string;

  @AnswerField({
    enum: STATES,
    required: true,
    example: 'delivered',
    description: '`failed`: given up; it can be replayed.',
  })
  state: LogoutNoticeState;

  @AnswerField({ type: 'integer', required: true, example: 1, description: 'Those that are over.' })
  attempts: number;

  @AnswerField({ ...OPTIONAL_TIME, example: null, description: 'When the app is told next.' })
  next_attempt_at: string | null;

  @AnswerField(OPTIONAL_TIME)
  delivered_at: string | null;

  @AnswerField({
    type: 'integer',
    required: true,
    nullable: true,
    example: 200,
    description: 'HTTP status of the last answer; null when there was none.',
  })
  last_status: number | null;

  @AnswerField({ ...OPTIONAL_TEXT, example: null, description: 'What went wrong the last time.' })
  last_error: string | null;

  @AnswerField(TIME)
  created_at: string;
}
