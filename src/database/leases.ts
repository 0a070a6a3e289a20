import { Injectable } from '@nestjs/common';
import { Database, statement } from './database.js';
import { newIdentifier } from '../protocol/opaque-token.js';

// Tests and sets in one statement: of any number who want it at once, one gets it.
const ACQUIRE = statement(
  'lease_acquire',
  `INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3)
   ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
   WHERE leases.holder = excluded.holder OR leases.expires_at <= $4`,
);
const RELEASE = statement('lease_release', 'DELETE FROM leases WHERE name = $1 AND holder = $2');

/**
 * What one node, or one worker, does at a time. A lease ends by itself when its holder dies; the nodes' clocks may
 * differ by less than its length.
 */
@Injectable()
export class Leases {
  /** This process, as a holder. */
  readonly node = newIdentifier();

  constructor(private readonly database: Database) {}

  /** Gets it, or keeps it longer. @returns false while somebody else has it */
  async acquire(name: string, milliseconds: number, holder = this.node): Promise<boolean> {
    const now = Date.now();
    return (await this.database.run(ACQUIRE, name, holder, now + milliseconds, now)) === 1;
  }

  async release(name: string, holder = this.node): Promise<void> {
    await this.database.run(RELEASE, name, holder);
  }
}
