import { AnswerField, TimeField } from '../admin/fields.js';

/** What may be said of a secret that is to be made. The secret itself is always Clinch's. */
export class NewSecret {
  @TimeField(
    { description: 'When it ends by itself; null: never.', example: '2099-12-31T00:00:00Z', fallback: null },
    (time) => (time.getTime() <= Date.now() ? 'must be in the future' : undefined),
  )
  expires_at?: string | null;
}

/** A secret as it is read: what is known about it, never itself. */
export class AppSecret {
  @AnswerField({ type: String, required: true, example: 'Yk0yq3n2mRcdQ1ZwmH3vAq' })
  id: string;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  created_at: string;

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    format: 'date-time',
    example: null,
    description: 'When it ends by itself.',
  })
  expires_at: string | null;

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    format: 'date-time',
    example: '2026-02-01T10:00:00.000Z',
    description: 'To the minute.',
  })
  last_used_at: string | null;
}

/** A secret as it is answered when it was made. */
export class FreshSecret {
  @AnswerField({ type: String, required: true, example: 'Yk0yq3n2mRcdQ1ZwmH3vAq' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'clinch_cs_…', description: 'Shown this once.' })
  client_secret: string;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  created_at: string;

  @AnswerField({ type: String, required: true, nullable: true, format: 'date-time', example: null })
  expires_at: string | null;
}
