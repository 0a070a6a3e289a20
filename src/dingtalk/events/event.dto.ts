import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { AnswerField } from '../../admin/fields.js';
import { ListQuery } from '../../admin/list-page.js';
import type { EventChannelKind, EventState, SubjectKind } from './directory-event.entity.js';

const STATES = ['pending', 'working', 'done', 'failed'] as const satisfies readonly EventState[];
const KINDS = ['callback', 'stream', 'failed_list'] as const satisfies readonly EventChannelKind[];
const SUBJECTS = ['person', 'department', 'role', 'none'] as const satisfies readonly SubjectKind[];

const TIME = { type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' } as const;
const OPTIONAL_TIME = { ...TIME, nullable: true } as const;

/** Which events of a source. */
export class EventQuery extends ListQuery {
  @ApiProperty({ enum: STATES, required: false, description: 'Only those in this state.' })
  @IsOptional()
  @IsIn([...STATES], { message: `must be one of: ${STATES.join(', ')}` })
  state?: string;

  @ApiProperty({ type: String, required: false, description: 'Only those of this type, such as `user_leave_org`.' })
  @IsOptional()
  @Matches(/^[\w.:-]{1,64}$/, { message: 'must be the type of an event' })
  type?: string;
}

/** What an event of DingTalk said of one person, department or role, and what became of it. */
export class DirectoryEvent {
  @AnswerField({ type: String, required: true, example: '7c0WpZzq2nmnYw3pZ1y0bq2ZsYtG7o3W8yGJY0b7s9k' })
  id: string;

  @AnswerField({
    type: String,
    required: true,
    example: 'c7c7120f2c07419',
    description: 'DingTalk’s id of the event; the audit log has it as `event ID`.',
  })
  event_id: string;

  @AnswerField({ type: String, required: true, example: 'user_leave_org' })
  type: string;

  @AnswerField({ enum: SUBJECTS, required: true, example: 'person' })
  subject_kind: SubjectKind;

  @AnswerField({
    type: String,
    required: true,
    example: 'manager4220',
    description:
      'The user id, or the number of the department or role. An event about several is listed once for each.',
  })
  subject: string;

  @AnswerField({
    type: Object,
    required: true,
    example: { timeStamp: '1700000001000' },
    description: 'What it said, without values of personal fields: `changed` and `emptied` name them.',
  })
  payload: object;

  @AnswerField({ enum: KINDS, required: true, example: 'stream', description: 'How it came first.' })
  via: EventChannelKind;

  @AnswerField(TIME)
  received_at: string;

  @AnswerField({ ...OPTIONAL_TIME, description: 'When it happened, by DingTalk’s clock.' })
  born_at: string | null;

  @AnswerField({ enum: STATES, required: true, example: 'done' })
  state: EventState;

  @AnswerField({ type: 'integer', required: true, example: 0, description: 'How often it had to be put off.' })
  attempts: number;

  @AnswerField({ ...OPTIONAL_TIME, example: null, description: 'When it is tried next.' })
  next_attempt_at: string | null;

  @AnswerField(OPTIONAL_TIME)
  finished_at: string | null;

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    example: 'departed',
    description:
      'What came of reading the subject again: `updated`, `unchanged`, `departed`, `refused`, `refreshed`, `noted`; ' +
      '`still_there` and `not_there` when DingTalk went on contradicting the event.',
  })
  outcome: string | null;

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    example: null,
    description: 'Why it failed, or has to be tried again.',
  })
  error: string | null;
}

/** How a source’s events come to one node. */
export class EventChannel {
  @AnswerField({ enum: KINDS, required: true, example: 'stream' })
  kind: EventChannelKind;

  @AnswerField({ type: String, required: true, example: 'id-1.example 4711 mH3vAq', description: 'Host and process.' })
  node: string;

  @AnswerField({
    ...OPTIONAL_TIME,
    description: 'Of a stream: since when the connection is open; null while this node has none.',
  })
  connected_since: string | null;

  @AnswerField({ ...OPTIONAL_TIME, description: 'The last frame, callback or answer that was all right.' })
  last_seen_at: string | null;

  @AnswerField(OPTIONAL_TIME)
  last_event_at: string | null;

  @AnswerField({ type: 'integer', required: true, example: 42, description: 'Stored since the node started.' })
  events: number;

  @AnswerField({ type: 'integer', required: true, example: 0, description: 'Since the node started.' })
  failures: number;

  @AnswerField({ ...OPTIONAL_TIME, example: null })
  last_failure_at: string | null;

  @AnswerField({ type: String, required: true, nullable: true, example: null })
  last_failure: string | null;

  @AnswerField({ ...TIME, description: 'A node that has said nothing for a while may be gone.' })
  updated_at: string;
}
