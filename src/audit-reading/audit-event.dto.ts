import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { AnswerField, TimeField } from '../admin/fields.js';
import { ListQuery } from '../admin/list-page.js';

const OUTCOMES = ['success', 'failure'] as const;
const LOCALES = ['zh-CN', 'en'] as const;

const TEXT = { type: String, required: true } as const;
const OPTIONAL_TEXT = { type: String, required: true, nullable: true } as const;
const TIME = { type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' } as const;

function Filter(description: string, pattern = /^[\x21-\x7e]{1,250}$/): PropertyDecorator {
  return (target, property) => {
    ApiProperty({ type: String, required: false, description })(target, property);
    IsOptional()(target, property);
    Matches(pattern, { message: 'is not of the form that it has in events' })(target, property);
  };
}

/** Which events. */
export class AuditEventQuery extends ListQuery {
  @Filter('Only what happened of this kind, such as `sign_in.failed`.', /^[a-z_]{1,40}\.[a-z_]{1,40}$/)
  event?: string;

  @ApiProperty({ enum: OUTCOMES, required: false, description: 'Only what went so.' })
  @IsOptional()
  @IsIn([...OUTCOMES], { message: `must be one of: ${OUTCOMES.join(', ')}` })
  outcome?: string;

  @Filter('Only what this app did.')
  client_id?: string;

  @Filter('Only what this person did, or what happened to them.')
  user_id?: string;

  @Filter('Only what happened to things of this kind, such as `group`.', /^[a-z_]{1,32}$/)
  subject_type?: string;

  @Filter('Only what happened to the thing of this id.')
  subject_id?: string;

  @Filter('Only what is about this app.')
  app?: string;

  @Filter('Only what happened in the request of this trace id: it stands on error pages, and in `X-Request-Id`.')
  trace_id?: string;

  @Filter('Only what belongs to this sign-in.')
  flow_id?: string;

  @TimeField({ description: 'Only from this moment on.', example: '2026-01-31T00:00:00Z' })
  from?: string;

  @TimeField({ description: 'Only before this moment.', example: '2026-02-01T00:00:00Z' })
  to?: string;
}

/** The language of a time line. */
export class TimelineQuery {
  @ApiProperty({
    enum: LOCALES,
    required: false,
    description: 'The language of the words. As `Accept-Language` says unless it is here.',
  })
  @IsOptional()
  @IsIn([...LOCALES], { message: `must be one of: ${LOCALES.join(', ')}` })
  locale?: string;
}

/** What something happened to. */
export class AuditEventSubject {
  @AnswerField({ ...TEXT, example: 'group' })
  type: string;

  @AnswerField({ ...TEXT, example: 'oZx0mH3vAqPzq2nmnYw3pA' })
  id: string;
}

/** Something that happened. */
export class AuditEvent {
  @AnswerField({ ...TEXT, example: 'oZx0mH3vAqPzq2nmnYw3pA' })
  id: string;

  @AnswerField(TIME)
  at: string;

  @AnswerField({ ...TEXT, example: 'group.changed' })
  event: string;

  @AnswerField({ enum: OUTCOMES, required: true, example: 'success' })
  outcome: string;

  @AnswerField({ ...OPTIONAL_TEXT, example: 'operations', description: 'The app that did it.' })
  client_id: string | null;

  @AnswerField({ ...OPTIONAL_TEXT, example: null, description: 'The person who did it.' })
  user_id: string | null;

  @AnswerField({
    ...OPTIONAL_TEXT,
    example: '192.0.2.*',
    description: 'Where it came from. Without `clinch:personal-data:read` its network only.',
  })
  address: string | null;

  @AnswerField({ ...OPTIONAL_TEXT, example: 'Mozilla/5.0' })
  user_agent: string | null;

  @AnswerField({ type: () => AuditEventSubject, required: true, nullable: true, description: 'What it happened to.' })
  subject: AuditEventSubject | null;

  @AnswerField({ ...OPTIONAL_TEXT, example: null, description: 'The app that it is about.' })
  app: string | null;

  @AnswerField({ ...OPTIONAL_TEXT, example: '1c7a5e0e-5b8c-4a4e-8f58-0b9d3d3b2c11' })
  trace_id: string | null;

  @AnswerField({ ...OPTIONAL_TEXT, example: null, description: 'What the requests of one sign-in have in common.' })
  flow_id: string | null;

  @AnswerField({ ...TEXT, example: 'clinch-1:4711', description: 'The process that wrote it.' })
  node: string;

  @AnswerField({ ...OPTIONAL_TEXT, example: null, description: 'Why it was refused or failed.' })
  reason: string | null;

  @AnswerField({
    type: 'object',
    additionalProperties: true,
    example: { before: { name: 'Sales' }, after: { name: 'Sales and service' } },
    description: 'What else is known of it. Secrets stand as `[secret]`, e-mail addresses and phone numbers masked.',
  })
  details: Record<string, unknown>;

  @AnswerField({ type: 'integer', required: true, nullable: true, example: 12, description: 'Its place in the chain.' })
  seq: number | null;

  @AnswerField({ ...OPTIONAL_TEXT, example: null, description: 'SHA-256 over the hash before and the event.' })
  hash: string | null;
}

/** Something that happened, in plain words. */
export class TimelineEntry {
  @AnswerField({ ...TEXT, example: 'oZx0mH3vAqPzq2nmnYw3pA', description: 'Of the event.' })
  id: string;

  @AnswerField(TIME)
  at: string;

  @AnswerField({ ...TEXT, example: 'sign_in.failed' })
  event: string;

  @AnswerField({ enum: OUTCOMES, required: true, example: 'failure' })
  outcome: string;

  @AnswerField({ ...TEXT, example: 'A sign-in with user name and password failed.' })
  what: string;

  @AnswerField({ ...OPTIONAL_TEXT, example: 'The password did not fit.' })
  why: string | null;

  @AnswerField({ ...OPTIONAL_TEXT, example: 'Let the person try once more, or set a new password for them.' })
  advice: string | null;

  @AnswerField(OPTIONAL_TEXT)
  trace_id: string | null;
}

/** One sign-in, from beginning to end. */
export class Timeline {
  @AnswerField({ ...TEXT, example: '1c7a5e0e-5b8c-4a4e-8f58-0b9d3d3b2c11' })
  trace_id: string;

  @AnswerField({ enum: ['signed_in', 'failed', 'open'], required: true, example: 'failed' })
  state: 'signed_in' | 'failed' | 'open';

  @AnswerField({ ...TEXT, example: 'The sign-in at “Expenses” failed.' })
  summary: string;

  @AnswerField({ ...OPTIONAL_TEXT, example: 'The password did not fit.' })
  why: string | null;

  @AnswerField({ ...OPTIONAL_TEXT, example: 'Let the person try once more, or set a new password for them.' })
  advice: string | null;

  @AnswerField({ ...OPTIONAL_TEXT, example: 'expenses', description: 'The app that it is about.' })
  client_id: string | null;

  @AnswerField({ ...OPTIONAL_TEXT, example: null, description: 'The person, once that is known.' })
  user_id: string | null;

  @AnswerField({ type: () => TimelineEntry, isArray: true, required: true })
  entries: TimelineEntry[];
}
