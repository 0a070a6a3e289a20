import { createHash } from 'node:crypto';

/** RoleSessionName of AssumeRoleWithOIDC. */
const FITTING = /^[A-Za-z0-9.@_-]{2,64}$/;
const LONGEST = 64;
/** Hexadecimal digits: 48 bits tell the people of an organisation apart. */
const DIGEST_LENGTH = 12;
const ENDS_LIKE_A_DIGEST = /-[0-9a-f]{12}$/;

/** What the person could be called, first choice first. */
export interface NameChoice {
  readonly text: string | undefined;
  /** False where two people can have the same, as with e-mail addresses. Counts for the first choice only. */
  readonly unique: boolean;
}

/**
 * The name by which the audit trail of Alibaba Cloud knows the person. Nobody has that of another: what is not unique by
 * itself, or had to be changed to fit, has a digest of the account's id at its end, and nothing else may end like one. So
 * has whatever stands in for the first choice: a user name can be the same word as another person's name in the app.
 *
 * @param choices the first that has a letter or a digit of ASCII is taken
 */
export function sessionName(accountId: string, choices: readonly NameChoice[]): string {
  const index = choices.findIndex(({ text }) => fitted(text) !== '');
  const { text = '', unique } = choices[index] ?? { text: 'user', unique: false };
  if (index === 0 && unique && FITTING.test(text) && !ENDS_LIKE_A_DIGEST.test(text)) return text;
  const digest = createHash('sha256').update(accountId).digest('hex').slice(0, DIGEST_LENGTH);
  return `${fitted(text).slice(0, LONGEST - DIGEST_LENGTH - 1)}-${digest}`;
}

/** What of a text can stay, with one underscore for whatever cannot; empty when nothing of it is left to read. */
function fitted(text = ''): string {
  const kept = text.normalize('NFKC').replace(/[^A-Za-z0-9.@_-]+/g, '_');
  return /[A-Za-z0-9]/.test(kept) ? kept.replace(/^_+|_+$/g, '') : '';
}
