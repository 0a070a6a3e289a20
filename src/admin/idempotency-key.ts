import type { EntityManager } from 'typeorm';
import { Database, statement } from '../database/database.js';
import { Problem } from './problem.js';

const USE = statement(
  'idempotency_key_use',
  'UPDATE idempotency_keys SET used_at = $3 WHERE id = $1 AND holder = $2 AND used_at IS NULL',
);

/** The key that a creation was asked for under, while this request has it. */
export class IdempotencyKey {
  constructor(
    private readonly database: Database,
    readonly id: string,
    readonly holder: string,
  ) {}

  /**
   * Uses the key up, in the transaction that creates what it is for: neither is there without the other.
   *
   * @throws {Problem} 409 when this request took so long that another one has the key
   */
  async use(manager: EntityManager): Promise<void> {
    const used = await this.database.runIn(manager, USE, this.id, this.holder, Date.now());
    if (used !== 1) throw new Problem('conflict', 'Another request with this Idempotency-Key was first.');
  }
}
