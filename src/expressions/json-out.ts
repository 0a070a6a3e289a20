import { Optional } from '@marcbachmann/cel-js';
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import type { JsonValue } from './expression-facts.js';
import { DEEPEST_VALUE } from './limits.js';

/** Why a value cannot stand in JSON. */
export class NoJsonError extends Error {
  constructor(
    message: string,
    readonly kind: 'error' | 'size',
  ) {
    super(message);
  }
}

/**
 * A value of the engine's as JSON text, with the members of maps in the order of their names if `sorted`.
 *
 * @throws {NoJsonError} for what JSON has no form for, and for more than `most` bytes
 */
export function jsonText(value: unknown, most: number, sorted = false): string {
  const text = JSON.stringify(plainValue(value, { most, left: most, sorted }, 0));
  if (Buffer.byteLength(text) > most) throw tooLarge(most);
  return text;
}

/** `left` counts down while values are walked: a few small lists, each in the next one twice, are a million values. */
interface Walk {
  readonly most: number;
  left: number;
  readonly sorted: boolean;
}

function plainValue(value: unknown, walk: Walk, depth: number): JsonValue {
  if ((walk.left -= 1) < 0) throw tooLarge(walk.most);
  if (depth > DEEPEST_VALUE) throw new NoJsonError(`is nested more than ${DEEPEST_VALUE} levels deep`, 'size');
  switch (typeof value) {
    case 'string':
      return textValue(value, walk);
    case 'boolean':
      return value;
    case 'bigint':
      return wholeNumber(value);
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new NoJsonError('is no number that JSON has', 'error');
    default:
      return value === null ? null : objectValue(value, walk, depth);
  }
}

function objectValue(value: unknown, walk: Walk, depth: number): JsonValue {
  if (Array.isArray(value)) return value.map((each) => plainValue(each, walk, depth + 1));
  if (value instanceof Map) return mapValue([...value.entries()], walk, depth);
  if (value instanceof Date) return timeText(value);
  if (value instanceof UnsignedInt) return wholeNumber(value.valueOf());
  if (value instanceof Optional) {
    if (value.hasValue()) return plainValue(value.value(), walk, depth);
    throw new NoJsonError('has no value', 'error');
  }
  const prototype: unknown = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined;
  if (typeof value === 'object' && value !== null && (prototype === Object.prototype || prototype === null)) {
    return mapValue(Object.entries(value), walk, depth);
  }
  throw new NoJsonError('is of a type that JSON does not have', 'error');
}

function mapValue(entries: [unknown, unknown][], walk: Walk, depth: number): JsonValue {
  const members = new Map<string, JsonValue>();
  for (const [key, value] of entries) {
    // Harmless here, but not in what apps do with a claim of that name.
    if (value === undefined || key === '__proto__') continue;
    members.set(textValue(String(key), walk), plainValue(value, walk, depth + 1));
  }
  const names = walk.sorted ? [...members.keys()].sort() : [...members.keys()];
  return Object.fromEntries(names.map((name) => [name, members.get(name) ?? null]));
}

function textValue(text: string, walk: Walk): string {
  if ((walk.left -= text.length) < 0) throw tooLarge(walk.most);
  if (!isCleanText(text)) throw new NoJsonError('holds NUL or half a character', 'error');
  return text;
}

/** Neither NUL, which PostgreSQL does not store, nor half of a surrogate pair, which no UTF-8 can write. */
export function isCleanText(text: string): boolean {
  return !text.includes('\0') && !/\p{Surrogate}/u.test(text);
}

function wholeNumber(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new NoJsonError('is beyond 2^53, where JSON is no longer exact', 'error');
}

/** RFC 3339. */
function timeText(time: Date): string {
  const text = Number.isNaN(time.getTime()) ? '' : time.toISOString();
  if (text.length !== '0000-00-00T00:00:00.000Z'.length) throw new NoJsonError('is no time of the calendar', 'error');
  return text;
}

function tooLarge(most: number): NoJsonError {
  return new NoJsonError(`is larger than ${most} bytes as JSON`, 'size');
}
