import { AnswerField, FormField } from '../admin/fields.js';

/** RFC 3339 §5.6, the form that dates of the admin API have. */
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

function expiryFault(text: string): string | undefined {
  const time = Date.parse(text);
  if (!DATE_TIME.test(text) || Number.isNaN(time)) return 'must be a time such as 2027-01-31T08:15:00Z';
  return time <= Date.now() ? 'must be in the future' : undefined;
}

/** What may be said of a secret that is to be made. The secret itself is always Clinch's. */
export class NewSecret {
  @FormField(
    {
      description: 'When it ends by itself; null: never.',
      example: '2099-12-31T00:00:00Z',
      fallback: null,
      longest: 40,
      format: 'date-time',
    },
    expiryFault,
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
