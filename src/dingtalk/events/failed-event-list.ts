import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ServerLog } from '../../audit/server-log.js';
import { newIdentifier } from '../../protocol/opaque-token.js';
import type { FailedEvent } from '../api/dingtalk-client.js';
import { DingTalkClients } from '../api/dingtalk-clients.js';
import { DirectorySyncs } from '../directory/directory-syncs.js';
import type { IdentitySource } from '../source/identity-source.js';
import { IdentitySources } from '../source/identity-sources.js';
import { EventChannels } from './event-channels.js';
import { EventInbox } from './event-inbox.js';
import { Leases } from '../../database/leases.js';

/** Milliseconds. DingTalk parks an event for 3 to 5 minutes before it is on the list. */
const FIRST_LOOK_MS = 3 * 60_000;
const LOOK_EVERY_MS = 60_000;
/** Whichever node looked: the next look is no sooner. */
const AGAIN_AFTER_MS = 5 * 60_000 - 5_000;

/** Milliseconds; nobody waits for an answer here. */
const STORE_WITHIN_MS = 10_000;

/** Pages of one look. */
const MOST_PAGES = 50;

/** Fetches what DingTalk could not deliver by callback. One node does it, every five minutes. */
@Injectable()
export class FailedEventList implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private ending = false;

  constructor(
    private readonly sources: IdentitySources,
    private readonly clients: DingTalkClients,
    private readonly inbox: EventInbox,
    private readonly channels: EventChannels,
    private readonly leases: Leases,
    private readonly syncs: DirectorySyncs,
    private readonly log: ServerLog,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule(FIRST_LOOK_MS);
  }

  async onModuleDestroy(): Promise<void> {
    this.ending = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  /** Looks at the lists of all sources whose turn it is. Never rejects. */
  async look(): Promise<void> {
    try {
      for (const source of await this.sources.enabled()) {
        if (source.settings.callbackEvents && !this.ending) await this.lookAt(source);
      }
    } catch (error) {
      this.log.warning({ kind: 'directory_events', err: error }, 'the undelivered events are fetched in a minute');
    }
  }

  private schedule(milliseconds: number): void {
    this.timer = setTimeout(() => {
      this.looking = this.look().finally(() => this.schedule(LOOK_EVERY_MS));
    }, milliseconds).unref();
    if (this.ending) clearTimeout(this.timer);
  }

  private async lookAt(source: IdentitySource): Promise<void> {
    // A holder of its own for each look: not even the same node comes again sooner.
    if (!(await this.leases.acquire(`failed-events:${source.id}`, AGAIN_AFTER_MS, newIdentifier()))) return;
    try {
      await this.collect(source);
      this.channels.seen(source.id, 'failed_list');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.channels.failed(source.id, 'failed_list', reason);
      this.log.warning({ kind: 'directory_events', source: source.id, via: 'failed_list', reason });
    }
  }

  /**
   * Stores what is on the list. Reading it has removed it there, so what cannot be stored is left to a full sync.
   *
   * @throws {DingTalkError} when the list cannot be read
   */
  private async collect(source: IdentitySource): Promise<void> {
    const client = this.clients.of(source);
    for (let page = 1; page <= MOST_PAGES && !this.ending; page++) {
      const { events, more } = await client.failedEvents();
      const stored = await Promise.allSettled(events.map((event) => this.store(source, event)));
      if (stored.some(({ status }) => status === 'rejected')) {
        await this.syncs.reconcileSoon(source, 'undelivered events lost');
      }
      if (!more) return;
    }
  }

  private async store(source: IdentitySource, { type, time, payload }: FailedEvent): Promise<void> {
    const corpId = payload['corpid'] ?? payload['CorpId'];
    if (corpId !== undefined && corpId !== source.corpId) return;
    // The list names no event ids: the same event in the same moment is the same.
    const identified = { ...payload, time: time.getTime() };
    const event = { eventId: undefined, type, payload: identified, via: 'failed_list', bornAt: time } as const;
    await this.inbox.put(source, event, STORE_WITHIN_MS);
    this.channels.received(source.id, 'failed_list');
  }
}
