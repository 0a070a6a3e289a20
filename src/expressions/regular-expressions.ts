import { RE2JS } from 're2js';
import { LONGEST_PATTERN, LONGEST_VALUE } from './limits.js';
import { meter } from './meter.js';

/** Repetitions such as `{3,5}` multiply what a pattern is compiled to. */
const MOST_COUNTS = 8;
const LARGEST_PROGRAM = 2_000;
const KEPT = 200;

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
  if (compiled.size >= KEPT) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

function compilePattern(pattern: string): RE2JS {
  if (pattern.length > LONGEST_PATTERN) throw new PatternError(`may have ${LONGEST_PATTERN} characters`);
  if ((pattern.match(/\{\d/g)?.length ?? 0) > MOST_COUNTS) {
    throw new PatternError(`may have ${MOST_COUNTS} repetitions with a count`);
  }
  const made = compileRe2(pattern);
  if (made.programSize() > LARGEST_PROGRAM) throw new PatternError('is too large once its repetitions are written out');
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
