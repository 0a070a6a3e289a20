import type { EntityManager, EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';
import type { EntityTags } from './entity-tag.js';
import { Problem } from './problem.js';

/** Entity tags of RFC 9110 §8.8.3; a weak one is read, and never matches (§13.1.1). */
const TAG = /^(?:W\/)?"[\x21\x23-\x7e]{0,100}"$/;
const MOST_TAGS = 20;
const WEAK = 'W/';

/**
 * What a change is asked for under (`If-Match`, RFC 9110 §13.1.1): only if it is still as whoever asks has seen it. It is
 * judged where the change is written, so that of two changes of the same state one is made.
 */
export class Precondition {
  /** No `If-Match`: whatever is there is changed. */
  static readonly NONE = new Precondition();

  private constructor(private readonly wanted?: { readonly tags: readonly string[]; readonly judge: EntityTags }) {}

  /** @throws {Problem} 400 for what is no list of entity tags */
  static of(header: string | undefined, judge: EntityTags): Precondition {
    if (header === undefined) return Precondition.NONE;
    // Our changes ask for what is there already: "any state of it" is no condition.
    if (header.trim() === '*') return Precondition.NONE;
    const tags = header.split(',').map((tag) => tag.trim());
    if (tags.length > MOST_TAGS || !tags.every((tag) => TAG.test(tag))) {
      throw new Problem('malformed-request', 'If-Match must be * or the ETag of an answer, with its quotes.');
    }
    return new Precondition({ tags, judge });
  }

  get isSet(): boolean {
    return this.wanted !== undefined;
  }

  /**
   * For a row that is written only if its version is still the one that was read.
   *
   * @throws {Problem} 412
   */
  judge(row: object): void {
    if (this.wanted === undefined) return;
    const { tags, judge } = this.wanted;
    if (judge.match(tags, row)) return;
    throw tags.every((tag) => tag.startsWith(WEAK)) ? onlyWeak() : changedMeanwhile();
  }

  /**
   * For every other row: keeps it as it is until the transaction ends, and judges it. To be called before the change.
   *
   * @throws {Problem} 412; a row that is gone is left to whoever asks for it next
   */
  async hold<Row extends ObjectLiteral>(
    manager: EntityManager,
    entity: EntityTarget<Row>,
    where: FindOptionsWhere<Row>,
  ): Promise<void> {
    if (!this.isSet) return;
    // On SQLite a transaction has the connection to itself, and a second process cannot commit what it read before.
    const locks = manager.connection.options.type === 'postgres';
    const row = await manager.findOne(entity, { where, ...(locks ? { lock: { mode: 'pessimistic_write' } } : {}) });
    if (row !== null) this.judge(row);
  }

  /** Somebody else was first. @param what in words, with its article */
  lost(what: string): Problem {
    if (this.isSet) return changedMeanwhile();
    return new Problem('conflict', `Somebody else changed ${what} at the same time; read it again and repeat.`);
  }
}

function changedMeanwhile(): Problem {
  return new Problem(
    'precondition-failed',
    'It is not as If-Match says: somebody changed it since. Read it again, and repeat with its new ETag.',
  );
}

/** What compresses on the way has to make a strong tag weak (RFC 9110 §8.8.1), as nginx does. */
function onlyWeak(): Problem {
  return new Problem(
    'precondition-failed',
    'If-Match has only a weak tag (W/), and that never matches (RFC 9110 §13.1.1). Clinch gives out strong ones: a proxy ' +
      'on the way compresses and weakens them. Send it without the W/, or let the proxy not compress the admin API.',
  );
}
