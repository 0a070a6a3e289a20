import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { setMaxListeners } from 'node:events';
import { AuditLog } from '../../audit/audit-log.js';
import { ServerLog } from '../../audit/server-log.js';
import { isUnavailable } from '../../database/database-errors.js';
import { newIdentifier } from '../../protocol/opaque-token.js';
import { DingTalkClients } from '../api/dingtalk-clients.js';
import { DingTalkError } from '../api/dingtalk-error.js';
import { IdentitySources } from '../source/identity-sources.js';
import { ApprovalNeeded, RunFailure, type RunContext } from './run-context.js';
import { RunPhases } from './run-phases.js';
import { wordsFor } from './run-words.js';
import { Staging } from './staging.js';
import { SyncRunStore } from './sync-run-store.js';
import { BY_SCHEDULE, type RunState, type SyncRun } from './sync-run.js';

/** Milliseconds between two looks for work. */
const LOOK_EVERY_MS = 3_000;
/** Milliseconds between two signs of life; the lease is three times as long. */
const BEAT_EVERY_MS = 3_000;

/** Milliseconds before a run that had to stop goes on, and at most. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** Milliseconds after which a run gives up: somebody looks at the one, the other has the night. */
const PATIENCE_MS = { asked: 600_000, scheduled: 3_600_000 } as const;
/** How often something that nobody expected is tried again. */
const TRIES_OF_FAULTS = 3;

/** What comes after each part of a run. */
const NEXT: Partial<Record<RunState, RunState>> = {
  queued: 'fetching',
  fetching: 'comparing',
  comparing: 'applying',
  applying: 'details',
};

/**
 * Works on runs: exactly one node on each, which holds its lease and renews it. When that node dies the lease ends, and
 * another one goes on where the run was.
 */
@Injectable()
export class SyncWorker implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly node = newIdentifier();
  private readonly ending = new AbortController();
  private readonly working = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private isWanted = false;

  constructor(
    private readonly runs: SyncRunStore,
    private readonly phases: RunPhases,
    private readonly staging: Staging,
    private readonly sources: IdentitySources,
    private readonly clients: DingTalkClients,
    private readonly audit: AuditLog,
    private readonly log: ServerLog,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  /** Comes before the connections are closed. Runs are left for another node, or for the next start. */
  async onModuleDestroy(): Promise<void> {
    this.ending.abort(new Error('the server ends'));
    clearTimeout(this.timer);
    await this.looking;
    await Promise.allSettled(this.working.values());
  }

  /** There is something to do. */
  wake(): void {
    if (this.ending.signal.aborted) return;
    this.isWanted = true;
    this.looking ??= this.look().finally(() => (this.looking = undefined));
  }

  private schedule(): void {
    this.timer = setTimeout(
      () => {
        this.wake();
        this.schedule();
      },
      LOOK_EVERY_MS * (0.8 + Math.random() * 0.4),
    ).unref();
  }

  private async look(): Promise<void> {
    try {
      // Whoever woke us in the middle of a look may have come too late for it.
      while (this.isWanted && !this.ending.signal.aborted) {
        this.isWanted = false;
        await this.takeAll();
      }
      for (const id of await this.runs.stagedTooLong()) {
        await this.staging.discard(id);
        await this.runs.unstaged(id);
      }
      if (this.isWanted) setImmediate(() => this.wake());
    } catch (error) {
      this.log.failure({ kind: 'directory-sync', err: error }, 'the next look for work is in some seconds');
    }
  }

  private async takeAll(): Promise<void> {
    for (let run = await this.runs.take(this.node); run !== undefined; run = await this.runs.take(this.node)) {
      const { id } = run;
      this.working.set(
        id,
        this.work(run).finally(() => this.working.delete(id)),
      );
    }
  }

  /** Never rejects. */
  private async work(run: SyncRun): Promise<void> {
    const lost = new AbortController();
    const progress = { ...run.progress };
    const beat = setInterval(() => {
      this.runs.beat(run.id, this.node, progress).then(
        (isOurs) => isOurs || lost.abort(new Error('the run is not ours any more')),
        () => undefined,
      );
    }, BEAT_EVERY_MS);
    try {
      const source = await this.sources.find(run.sourceId);
      if (source === undefined) throw new RunFailure('The identity source is gone.');
      const client = this.clients.of(source);
      const signal = AbortSignal.any([lost.signal, this.ending.signal]);
      // All calls that are under way listen.
      setMaxListeners(0, signal);
      const by = `sync ${run.id}`;
      const context = { run, source, client, node: this.node, signal, progress, settled: new Set<string>(), by };
      await this.goThrough(context);
    } catch (error) {
      await this.stop(run, progress, error, lost.signal).catch((failure: unknown) =>
        this.log.failure({ kind: 'directory-sync', run: run.id, err: failure }, 'the run goes on when its lease ends'),
      );
    } finally {
      clearInterval(beat);
    }
  }

  private async goThrough(context: RunContext): Promise<void> {
    const { run, progress, source } = context;
    if (run.state === 'queued')
      this.tell('directory.sync_started', run, { kind: run.kind, requestedBy: run.requestedBy });
    for (let state = run.state; ;) {
      await this.requireEnabled(source.id);
      await this.part(state, context);
      const next = state === 'comparing' && run.kind === 'dry' ? undefined : NEXT[state];
      if (next === undefined) break;
      if (!(await this.runs.advance(run.id, this.node, state, next, progress))) return;
      state = next;
    }
    if (!(await this.runs.finish(run, this.node, progress))) return;
    this.tell('directory.sync_finished', run, { kind: run.kind, source: source.id, ...progress });
    this.wake();
  }

  /** @throws {RunFailure} Switched off, no change is taken in, not even one that was read before. */
  private async requireEnabled(sourceId: string): Promise<void> {
    if ((await this.sources.findEnabled(sourceId)) === undefined)
      throw new RunFailure('The identity source is switched off, or gone.');
  }

  private async part(state: RunState, context: RunContext): Promise<void> {
    if (state === 'fetching') await this.phases.fetch(context);
    else if (state === 'comparing') await this.phases.compare(context);
    else if (state === 'applying') await this.phases.apply(context);
    else if (state === 'details') await this.phases.readDetails(context);
  }

  private async stop(run: SyncRun, progress: SyncRun['progress'], error: unknown, lost: AbortSignal): Promise<void> {
    if (lost.aborted) return;
    if (this.ending.signal.aborted) {
      await this.runs.release(run.id, this.node, progress);
    } else if (error instanceof ApprovalNeeded) {
      await this.runs.ask(run.id, this.node, progress, error.message);
      this.tell('directory.sync_stopped', run, { reason: error.message });
      this.log.warning({ kind: 'directory-sync', run: run.id, source: run.sourceId }, error.message);
    } else if (error instanceof RunFailure || (error instanceof DingTalkError && !error.isPassing)) {
      await this.fail(run, progress, error instanceof DingTalkError ? wordsFor(error) : error.message);
    } else {
      await this.tryLater(run, progress, error);
    }
  }

  /** DingTalk or the database is away; or it is a fault of ours, which may be over too. */
  private async tryLater(run: SyncRun, progress: SyncRun['progress'], error: unknown): Promise<void> {
    const isPassing = error instanceof DingTalkError || isUnavailable(error);
    if (!isPassing) this.log.failure({ kind: 'directory-sync', run: run.id, source: run.sourceId, err: error });
    const words = error instanceof DingTalkError ? wordsFor(error) : WORDS[isPassing ? 'database' : 'fault'];
    const current = (await this.runs.find(run.sourceId, run.id)) ?? run;
    const since = current.failingSince?.getTime() ?? Date.now();
    const patience = run.requestedBy === BY_SCHEDULE ? PATIENCE_MS.scheduled : PATIENCE_MS.asked;
    if (Date.now() - since >= patience || (!isPassing && current.attempts >= TRIES_OF_FAULTS)) {
      return this.fail(run, progress, `${words} It was tried ${current.attempts + 1} times.`);
    }
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** current.attempts);
    await this.runs.postpone(current, this.node, progress, new Date(Date.now() + pause), words);
  }

  private async fail(run: SyncRun, progress: SyncRun['progress'], words: string): Promise<void> {
    if (!(await this.runs.finish(run, this.node, progress, words))) return;
    this.tell('directory.sync_finished', run, { source: run.sourceId, failed: words });
    this.log.warning({ kind: 'directory-sync', run: run.id, source: run.sourceId }, words);
    this.wake();
  }

  private tell(
    event: 'directory.sync_started' | 'directory.sync_finished' | 'directory.sync_stopped',
    run: SyncRun,
    details: Readonly<Record<string, unknown>>,
  ): void {
    this.audit.record(event, {}, { source: run.sourceId, run: run.id, ...details });
  }
}

const WORDS = {
  database: 'The database is away or too busy.',
  fault: 'Something went wrong on our side; the log says what.',
} as const;
