import { AnswerField, ChoiceField, SwitchField } from '../admin/fields.js';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../protocol/signing-algorithm.js';
import type { SigningKeyState } from '../token-signing/signing-key.entity.js';

const TIME = { type: String, format: 'date-time' } as const;
const OPTIONAL_TIME = { ...TIME, nullable: true } as const;

/** A moment at which something becomes of a key by itself. */
export class KeyEvent {
  @AnswerField({ type: String, enum: ['signing', 'retiring', 'gone'], description: 'The state that it comes into.' })
  state: Exclude<SigningKeyState, 'announced'>;

  @AnswerField({ ...TIME, description: 'When.' })
  at: string;
}

/** A signing key; its private half never leaves the server. */
export class SigningKey {
  @AnswerField({ type: String, description: 'The RFC 7638 thumbprint of the public key, as in the header of tokens.' })
  kid: string;

  @AnswerField({ type: String, enum: [...SIGNING_ALGORITHMS], description: 'The one algorithm that it is used with.' })
  alg: SigningAlgorithm;

  @AnswerField({
    type: String,
    enum: ['announced', 'signing', 'retiring', 'gone'],
    description:
      '`announced`: published, does not sign yet. `signing`. `retiring`: published for what it signed. `gone`: not ' +
      'published; its private half is destroyed.',
  })
  state: SigningKeyState;

  @AnswerField({ ...TIME, description: 'When it was made.' })
  created_at: string;

  @AnswerField({ ...OPTIONAL_TIME, description: 'When it begins, or began, to sign.' })
  signs_from: string | null;

  @AnswerField({ ...OPTIONAL_TIME, description: 'When another one signs in its place.' })
  retires_at: string | null;

  @AnswerField({
    ...OPTIONAL_TIME,
    description: 'When the last token that it signed is over, and it is not published any more.',
  })
  gone_at: string | null;

  @AnswerField({ ...OPTIONAL_TIME, description: 'When it was revoked, if it was.' })
  revoked_at: string | null;

  @AnswerField({
    type: 'object',
    additionalProperties: true,
    description: 'The public key as it is published at `/oidc/jwks` (RFC 7517).',
  })
  public_jwk: Record<string, unknown>;

  @AnswerField({ type: () => KeyEvent, isArray: true, description: 'What becomes of it by itself, in this order.' })
  next: KeyEvent[];
}

/** What a rotation is to do. */
export class Rotation {
  @ChoiceField(SIGNING_ALGORITHMS, { description: 'Only the key of this algorithm. Left out: all of them.' })
  alg?: SigningAlgorithm;

  @SwitchField({
    description:
      'Whether the next keys sign at once instead of being announced first. Apps that keep the old key set for its five ' +
      'minutes then refuse the new tokens for as long.',
    fallback: false,
  })
  immediately?: boolean;
}

/** The keys that sign from then on. */
export class RotationResult {
  @AnswerField({ type: () => SigningKey, isArray: true, description: 'The next key of each algorithm.' })
  keys: SigningKey[];
}

/** What a revocation is to do. */
export class Revocation {
  @SwitchField({ description: 'Only says what would come of it.', fallback: false })
  dry_run?: boolean;
}

/** An app that has tokens of a key. */
export class AffectedApp {
  @AnswerField({ type: String })
  client_id: string;

  @AnswerField({ type: String })
  client_name: string;

  @AnswerField({ type: Boolean, description: 'Its id tokens and logout tokens are signed with the key.' })
  id_tokens: boolean;

  @AnswerField({ type: Boolean, description: 'Access tokens that were issued to it are signed with the key.' })
  access_tokens: boolean;

  @AnswerField({
    type: 'integer',
    description: 'Refresh tokens that are live: with them it comes to good tokens by itself, without the person.',
  })
  refresh_tokens: number;

  @AnswerField({ type: 'integer', description: 'Sign-ins of people in it within the last day.' })
  sign_ins: number;
}

/** What comes of the revocation of a key, or would. */
export class RevocationResult {
  @AnswerField({ type: () => SigningKey })
  key: SigningKey;

  @AnswerField({ type: Boolean, description: 'Nothing was done.' })
  dry_run: boolean;

  @AnswerField({
    type: String,
    nullable: true,
    description:
      'The `kid` of the key that signs from then on; null where the key did not sign, or it is yet to be made.',
  })
  successor: string | null;

  @AnswerField({
    type: 'integer',
    description: 'Seconds: apps and APIs that keep the key set believe in the key for up to so long.',
  })
  verifiers_cache_seconds: number;

  @AnswerField({ type: Boolean, description: 'All access tokens that the key signed are refused, here and by APIs.' })
  access_tokens: boolean;

  @AnswerField({
    type: 'integer',
    nullable: true,
    description: 'Apps whose id tokens are of the key’s algorithm; null where they could not be counted in time.',
  })
  apps_total: number | null;

  @AnswerField({
    type: () => AffectedApp,
    isArray: true,
    nullable: true,
    description:
      'The hundred with the most live tokens, of those; null where they could not be counted in time. Up to 100,000 refresh ' +
      'tokens and 100,000 sign-ins are counted: beyond that the numbers are those of a sample.',
  })
  apps: AffectedApp[] | null;

  @AnswerField({ type: String, isArray: true, description: 'What fails, and what goes on, in words.' })
  consequences: string[];
}
