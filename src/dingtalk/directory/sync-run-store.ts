import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, Repository } from 'typeorm';
import type { Note } from '../../audit/audit-log.js';
import type { PageRequest } from '../../admin/list-page.js';
import { Database, statement } from '../../database/database.js';
import { isUniqueViolation } from '../../database/database-errors.js';
import { newIdentifier } from '../../protocol/opaque-token.js';
import type { IdentitySource } from '../source/identity-source.js';
import { SyncRunEntity } from './sync-run.entity.js';
import { NO_PROGRESS, type RunKind, type RunProgress, type RunState, type SyncRun } from './sync-run.js';

/** Milliseconds that a run is a node's own after its last sign of life. */
export const LEASE_MS = 10_000;

const DAY_MS = 86_400_000;
/** Milliseconds that a run that has ended can be looked at. */
const KEPT_MS = 90 * DAY_MS;
/** Milliseconds that what a dry run has fetched is kept. */
const DRY_KEPT_MS = DAY_MS;
/** Milliseconds: what was fetched longer ago is not applied any more. */
export const FRESH_MS = { dry: 3_600_000, waiting: DAY_MS } as const;

const WORKING = `('queued', 'fetching', 'comparing', 'applying', 'details')`;
const REQUEST = statement(
  'sync_run_request',
  `INSERT INTO directory_sync_runs (id, source_id, active_key, kind, state, requested_by, approved, source_version,
     applied_to, progress, attempts, created_at)
   VALUES ($1, $2, $2, $3, 'queued', $4, FALSE, $5, '', $6, 0, $7) ON CONFLICT (active_key) DO NOTHING`,
);
const WAITING = statement(
  'sync_run_waiting',
  `SELECT id FROM directory_sync_runs WHERE active_key IS NOT NULL AND state IN ${WORKING}
     AND (lease_until IS NULL OR lease_until <= $1) AND (next_attempt_at IS NULL OR next_attempt_at <= $1)
   ORDER BY created_at LIMIT 10`,
);
const TAKE = statement(
  'sync_run_take',
  `UPDATE directory_sync_runs SET node = $2, lease_until = $3, started_at = COALESCE(started_at, $4)
   WHERE id = $1 AND state IN ${WORKING} AND (lease_until IS NULL OR lease_until <= $4)
     AND (next_attempt_at IS NULL OR next_attempt_at <= $4)`,
);
const BEAT = statement(
  'sync_run_beat',
  `UPDATE directory_sync_runs SET lease_until = $3, progress = $4 WHERE id = $1 AND node = $2 AND state IN ${WORKING}`,
);
const ADVANCE = statement(
  'sync_run_advance',
  `UPDATE directory_sync_runs SET state = $4, progress = $5, applied_to = '', attempts = 0, failing_since = NULL,
     next_attempt_at = NULL, error = NULL
   WHERE id = $1 AND node = $2 AND state = $3`,
);
const APPLIED = statement(
  'sync_run_applied',
  `UPDATE directory_sync_runs SET applied_to = $3, progress = $4, attempts = 0, failing_since = NULL
   WHERE id = $1 AND node = $2 AND state = 'applying'`,
);
const ASK = statement(
  'sync_run_ask',
  `UPDATE directory_sync_runs SET state = 'waiting_for_approval', progress = $3, error = $4, node = NULL, lease_until = NULL
   WHERE id = $1 AND node = $2 AND state IN ${WORKING}`,
);
const POSTPONE = statement(
  'sync_run_postpone',
  `UPDATE directory_sync_runs SET attempts = $3, failing_since = COALESCE(failing_since, $4), next_attempt_at = $5,
     error = $6, progress = $7, node = NULL, lease_until = NULL
   WHERE id = $1 AND node = $2 AND state IN ${WORKING}`,
);
const RELEASE = statement(
  'sync_run_release',
  'UPDATE directory_sync_runs SET node = NULL, lease_until = NULL, progress = $3 WHERE id = $1 AND node = $2',
);
const FINISH = statement(
  'sync_run_finish',
  `UPDATE directory_sync_runs SET state = $3, error = $4, progress = $5, active_key = NULL, node = NULL, lease_until = NULL,
     next_attempt_at = NULL, finished_at = $6, staged_until = $7, expires_at = $8
   WHERE id = $1 AND node = $2 AND state IN ${WORKING}`,
);
const APPROVE = statement(
  'sync_run_approve',
  `UPDATE directory_sync_runs SET state = 'applying', approved = TRUE, error = NULL, applied_to = ''
   WHERE id = $1 AND state = 'waiting_for_approval' AND started_at > $2`,
);
const CANCEL = statement(
  'sync_run_cancel',
  `UPDATE directory_sync_runs SET state = 'cancelled', error = $2, active_key = NULL, node = NULL, lease_until = NULL,
     next_attempt_at = NULL, finished_at = $3, staged_until = $3, expires_at = $4
   WHERE id = $1 AND active_key IS NOT NULL`,
);
const CANCEL_WAITING = statement(
  'sync_run_cancel_waiting',
  `UPDATE directory_sync_runs SET state = 'cancelled', error = $2, active_key = NULL, finished_at = $3, staged_until = $3,
     expires_at = $4
   WHERE source_id = $1 AND state = 'waiting_for_approval'`,
);
const APPLY_DRY = statement(
  'sync_run_apply_dry',
  `UPDATE directory_sync_runs SET kind = 'full', state = 'applying', active_key = source_id, requested_by = $2,
     finished_at = NULL, staged_until = NULL, expires_at = NULL, applied_to = ''
   WHERE id = $1 AND kind = 'dry' AND state = 'done' AND finished_at > $3`,
);
const LATEST_FULL = statement(
  'sync_run_latest_full',
  `SELECT source_version, created_at FROM directory_sync_runs
   WHERE source_id = $1 AND kind = 'full' AND state = 'done' AND id <> $2 ORDER BY created_at DESC LIMIT 1`,
);
const RECENT_FULL = statement(
  'sync_run_recent_full',
  `SELECT id FROM directory_sync_runs WHERE source_id = $1 AND kind = 'full' AND created_at > $2
     AND state NOT IN ('failed', 'cancelled') LIMIT 1`,
);
const STAGED_TOO_LONG = statement(
  'sync_run_staged_too_long',
  'SELECT id FROM directory_sync_runs WHERE staged_until <= $1 LIMIT 10',
);
const UNSTAGED = statement('sync_run_unstaged', 'UPDATE directory_sync_runs SET staged_until = NULL WHERE id = $1');
const LAST_FINISHED = statement(
  'directory_sync_run_last_finished',
  `SELECT source_id, MAX(finished_at) AS at FROM directory_sync_runs WHERE state = 'done' AND kind = 'full'
   GROUP BY source_id`,
);
const DUE = statement(
  'sync_run_due',
  'INSERT INTO directory_sync_due_times (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING',
);

/** Runs, and whose turn it is to work on them. Every change is one statement that only one can win. */
@Injectable()
export class SyncRunStore {
  constructor(
    @InjectRepository(SyncRunEntity) private readonly repository: Repository<SyncRunEntity>,
    private readonly database: Database,
  ) {}

  /**
   * @param note what the same transaction writes besides
   * @returns undefined when the source has a run that has not ended
   */
  async request(source: IdentitySource, kind: RunKind, requestedBy: string, note?: Note): Promise<SyncRun | undefined> {
    const id = newIdentifier();
    const { version } = source.settings;
    const progress = JSON.stringify(NO_PROGRESS);
    const run = [id, source.id, kind, requestedBy, version, progress, Date.now()] as const;
    const inserted = await this.database.dataSource.transaction(async (manager) => {
      const affected = await this.database.runIn(manager, REQUEST, ...run);
      if (affected === 1) await note?.(manager);
      return affected;
    });
    return inserted === 1 ? this.find(source.id, id) : undefined;
  }

  async find(sourceId: string, id: string): Promise<SyncRun | undefined> {
    const row = await this.repository.findOneBy({ id, sourceId });
    return row === null ? undefined : runOf(row);
  }

  async active(sourceId: string): Promise<SyncRun | undefined> {
    const row = await this.repository.findOneBy({ activeKey: sourceId });
    return row === null ? undefined : runOf(row);
  }

  /** The newest first. */
  async list(sourceId: string, { limit, after }: PageRequest): Promise<SyncRun[]> {
    const last = after === undefined ? undefined : await this.repository.findOneBy({ id: after, sourceId });
    const rows = await this.repository.find({
      where: [
        { sourceId, ...(last ? { createdAt: LessThan(last.createdAt) } : {}) },
        ...(last ? [{ sourceId, createdAt: last.createdAt, id: LessThan(last.id) }] : []),
      ],
      order: { createdAt: 'DESC', id: 'DESC' },
      take: limit + 1,
    });
    return rows.map(runOf);
  }

  /** A run that nobody works on, and that is this node's from now on. */
  async take(node: string): Promise<SyncRun | undefined> {
    const now = Date.now();
    for (const { id } of await this.database.all<{ id: string }>(WAITING, now)) {
      if ((await this.database.run(TAKE, id, node, now + LEASE_MS, now)) !== 1) continue;
      const row = await this.repository.findOneBy({ id });
      if (row !== null) return runOf(row);
    }
    return undefined;
  }

  /** @returns false when the run is this node's no longer */
  async beat(id: string, node: string, progress: RunProgress): Promise<boolean> {
    return this.won(BEAT, id, node, Date.now() + LEASE_MS, JSON.stringify(progress));
  }

  async advance(id: string, node: string, from: RunState, to: RunState, progress: RunProgress): Promise<boolean> {
    return this.won(ADVANCE, id, node, from, to, JSON.stringify(progress));
  }

  /** All people up to that user id are applied. */
  async appliedTo(id: string, node: string, userid: string, progress: RunProgress): Promise<boolean> {
    return this.won(APPLIED, id, node, userid, JSON.stringify(progress));
  }

  /** An operator has to agree before it goes on. */
  async ask(id: string, node: string, progress: RunProgress, why: string): Promise<boolean> {
    return this.won(ASK, id, node, JSON.stringify(progress), why);
  }

  /** It goes on later. */
  async postpone(run: SyncRun, node: string, progress: RunProgress, at: Date, why: string): Promise<boolean> {
    const words = [why, JSON.stringify(progress)];
    return this.won(POSTPONE, run.id, node, run.attempts + 1, Date.now(), at.getTime(), ...words);
  }

  /** It goes on at once, wherever. */
  async release(id: string, node: string, progress: RunProgress): Promise<boolean> {
    return this.won(RELEASE, id, node, JSON.stringify(progress));
  }

  /** @returns false when the run is this node's no longer */
  async finish(run: SyncRun, node: string, progress: RunProgress, failure: string | null = null): Promise<boolean> {
    const now = Date.now();
    const state: RunState = failure === null ? 'done' : 'failed';
    const stagedUntil = run.kind === 'dry' && state === 'done' ? now + DRY_KEPT_MS : now;
    return this.won(FINISH, run.id, node, state, failure, JSON.stringify(progress), now, stagedUntil, now + KEPT_MS);
  }

  async approve(id: string): Promise<boolean> {
    return this.won(APPROVE, id, Date.now() - FRESH_MS.waiting);
  }

  async cancel(id: string, why: string): Promise<boolean> {
    return this.won(CANCEL, id, why, Date.now(), Date.now() + KEPT_MS);
  }

  /** A run that waits for an operator makes way for another one. */
  async cancelWaiting(sourceId: string, why: string): Promise<boolean> {
    return this.won(CANCEL_WAITING, sourceId, why, Date.now(), Date.now() + KEPT_MS);
  }

  /** @returns false when it is no dry run that ended well within the hour, or the source has another run meanwhile */
  async applyDry(id: string, requestedBy: string): Promise<boolean> {
    try {
      return await this.won(APPLY_DRY, id, requestedBy, Date.now() - FRESH_MS.dry);
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  /** The source's version at the last full run that ended well, before this one. */
  async versionApplied(sourceId: string, id: string): Promise<number | undefined> {
    return (await this.database.first<{ source_version: number }>(LATEST_FULL, sourceId, id))?.source_version;
  }

  /** Whether a full run began since then, and is not known to have failed. */
  async hasRunSince(sourceId: string, since: Date): Promise<boolean> {
    return (await this.database.first(RECENT_FULL, sourceId, since.getTime())) !== undefined;
  }

  /** Ids of runs whose fetched data is of no more use. */
  async stagedTooLong(): Promise<string[]> {
    return (await this.database.all<{ id: string }>(STAGED_TOO_LONG, Date.now())).map(({ id }) => id);
  }

  async unstaged(id: string): Promise<void> {
    await this.database.run(UNSTAGED, id);
  }

  /** When the last complete sync of each source ended, epoch milliseconds. */
  async lastFinished(): Promise<{ readonly sourceId: string; readonly at: number }[]> {
    const rows = await this.database.all<{ source_id: string; at: number | string }>(LAST_FINISHED);
    return rows.map((row) => ({ sourceId: row.source_id, at: Number(row.at) }));
  }

  /** @returns true for exactly one of the nodes that notice that a sync is due */
  async claimDueTime(sourceId: string, due: Date): Promise<boolean> {
    return this.won(DUE, `${sourceId} ${due.getTime()}`, due.getTime() + 2 * DAY_MS);
  }

  private async won(...[command, ...values]: Parameters<Database['run']>): Promise<boolean> {
    return (await this.database.run(command, ...values)) === 1;
  }
}

function runOf(row: SyncRunEntity): SyncRun {
  const { id, sourceId, kind, state, requestedBy, approved, sourceVersion, appliedTo, error, attempts } = row;
  return {
    id,
    sourceId,
    kind,
    state,
    requestedBy,
    approved,
    sourceVersion,
    appliedTo,
    progress: { ...NO_PROGRESS, ...row.progress },
    error,
    attempts,
    failingSince: row.failingSince ?? undefined,
    nextAttemptAt: row.nextAttemptAt ?? undefined,
    createdAt: row.createdAt,
    startedAt: row.startedAt ?? undefined,
    finishedAt: row.finishedAt ?? undefined,
  };
}
