import { isEmail } from 'class-validator';
import { isMasked } from './masking.js';

/** Forms of the standard claims (OpenID Connect Core 1.0 §5.1). Each says what is wrong with a text, or nothing. */
export type Format = (text: string) => string | undefined;

const MASKED = 'is masked: leave it out of a change, or send the whole of it';

export const emailFault: Format = (text) => {
  if (isMasked(text)) return MASKED;
  return isEmail(text, { require_tld: false }) ? undefined : 'must be an e-mail address';
};

/** E.164: what OpenID Connect recommends, and the only form that means the same everywhere. */
export const phoneNumberFault: Format = (text) => {
  if (isMasked(text)) return MASKED;
  return /^\+[1-9]\d{3,14}$/.test(text) ? undefined : 'must be + and digits, such as +8613800138000';
};

/** ISO 8601-1 YYYY-MM-DD; the year 0000 says that it is not told; the year alone will do. */
export const birthdateFault: Format = (text) => {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})-(\d{2}))?$/.exec(text) ?? [];
  const problem = 'must be YYYY-MM-DD, or YYYY, or 0000-MM-DD';
  if (year === undefined) return problem;
  if (month === undefined) return year === '0000' ? problem : undefined;
  // 2000 has a 29 February, as an untold year might.
  const date = new Date(`${year === '0000' ? '2000' : year}-${month}-${day ?? ''}T00:00:00Z`);
  return date.getUTCDate() === Number(day) ? undefined : 'is no day of the calendar';
};

export const zoneinfoFault: Format = (text) => {
  // Intl takes offsets too, which are no zones of the tz database.
  const known =
    /^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(text) && isAccepted(() => new Intl.DateTimeFormat('en', { timeZone: text }));
  return known ? undefined : 'must be a zone of the tz database, such as Asia/Shanghai';
};

export const localeFault: Format = (text) =>
  isAccepted(() => Intl.getCanonicalLocales(text)) ? undefined : 'must be a BCP 47 language tag, such as zh-CN';

export const webPageFault: Format = (text) => {
  if (!/^https?:\/\/[^/?#\s]/i.test(text) || !URL.canParse(text)) return 'must be an http or https address';
  const { username, password } = new URL(text);
  if (username !== '' || password !== '') return 'may not hold a user name or a password';
  return /[\s\p{Cc}"<>\\^`{|}]/u.test(text) ? 'holds a character that no URI has' : undefined;
};

function isAccepted(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

const LARGEST_CUSTOM = 8_192;
const DEEPEST_CUSTOM = 4;

/** Fields of the organisation's own. */
export function customFault(value: object): string | undefined {
  if (depthOf(value) > DEEPEST_CUSTOM) return `may be nested ${DEEPEST_CUSTOM} levels deep`;
  const size = Buffer.byteLength(JSON.stringify(value));
  return size > LARGEST_CUSTOM ? `may have ${LARGEST_CUSTOM} bytes as JSON; it has ${size}` : undefined;
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map((member) => depthOf(member)));
}
