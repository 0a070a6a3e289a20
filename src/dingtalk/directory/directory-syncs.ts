import { Injectable } from '@nestjs/common';
import { Problem } from '../../admin/problem.js';
import { AuditLog, type Actor, type Note } from '../../audit/audit-log.js';
import type { IdentitySource } from '../source/identity-source.js';
import { SyncRunStore } from './sync-run-store.js';
import { SyncWorker } from './sync-worker.js';
import { BY_SCHEDULE, type RunKind, type SyncRun } from './sync-run.js';

/** Milliseconds: a full sync that began since then has seen what may have been missed. */
const RECENT_MS = 600_000;

/** Starts and steers the syncs of organisations' directories. A source has one at a time. */
@Injectable()
export class DirectorySyncs {
  constructor(
    private readonly runs: SyncRunStore,
    private readonly worker: SyncWorker,
    private readonly audit: AuditLog,
  ) {}

  /**
   * @param by who asks for it
   * @param note what is written together with it
   * @throws {Problem} conflict, when the source has a run that has not ended; it names it
   */
  async start(source: IdentitySource, kind: RunKind, by: string, note?: Note): Promise<SyncRun> {
    const run = await this.runs.request(source, kind, by, note);
    if (run === undefined) {
      const other = await this.runs.active(source.id);
      const words = other?.state === 'waiting_for_approval' ? 'waits to be approved or cancelled' : 'has not ended';
      throw new Problem('conflict', `The run ${other?.id ?? 'before'} of this source ${words}.`);
    }
    this.worker.wake();
    return run;
  }

  /**
   * A sync that is due by the clock. One that waits for an operator makes way for it: it may well have been a passing
   * fault. Does nothing while another one runs.
   */
  async startDue(source: IdentitySource): Promise<void> {
    await this.runs.cancelWaiting(source.id, 'A later run, by the schedule, has taken its place.');
    if ((await this.runs.request(source, 'full', BY_SCHEDULE)) !== undefined) this.worker.wake();
  }

  /**
   * Something may have been missed: a full sync is started, unless one began in the last ten minutes.
   *
   * @param by what led to it, for the audit: `outage`, `stream reconnected`
   */
  async reconcileSoon(source: IdentitySource, by: string): Promise<void> {
    if (await this.runs.hasRunSince(source.id, new Date(Date.now() - RECENT_MS))) return;
    if ((await this.runs.request(source, 'full', by)) !== undefined) this.worker.wake();
  }

  /** Applies what a dry run has found, as it stands. @throws {Problem} conflict */
  async applyDry(run: SyncRun, by: string): Promise<SyncRun> {
    if (run.kind !== 'dry' || run.state !== 'done')
      throw new Problem('conflict', 'Only a dry run that has ended can be applied.');
    if (!(await this.runs.applyDry(run.id, by))) {
      const other = await this.runs.active(run.sourceId);
      throw new Problem(
        'conflict',
        other === undefined
          ? 'The dry run is older than an hour. Start another one.'
          : `The run ${other.id} of this source has not ended.`,
      );
    }
    return this.goOn(run);
  }

  /** More people may be disabled than the source's limit. @throws {Problem} conflict */
  async approve(run: SyncRun, actor: Actor): Promise<SyncRun> {
    if (run.state !== 'waiting_for_approval') throw new Problem('conflict', 'The run does not wait for an approval.');
    if (!(await this.runs.approve(run.id))) {
      throw new Problem('conflict', 'What the run has read is older than a day. Cancel it and start another one.');
    }
    this.audit.record('directory.sync_approved', actor, { source: run.sourceId, run: run.id, reason: run.error });
    return this.goOn(run);
  }

  /** What was applied stays. @throws {Problem} conflict */
  async cancel(run: SyncRun, actor: Actor): Promise<SyncRun> {
    const words = `Cancelled by ${actor.clientId ?? 'an administrator'}.`;
    if (!(await this.runs.cancel(run.id, words))) throw new Problem('conflict', 'The run has ended.');
    this.audit.record('directory.sync_cancelled', actor, { source: run.sourceId, run: run.id });
    return this.goOn(run);
  }

  private async goOn(run: SyncRun): Promise<SyncRun> {
    this.worker.wake();
    return (await this.runs.find(run.sourceId, run.id)) ?? run;
  }
}
