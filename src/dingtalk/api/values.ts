/**
 * Values of DingTalk's answers. Its own samples show numbers and booleans as strings and lists as single members, so
 * each is read in every form that it may have; undefined is for what is in none of them.
 */

export type Json = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** A list, a list in JSON, or its only member. */
export function listOf(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const parsed = typeof value === 'string' && value.startsWith('[') ? parsedOf(value) : value;
  return Array.isArray(parsed) ? (parsed as unknown[]) : [parsed];
}

export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** A whole number. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

export function flagOf(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
}

/** The value of a JSON text; the error of a parser would quote it, and it may hold a token. */
export function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Control characters, those that turn the reading direction, and halves of characters. */
const UNSEEN = /[\p{Cc}\p{Surrogate}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Text without what nobody sees, as a page may show it. */
export function seen(text: string): string {
  return text.replace(UNSEEN, '');
}

/** An id, which must be believed as it stands or not at all: with a character taken out it could be somebody else's. */
export function idOf(value: unknown): string | undefined {
  const id = textOf(value);
  return id !== undefined && /^[\x21-\x7e]{1,128}$/.test(id) ? id : undefined;
}

/** The id of a department. Below 1 stand groups that are none, and every call about them fails. */
export function departmentIdOf(value: unknown): number | undefined {
  const id = numberOf(value);
  return id !== undefined && id >= 1 ? id : undefined;
}
