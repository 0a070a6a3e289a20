import { Injectable } from '@nestjs/common';
import { Keyring } from '../keyring/keyring.js';

/** What an answer was made of. */
const ROWS = new WeakMap<object, object>();

/** Counts changes and says nothing of what is there; what is in memory after a change may be behind it. */
const COUNTER = 'version';

const PURPOSE = 'entity tag';
/** Base64url characters, 128 bits: two states of one thing never meet. */
const LENGTH = 22;

/** Remembers what an answer was made of, so that it can bear an `ETag`. @returns the answer */
export function tagged<Answer extends object>(answer: Answer, row: object): Answer {
  ROWS.set(answer, row);
  return answer;
}

/**
 * The entity tag of what is stored (RFC 9110 §8.8.3), a strong one: whoever changes a column changes the tag, whichever
 * way it was written. It says nothing of what is only counted or looked up for an answer, such as how many are in a group.
 *
 * It is keyed: a row has more than each of its readers may see, and whoever could work out the tag of a guess would find
 * a phone number that is masked for them.
 */
@Injectable()
export class EntityTags {
  constructor(private readonly keyring: Keyring) {}

  /** The tag of an answer that is `tagged`. Worked out only for those that are sent by themselves, not for lists. */
  ofAnswer(answer: unknown): string | undefined {
    const row = typeof answer === 'object' && answer !== null ? ROWS.get(answer) : undefined;
    return row === undefined ? undefined : quoted(this.keyring.digest(PURPOSE, contentOf(row)));
  }

  /**
   * Whether one of the tags is that of the row. One that was given out before the master key changed is so still.
   *
   * @param row as its entity has it
   */
  match(tags: readonly string[], row: object): boolean {
    return this.keyring.digests(PURPOSE, contentOf(row)).some((digest) => tags.includes(quoted(digest)));
  }
}

function contentOf(row: object): string {
  const columns = Object.entries(row)
    .filter(([name]) => name !== COUNTER)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]: [string, unknown]) => [name, value ?? null]);
  return JSON.stringify(columns);
}

function quoted(digest: string): string {
  return `"${digest.slice(0, LENGTH)}"`;
}
