import { Injectable } from '@nestjs/common';
import { hashOf, ROW_COLUMNS, type AuditRow } from '../audit/audit-row.js';
import { Database, statement, type Statement } from '../database/database.js';
import { jsonRows } from '../database/json-rows.js';

/** Rows of one step: on SQLite the event loop waits for it. */
const AT_ONCE = { postgres: 500, sqlite: 100 } as const;

/** Where the chain begins and ends. */
export interface ChainState {
  readonly lastSeq: number;
  readonly lastHash: string;
  readonly anchorSeq: number;
  readonly anchorHash: string;
}

interface StateRow {
  last_seq: number | string;
  last_hash: string;
  anchor_seq: number | string;
  anchor_hash: string;
}

const STATE = statement('audit_chain_state', 'SELECT last_seq, last_hash, anchor_seq, anchor_hash FROM audit_chain');
// Whoever has lost the lease without noticing finds another end there, and changes nothing.
const MOVE_END = statement(
  'audit_chain_move_end',
  'UPDATE audit_chain SET last_seq = $1, last_hash = $2 WHERE last_seq = $3 AND last_hash = $4',
);
const MOVE_ANCHOR = statement(
  'audit_chain_move_anchor',
  'UPDATE audit_chain SET anchor_seq = $1, anchor_hash = $2, retention_days = $3 WHERE anchor_seq = $4',
);
const DELETE = statement('audit_event_delete', 'DELETE FROM audit_events WHERE seq > $1 AND seq <= $2');
const OLDEST = (most: number) =>
  statement('audit_event_oldest', `SELECT seq, at, hash FROM audit_events WHERE seq > $1 ORDER BY seq LIMIT ${most}`);
const COUNT_UNCHAINED = statement(
  'audit_event_count_unchained',
  'SELECT COUNT(*) AS waiting FROM (SELECT 1 FROM audit_events WHERE seq IS NULL LIMIT 100001) AS waiting',
);

const DAY_MS = 24 * 3_600_000;
/** Milliseconds that events are kept beyond their time: the database refuses by its own clock, and this one may be ahead. */
const CLOCKS_DIFFER_MS = 3_600_000;

/**
 * The chain: every event in it has the hash of the one before. Who writes events does not wait for it; they are given
 * their places afterwards, by one node at a time (`ChainWorker` sees to that).
 */
@Injectable()
export class AuditChain {
  private readonly most: number;
  private readonly unchained: Statement;
  private readonly link: Statement;
  private readonly oldest: Statement;

  constructor(private readonly database: Database) {
    this.most = AT_ONCE[database.kind];
    this.unchained = statement(
      'audit_event_unchained',
      `SELECT ${ROW_COLUMNS.join(', ')} FROM audit_events WHERE seq IS NULL ORDER BY at, id LIMIT ${this.most}`,
    );
    this.oldest = OLDEST(this.most);
    const given = jsonRows(database.kind, '$1', { id: 'text', seq: 'bigint', previous_hash: 'text', hash: 'text' });
    // By id alone: SQLite would go through all that wait for a place, for each of these. Who has a place keeps it by trigger.
    this.link = statement(
      'audit_event_link',
      `UPDATE audit_events SET seq = given.seq, previous_hash = given.previous_hash, hash = given.hash
       FROM ${given} AS given WHERE audit_events.id = given.id`,
    );
  }

  async state(): Promise<ChainState> {
    const row = await this.database.first<StateRow>(STATE);
    if (row === undefined) throw new Error('the row of the audit chain is missing');
    return {
      lastSeq: Number(row.last_seq),
      lastHash: row.last_hash,
      anchorSeq: Number(row.anchor_seq),
      anchorHash: row.anchor_hash,
    };
  }

  /** How many events wait for their place, counted up to 100,001. */
  async countUnchained(): Promise<number> {
    return Number((await this.database.first<{ waiting: number | string }>(COUNT_UNCHAINED))?.waiting ?? 0);
  }

  /**
   * Gives the next events their places.
   *
   * @returns whether there may be more
   */
  async extend(): Promise<boolean> {
    const rows = await this.database.all<AuditRow>(this.unchained);
    if (rows.length === 0) return false;
    const { lastSeq, lastHash } = await this.state();
    let hash = lastHash;
    const links = rows.map((row, index) => {
      const seq = lastSeq + 1 + index;
      const link = { id: row.id, seq, previous_hash: hash, hash: hashOf(hash, seq, row) };
      hash = link.hash;
      return link;
    });
    const done = await this.inTransaction(async (run) => {
      if ((await run(MOVE_END, lastSeq + links.length, hash, lastSeq, lastHash)) !== 1) return false;
      return (await run(this.link, JSON.stringify(links))) === links.length;
    });
    return done && rows.length === this.most;
  }

  /**
   * Deletes the oldest events whose time is over for an hour. The hash of the last one stays, so that what remains can be verified.
   *
   * @returns how many; as many as fit into one step at most
   */
  async shorten(retentionDays: number, now = Date.now()): Promise<number> {
    const { anchorSeq } = await this.state();
    const oldest = await this.database.all<{ seq: number | string; at: number | string; hash: string }>(
      this.oldest,
      anchorSeq,
    );
    const young = oldest.findIndex(({ at }) => Number(at) > now - CLOCKS_DIFFER_MS - retentionDays * DAY_MS);
    const due = young < 0 ? oldest : oldest.slice(0, young);
    const last = due.at(-1);
    if (last === undefined) return 0;
    const seq = Number(last.seq);
    const done = await this.inTransaction(async (run) => {
      if ((await run(MOVE_ANCHOR, seq, last.hash, retentionDays, anchorSeq)) !== 1) return false;
      return (await run(DELETE, anchorSeq, seq)) === due.length;
    });
    return done ? due.length : 0;
  }

  /** All of it, or nothing: the statements say `false` where somebody else was there in between. */
  private async inTransaction(
    work: (run: (command: Statement, ...values: (string | number)[]) => Promise<number>) => Promise<boolean>,
  ): Promise<boolean> {
    const runner = this.database.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      const done = await work((command, ...values) => this.database.runIn(runner.manager, command, ...values));
      await (done ? runner.commitTransaction() : runner.rollbackTransaction());
      return done;
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
  }
}
