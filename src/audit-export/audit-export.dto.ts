import {
  AnswerField,
  ChoiceField,
  FormField,
  SecretField,
  SwitchField,
  TextField,
  WholeNumberField,
} from '../admin/fields.js';
import { addressFormFault } from './export-address.js';

const OPTIONAL_TIME = { type: String, required: true, nullable: true, format: 'date-time' } as const;
const TIME = { type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' } as const;

/** What a destination is made of. */
class AuditExportFields {
  @TextField({ description: 'For people.', example: 'SIEM', longest: 100, shortest: 1 })
  name?: string;

  @FormField(
    {
      description:
        'Of a webhook an https address; of syslog `tls://HOST:PORT` (RFC 5425) or `tcp://HOST:PORT` (RFC 6587 with octet ' +
        'counting). Private addresses have to be allowed by CLINCH_OUTBOUND_ALLOW.',
      example: 'https://siem.example.com/clinch',
      longest: 2_000,
    },
    addressFormFault,
  )
  address?: string;

  @ChoiceField(['json', 'ndjson'], {
    description: 'The body of a webhook: a JSON list, or one event on each line.',
    example: 'json',
    fallback: 'json',
  })
  format?: 'json' | 'ndjson';

  @SecretField({
    description: 'What the bodies of a webhook are signed with (HMAC-SHA-256). It never comes back.',
    shortest: 32,
    longest: 200,
  })
  secret?: string;

  @SwitchField({
    description:
      'Whether events are sent. They wait while it is off, for as long as events are kept (`audit_retention_days`): what is ' +
      'deleted by then is lost to it, which `last_error` says.',
    example: true,
    fallback: true,
  })
  enabled?: boolean;
}

/** What of a destination can be changed. */
export class AuditExportChanges extends AuditExportFields {
  @WholeNumberField({
    description: 'Skips events that it does not take: what follows this `seq` is sent next. It can only grow.',
    example: 4711,
    unit: 'events',
    from: 0,
    to: Number.MAX_SAFE_INTEGER,
  })
  position?: number;
}

/** A destination to be made. It begins with what happens from then on. */
export class NewAuditExport extends AuditExportFields {
  @ChoiceField(['webhook', 'syslog'], { description: 'The kind of destination.', example: 'webhook' })
  kind?: 'webhook' | 'syslog';
}

/** Somewhere that audit events are sent to. */
export class AuditExport {
  @AnswerField({ type: String, required: true, example: 'oZx0mH3vAqPzq2nmnYw3pA' })
  id: string;

  @AnswerField({ enum: ['webhook', 'syslog'], required: true, example: 'webhook' })
  kind: string;

  @AnswerField({ type: String, required: true, example: 'SIEM' })
  name: string;

  @AnswerField({ type: String, required: true, example: 'https://siem.example.com/clinch' })
  address: string;

  @AnswerField({ enum: ['json', 'ndjson'], required: true, example: 'json' })
  format: string;

  @AnswerField({ type: Boolean, required: true, example: true })
  enabled: boolean;

  @AnswerField({
    type: 'integer',
    required: true,
    example: 4711,
    description: 'The last event that arrived: its `seq`.',
  })
  position: number;

  @AnswerField({ type: 'integer', required: true, example: 0, description: 'Attempts that failed in a row.' })
  failures: number;

  @AnswerField({ ...OPTIONAL_TIME, example: null })
  next_attempt_at: string | null;

  @AnswerField({ ...OPTIONAL_TIME, example: '2026-01-31T08:15:00.000Z' })
  last_sent_at: string | null;

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    example: null,
    description: 'Of the last attempt, or which events were lost: deleted by retention before they had been sent.',
  })
  last_error: string | null;

  @AnswerField(TIME)
  created_at: string;

  @AnswerField(TIME)
  updated_at: string;
}
