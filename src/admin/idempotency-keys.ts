import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { ServerLog } from '../audit/server-log.js';
import { sealedPlace } from '../database/sealed.js';
import { Database, statement } from '../database/database.js';
import { Keyring, type SealedPlace } from '../keyring/keyring.js';
import { IdempotencyKeyEntity } from './idempotency-key.entity.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { IdempotencyKey } from './idempotency-key.js';
import { Problem } from './problem.js';

/** Milliseconds after which a request that has not answered is taken for dead, such as its node. */
const BUSY_MS = 60_000;
/** Milliseconds that an answer is kept. */
const KEPT_MS = 86_400_000;
/** Seconds until another try is worth it, while the first request is still at it. */
const RETRY_AFTER = 1;

// Tests and sets in one statement: of any number who bring the key at once, one has it.
const TAKE = statement(
  'idempotency_key_take',
  `INSERT INTO idempotency_keys (id, fingerprint, holder, busy_until, expires_at) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, holder = excluded.holder,
     busy_until = excluded.busy_until, expires_at = excluded.expires_at, used_at = NULL, answer = NULL
   WHERE (idempotency_keys.used_at IS NULL AND idempotency_keys.busy_until <= $6) OR idempotency_keys.expires_at <= $6`,
);
const FIND = statement(
  'idempotency_key_find',
  'SELECT fingerprint, busy_until, answer FROM idempotency_keys WHERE id = $1',
);
const KEEP = statement(
  'idempotency_key_keep',
  'UPDATE idempotency_keys SET answer = $3, busy_until = $4, used_at = COALESCE(used_at, $4) WHERE id = $1 AND holder = $2',
);
// What was created stays said, also when something went wrong after it.
const FREE = statement(
  'idempotency_key_free',
  'DELETE FROM idempotency_keys WHERE id = $1 AND holder = $2 AND used_at IS NULL',
);

const PURPOSE = 'idempotency fingerprint';

/** What was answered. */
export interface KeptAnswer {
  readonly body: unknown;
  readonly etag?: string | undefined;
}

/** A request as it is told from others under the same key. */
export interface KeyedRequest {
  readonly clientId: string;
  readonly key: string;
  /** Method, address and body. */
  readonly content: string;
}

/**
 * What was created under a key is not created again: whoever did not get the answer asks once more and gets it. Keys are an
 * app's own, and forgotten after a day.
 */
@Injectable()
export class IdempotencyKeys {
  constructor(
    private readonly database: Database,
    private readonly keyring: Keyring,
    private readonly log: ServerLog,
  ) {}

  /**
   * @returns the key, to be kept or freed; or the answer that there is already
   * @throws {Problem} 422 when it was brought with another request, 409 while that request is at it
   */
  async take({ clientId, key, content }: KeyedRequest): Promise<IdempotencyKey | KeptAnswer> {
    const id = createHash('sha256').update(`${clientId}\n${key}`).digest('base64url');
    const now = Date.now();
    const holder = newIdentifier();
    const fingerprint = this.keyring.digest(PURPOSE, content);
    const taken = await this.database.run(TAKE, id, fingerprint, holder, now + BUSY_MS, now + KEPT_MS, now);
    return taken === 1 ? new IdempotencyKey(this.database, id, holder) : this.kept(id, content);
  }

  /** To be called with the answer, before it is sent. */
  async keep({ id, holder }: IdempotencyKey, answer: KeptAnswer): Promise<void> {
    await this.database.run(KEEP, id, holder, this.keyring.seal(placeOf(id), JSON.stringify(answer)), Date.now());
  }

  /** To be called when nothing came of it. The database says whether that is so. */
  async free({ id, holder }: IdempotencyKey): Promise<void> {
    await this.database.run(FREE, id, holder).catch((error: unknown) => {
      // It is free by itself before long.
      this.log.failure({ kind: 'idempotency-key', err: error }, 'a key stays taken for a minute');
    });
  }

  private async kept(id: string, content: string): Promise<KeptAnswer> {
    type Row = { fingerprint: string; busy_until: number | string; answer: string | null };
    const row = await this.database.first<Row>(FIND, id);
    if (row === undefined) throw atIt();
    if (!this.keyring.digests(PURPOSE, content).includes(row.fingerprint)) {
      throw new Problem('key-reused', 'This Idempotency-Key was sent with another request; take a fresh one.');
    }
    if (row.answer !== null) return this.opened(id, row.answer);
    if (Number(row.busy_until) > Date.now()) throw atIt();
    throw answerLost();
  }

  private opened(id: string, sealed: string): KeptAnswer {
    try {
      return JSON.parse(this.keyring.open(placeOf(id), sealed)) as KeptAnswer;
    } catch (error) {
      throw answerLost(error);
    }
  }
}

function placeOf(id: string): SealedPlace {
  return sealedPlace(IdempotencyKeyEntity, 'answer', id);
}

function atIt(): Problem {
  const detail = 'The first request with this Idempotency-Key is still at work; repeat it in a moment.';
  return new Problem('conflict', detail, { retryAfter: RETRY_AFTER });
}

/** The node died between the creation and its answer, or the master key that sealed it is gone. */
function answerLost(cause?: unknown): Problem {
  const detail =
    'What was asked for under this Idempotency-Key was done, but the answer is lost: look for it in the list.';
  return new Problem('conflict', detail, { cause });
}
