import { RE2JS } from 're2js';
import { LONGEST_PATTERN, LONGEST_VALUE } from './limits.js';
import { meter } from './meter.js';

/** The most that a pattern may come to once its repetitions are written out, in parts such as letters. */
const LARGEST_PROGRAM = 1_000;
/** A class such as `\p{Han}` holds hundreds of ranges. */
const UNICODE_CLASS = 30;
const KEPT = 50;

const compiled = new Map<string, RE2JS>();

/** What is wrong with a pattern, or nothing. The syntax is RE2's: no backreferences, no lookaround. */
export function patternFault(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    return error instanceof PatternError ? error.message : 'is no regular expression';
  }
}

/** Whether the pattern is found somewhere in the text. @throws {PatternError} */
export function matchesPattern(text: string, pattern: string): boolean {
  return patternOf(pattern).test(text);
}

/**
 * The text with every match replaced; `$1` to `$9` stand for groups, `$0` for the match, `$$` for a dollar.
 *
 * @throws {PatternError} for a pattern that is none
 * @throws {Error} of the meter, when the text grows too long
 */
export function replacePattern(text: string, pattern: string, replacement: string): string {
  const matcher = patternOf(pattern).matcher(text);
  const groups = matcher.groupCount();
  let result = '';
  let end = 0;
  while (matcher.find()) {
    const inserted = replacement.replace(/\$([$0-9])/g, (all, sign: string) => {
      if (sign === '$') return '$';
      return Number(sign) <= groups ? (matcher.group(Number(sign)) ?? '') : all;
    });
    result += text.slice(end, matcher.start()) + inserted;
    end = matcher.end();
    if (result.length > LONGEST_VALUE) meter.outgrow();
    meter.spend(4);
  }
  meter.makeText(result.length + text.length - end);
  return result + text.slice(end);
}

export class PatternError extends Error {}

function patternOf(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const made = compilePattern(pattern);
  const [oldest] = compiled.keys();
  if (compiled.size >= KEPT && oldest !== undefined) compiled.delete(oldest);
  compiled.set(pattern, made);
  return made;
}

/** Gives up what is kept: a pattern that has met many texts may hold megabytes. */
export function forgetPatterns(): void {
  compiled.clear();
}

function compilePattern(pattern: string): RE2JS {
  if (pattern.length > LONGEST_PATTERN) throw new PatternError(`may have ${LONGEST_PATTERN} characters`);
  if (sizeOf(pattern) > LARGEST_PROGRAM) throw tooLarge();
  const made = compileRe2(pattern);
  if (made.programSize() > LARGEST_PROGRAM) throw tooLarge();
  return made;
}

function compileRe2(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : '';
    throw new PatternError(`is none of RE2: ${reason}`, { cause: error });
  }
}

const PARTS = /\\[pP]|\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|[^]/g;

/** About what a pattern comes to with its repetitions written out. Told beforehand, because compiling it takes that long. */
function sizeOf(pattern: string): number {
  const groups = [0];
  const add = (size: number): number => groups.push((groups.pop() ?? 0) + size);
  let last = 0;
  for (const [part, least, most] of pattern.matchAll(PARTS)) {
    if (part === '(') {
      groups.push(1);
    } else if (least !== undefined) {
      const count = Math.max(Number(least), Number(most ?? 0), 1);
      add(last * (count - 1));
      last *= count;
    } else {
      const isGroup = part === ')' && groups.length > 1;
      last = isGroup ? (groups.pop() ?? 0) : /\\p/i.test(part) ? UNICODE_CLASS : 1;
      add(last);
    }
  }
  return groups.reduce((sum, size) => sum + size, 0);
}

function tooLarge(): PatternError {
  return new PatternError('is too large once its repetitions are written out');
}
