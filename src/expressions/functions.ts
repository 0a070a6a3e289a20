import { EvaluationError, type Environment } from '@marcbachmann/cel-js';
import { jsonText, NoJsonError } from './json-out.js';
import { LONGEST_VALUE } from './limits.js';
import { meter } from './meter.js';
import { isInNetwork } from './networks.js';
import { matchesPattern, PatternError, replacePattern } from './regular-expressions.js';
import { TIMESTAMP } from './vocabulary.js';

/** Nothing here waits for anything; said, because the engine would otherwise expect promises everywhere. */
const SYNC = { async: false };

/** The functions that the engine does not have. Each asks the meter before it builds something. */
export function addFunctions(environment: Environment): void {
  environment
    .registerFunction('lower(string): string', (text: string) => made(text.toLowerCase()), SYNC)
    .registerFunction('upper(string): string', (text: string) => made(text.toUpperCase()), SYNC)
    .registerFunction('string.replace(string, string): string', replaceText, SYNC)
    .registerFunction('regexReplace(string, string, string): string', regexReplace, SYNC)
    .registerFunction('matches(string, string): bool', matches, SYNC)
    .registerFunction('inNetwork(string, string): bool', inNetwork, SYNC)
    .registerFunction('toJson(dyn): string', toJson, SYNC)
    .registerFunction(`epochMs(${TIMESTAMP}): int`, epochMs, SYNC);
}

/**
 * What we do otherwise than the engine, by name and number of arguments, receiver first: the engine's `matches` is
 * JavaScript's RegExp, which takes seconds for some patterns; its `join` builds texts of any length; its `duration` and
 * its places in texts count UTF-16 code units. Its check of types stands: it knows these functions with the same types.
 */
export const OVERRIDES: ReadonlyMap<string, (...values: readonly unknown[]) => unknown> = new Map<
  string,
  (...values: readonly unknown[]) => unknown
>([
  ['rcall matches 1', (text, pattern) => matches(textOf(text), textOf(pattern))],
  ['rcall lowerAscii 0', (text) => made(textOf(text).replace(/[A-Z]+/g, (part) => part.toLowerCase()))],
  ['rcall upperAscii 0', (text) => made(textOf(text).replace(/[a-z]+/g, (part) => part.toUpperCase()))],
  ['rcall substring 1', (text, start) => substring(textOf(text), start)],
  ['rcall substring 2', (text, start, end) => substring(textOf(text), start, end)],
  ['rcall indexOf 1', (text, sought) => indexOf(textOf(text), textOf(sought), 0n)],
  ['rcall indexOf 2', (text, sought, from) => indexOf(textOf(text), textOf(sought), from)],
  ['rcall lastIndexOf 1', (text, sought) => lastIndexOf(textOf(text), textOf(sought))],
  ['rcall lastIndexOf 2', (text, sought, from) => lastIndexOf(textOf(text), textOf(sought), from)],
  ['rcall split 1', (text, separator) => split(textOf(text), textOf(separator))],
  ['rcall split 2', (text, separator, most) => split(textOf(text), textOf(separator), most)],
  ['rcall join 0', (list) => join(list, '')],
  ['rcall join 1', (list, separator) => join(list, textOf(separator))],
]);

/** The longest text that is read as a duration: the engine's way of reading it takes the cube of its length. */
export const LONGEST_DURATION = 40;

function made(text: string): string {
  meter.makeText(text.length);
  return text;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : refuse('No function of that name takes these types');
}

/** A place in a text or a number of parts. */
function countOf(value: unknown): number {
  return typeof value === 'bigint' ? Number(value) : refuse('No function of that name takes these types');
}

/** @throws {EvaluationError} that may be shown as it is: the message holds no value */
export function refuse(message: string): never {
  throw new EvaluationError({ code: 'clinch', message });
}

function matches(text: string, pattern: string): boolean {
  return withPattern(() => matchesPattern(text, pattern));
}

function regexReplace(text: string, pattern: string, replacement: string): string {
  return withPattern(() => replacePattern(text, pattern, replacement));
}

/** What is wrong with a pattern is not told: one that is made while the expression runs may hold a value. */
function withPattern<Result>(use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    if (error instanceof PatternError) refuse('The regular expression is none of RE2, or too large');
    throw error;
  }
}

function replaceText(text: string, from: string, to: string): string {
  if (from === '') return refuse('replace() needs a text to look for');
  const parts = text.split(from);
  meter.makeText(text.length + (parts.length - 1) * Math.max(0, to.length - from.length));
  return parts.join(to);
}

function substring(text: string, start: unknown, end?: unknown): string {
  const characters = Array.from(text);
  meter.spend(characters.length >> 3);
  const [from, to] = [countOf(start), end === undefined ? characters.length : countOf(end)];
  if (from < 0 || to < from || to > characters.length) return refuse('substring() reaches beyond the text');
  return characters.slice(from, to).join('');
}

function indexOf(text: string, sought: string, from: unknown): bigint {
  const start = countOf(from);
  const characters = Array.from(text);
  meter.spend(characters.length >> 3);
  if (start < 0 || start > characters.length) return refuse('indexOf() begins beyond the text');
  const place = text.indexOf(sought, characters.slice(0, start).join('').length);
  return place < 0 ? -1n : BigInt(Array.from(text.slice(0, place)).length);
}

function lastIndexOf(text: string, sought: string, from?: unknown): bigint {
  const characters = Array.from(text);
  meter.spend(characters.length >> 3);
  const start = from === undefined ? characters.length : countOf(from);
  if (start < 0 || start > characters.length) return refuse('lastIndexOf() begins beyond the text');
  const place = text.lastIndexOf(sought, characters.slice(0, start).join('').length);
  return place < 0 ? -1n : BigInt(Array.from(text.slice(0, place)).length);
}

/** At most `most` parts, the last one with all the rest; any number of them if it is negative. */
function split(text: string, separator: string, most: unknown = -1n): string[] {
  const limit = countOf(most);
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  meter.makeList(parts.length);
  if (limit < 0 || parts.length <= limit) return parts;
  return limit === 0 ? [] : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function join(list: unknown, separator: string): string {
  if (!Array.isArray(list)) return refuse('join() takes a list of texts');
  let length = separator.length * list.length;
  for (const each of list) {
    if (typeof each !== 'string') return refuse('join() takes a list of texts');
    length += each.length;
  }
  meter.spend(list.length >> 2);
  meter.makeText(length);
  return list.join(separator);
}

function inNetwork(address: string, network: string): boolean {
  return isInNetwork(address, network) ?? refuse('inNetwork() needs a network such as 10.0.0.0/8');
}

/** Canonical: the members of maps in the order of their names, as RFC 8785 has it. */
function toJson(value: unknown): string {
  try {
    return made(jsonText(value, LONGEST_VALUE, true));
  } catch (error) {
    if (error instanceof NoJsonError)
      return error.kind === 'size' ? meter.outgrow() : refuse(`toJson(): it ${error.message}`);
    throw error;
  }
}

function epochMs(time: Date): bigint {
  return Number.isNaN(time.getTime()) ? refuse('epochMs() takes a time of the calendar') : BigInt(time.getTime());
}
