import { createHash } from 'node:crypto';

/** What an answer was made of. */
const ROWS = new WeakMap<object, object>();

/** Counts changes and says nothing of what is there; what is in memory after a change may be behind it. */
const COUNTER = 'version';

/**
 * The entity tag of what is stored (RFC 9110 §8.8.3), a strong one: whoever changes a column changes the tag, whichever
 * way it was written. It says nothing of what is only counted or looked up for an answer, such as how many are in a group.
 *
 * @param row as its entity has it
 */
export function tagOf(row: object): string {
  const columns = Object.entries(row)
    .filter(([name]) => name !== COUNTER)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]: [string, unknown]) => [name, value ?? null]);
  // 128 bits: two states of one thing never meet.
  return `"${createHash('sha256').update(JSON.stringify(columns)).digest().subarray(0, 16).toString('base64url')}"`;
}

/** Remembers what an answer was made of, so that it can bear an `ETag`. @returns the answer */
export function tagged<Answer extends object>(answer: Answer, row: object): Answer {
  ROWS.set(answer, row);
  return answer;
}

/** The tag of an answer that is `tagged`. Worked out only for those that are sent by themselves, not for lists. */
export function tagOfAnswer(answer: unknown): string | undefined {
  const row = typeof answer === 'object' && answer !== null ? ROWS.get(answer) : undefined;
  return row === undefined ? undefined : tagOf(row);
}
