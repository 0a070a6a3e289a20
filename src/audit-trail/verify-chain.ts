import { hashOf, ROW_COLUMNS, type AuditRow } from '../audit/audit-row.js';
import { statement, type Database } from '../database/database.js';
import { AuditChain } from './audit-chain.js';

const AT_ONCE = 1_000;

interface ChainedRow extends AuditRow {
  readonly seq: number | string;
  readonly previous_hash: string;
  readonly hash: string;
}

/** What is wrong, and with which event. */
export interface ChainFault {
  readonly seq: number;
  readonly id: string | undefined;
  readonly fault: string;
}

export interface ChainReport {
  /** How many events were looked at. */
  readonly events: number;
  readonly first: number | undefined;
  readonly last: number;
  /** The event that the chain was cut off after when its time was over; 0: it is whole. */
  readonly anchor: number;
  readonly lastHash: string;
  /** The first fault: whatever comes after a broken link is not to be believed. */
  readonly fault: ChainFault | undefined;
  /** Events that have no place yet. */
  readonly waiting: number;
}

const NEXT = statement(
  'audit_chain_verify',
  `SELECT seq, previous_hash, hash, ${ROW_COLUMNS.join(', ')} FROM audit_events WHERE seq > $1
   ORDER BY seq LIMIT ${AT_ONCE}`,
);
const BEFORE = statement('audit_chain_before', 'SELECT id, seq FROM audit_events WHERE seq <= $1 ORDER BY seq LIMIT 1');

/**
 * Goes through the whole chain, from the anchor to its end, and makes every hash anew. It may be done while the server
 * runs: what is added meanwhile is left for the next time, and where events are missing because their time was over
 * meanwhile, it begins again behind them.
 *
 * @param signal ends it early; the report is then of what was seen
 */
export async function verifyChain(database: Database, signal?: AbortSignal): Promise<ChainReport> {
  const chain = new AuditChain(database);
  for (;;) {
    const report = await verifyOnce(database, chain, signal);
    // What is there and wrong is wrong whatever is deleted meanwhile; so is a gap behind the anchor.
    if (report.fault === undefined || report.fault.id !== undefined) return report;
    const { anchorSeq } = await chain.state();
    if (anchorSeq <= report.anchor || report.fault.seq > anchorSeq) return report;
  }
}

async function verifyOnce(database: Database, chain: AuditChain, signal?: AbortSignal): Promise<ChainReport> {
  const { anchorSeq, anchorHash, lastSeq, lastHash } = await chain.state();
  const walk = new Walk(anchorSeq, anchorHash);
  const early = await database.first<{ id: string; seq: number | string }>(BEFORE, anchorSeq);
  if (early !== undefined) walk.fail(Number(early.seq), early.id, 'should have been deleted, or was put in');
  const isInterrupted = () => signal?.aborted === true;
  while (walk.fault === undefined && walk.seq < lastSeq && !isInterrupted()) {
    const rows = await database.all<ChainedRow>(NEXT, walk.seq);
    for (const row of rows) if (Number(row.seq) <= lastSeq) walk.step(row);
    if (rows.length < AT_ONCE) break;
  }
  const interrupted = isInterrupted();
  if (walk.fault === undefined && !interrupted) await checkEnd(database, walk, lastSeq, lastHash);
  const { events, first, seq, fault } = walk;
  const waiting = await chain.countUnchained();
  return { events, first, last: seq, anchor: anchorSeq, lastHash: walk.hash, fault, waiting };
}

/** The end of the chain is written down apart from the events: those that were cut off are missed. */
async function checkEnd(database: Database, walk: Walk, lastSeq: number, lastHash: string): Promise<void> {
  if (walk.seq < lastSeq) walk.fail(walk.seq + 1, undefined, `is missing, and all up to ${lastSeq}`);
  else if (walk.hash !== lastHash) walk.fail(walk.seq, undefined, 'is not the end that was noted');
  if (walk.fault !== undefined) return;
  // What was put behind the noted end. The server may have gone on meanwhile, so the note is read once more.
  const [next] = await database.all<ChainedRow>(NEXT, lastSeq);
  const now = await new AuditChain(database).state();
  if (next !== undefined && now.lastSeq < Number(next.seq)) {
    walk.fail(Number(next.seq), next.id, 'stands behind the end that was noted');
  }
}

class Walk {
  events = 0;
  first: number | undefined;
  fault: ChainFault | undefined;

  constructor(
    public seq: number,
    public hash: string,
  ) {}

  step(row: ChainedRow): void {
    if (this.fault !== undefined) return;
    const seq = Number(row.seq);
    const expected = this.seq + 1;
    if (seq !== expected) {
      this.fail(expected, undefined, seq === expected + 1 ? 'is missing' : `is missing, and all up to ${seq - 1}`);
      return;
    }
    if (row.previous_hash !== this.hash) return this.fail(seq, row.id, 'does not follow the one before it');
    if (hashOf(this.hash, seq, row) !== row.hash) return this.fail(seq, row.id, 'was changed');
    this.first ??= seq;
    this.seq = seq;
    this.hash = row.hash;
    this.events += 1;
  }

  fail(seq: number, id: string | undefined, fault: string): void {
    this.fault ??= { seq, id, fault };
  }
}
