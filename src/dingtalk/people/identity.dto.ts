import { AnswerField, FormField } from '../../admin/fields.js';

const sourceFault = (text: string) => (/^[a-z0-9-]{1,64}$/.test(text) ? undefined : 'must be the id of a source');
const useridFault = (text: string) =>
  /^[^\p{Cc}\s]{1,128}$/u.test(text) ? undefined : 'must be a user id of DingTalk';

/** Whom an account shall be in an organisation. */
export class NewIdentity {
  @FormField({ description: 'The identity source.', example: 'acme', longest: 64 }, sourceFault)
  source: string;

  @FormField({ description: "The person's user id in DingTalk.", example: 'manager4220', longest: 128 }, useridFault)
  user_id: string;
}

/** Who an account is in an organisation's directory. */
export class Identity {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'acme' })
  source: string;

  @AnswerField({
    type: String,
    required: true,
    example: 'manager4220',
    description: "The organisation's id of the person; it may have been given to somebody else since (`current`).",
  })
  user_id: string;

  @AnswerField({
    type: String,
    required: true,
    example: 'iSiPiPiPUNION0001',
    description: 'What sign-ins are joined by.',
  })
  union_id: string;

  @AnswerField({ type: Boolean, required: true, description: 'Whether the user id is still this person’s.' })
  current: boolean;

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    format: 'date-time',
    example: null,
    description: 'Since when the person is not in the organisation; null while they are.',
  })
  left_at: string | null;
}
