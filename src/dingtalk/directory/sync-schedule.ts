import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Cron } from 'croner';
import { createHash } from 'node:crypto';
import { ServerLog } from '../../audit/server-log.js';
import { Measurements, type Reading } from '../../measurements/measurements.js';
import type { IdentitySource } from '../source/identity-source.js';
import { IdentitySources } from '../source/identity-sources.js';
import { DirectorySyncs } from './directory-syncs.js';
import { SyncRunStore } from './sync-run-store.js';

/** Milliseconds between two looks at the clock. */
const LOOK_EVERY_MS = 20_000;
/** Milliseconds: what was due before that is left for the next time. */
const LATEST_MS = 3_600_000;

/**
 * Starts the syncs that are due by the clock. Every node looks; whoever writes the due time down first starts it, so
 * that it happens once, and also when the node that was there at that moment is not there any more.
 */
@Injectable()
export class SyncSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly sources: IdentitySources,
    private readonly runs: SyncRunStore,
    private readonly syncs: DirectorySyncs,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    measurements.sharedGauge(
      'clinch_directory_sync_age_seconds',
      'How long ago the last complete sync of a source ended; without a series while there was none',
      () => this.ages(),
    );
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.look(new Date()).finally(() => (this.looking = undefined));
    }, LOOK_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private async ages(): Promise<Reading[]> {
    const finished = await this.runs.lastFinished();
    return finished.map(({ sourceId, at }) => ({ labels: { source: sourceId }, value: (Date.now() - at) / 1000 }));
  }

  /** Starts what is due at that time. Never rejects. */
  async look(now: Date): Promise<void> {
    try {
      for (const source of await this.sources.enabled()) {
        const due = dueTime(source, now);
        if (due !== undefined && (await this.runs.claimDueTime(source.id, due))) await this.syncs.startDue(source);
      }
    } catch (error) {
      this.log.failure({ kind: 'directory-sync', err: error }, 'the schedule is looked at again in some seconds');
    }
  }
}

/** The last time that a sync was due, unless that is too long ago; or before the source was as it is. */
export function dueTime(source: IdentitySource, now: Date): Date | undefined {
  const expression = scheduleOf(source);
  if (expression === undefined) return undefined;
  const earliest = Math.max(now.getTime() - LATEST_MS, source.settings.updatedAt.getTime());
  const [due] = new Cron(expression).previousRuns(1, now);
  return due !== undefined && due.getTime() >= earliest ? due : undefined;
}

/** Where changes come as events, each night is made sure that none was missed: at a minute of the source's own. */
function scheduleOf({ id, settings }: IdentitySource): string | undefined {
  if (settings.syncSchedule !== null) return settings.syncSchedule;
  if (!settings.callbackEvents && !settings.streamEvents) return undefined;
  const minute = (createHash('sha256').update(id).digest()[0] ?? 0) % 60;
  return `${minute} 3 * * *`;
}
