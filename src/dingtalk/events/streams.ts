import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ServerLog } from '../../audit/server-log.js';
import type { IdentitySource } from '../source/identity-source.js';
import { IdentitySources } from '../source/identity-sources.js';
import { Leases } from '../../database/leases.js';
import { StreamIntake } from './stream-intake.js';
import { StreamLink, USUAL_TIMINGS, type StreamTimings } from './stream-link.js';

/** Milliseconds: a node that dies is replaced within the sum of both. */
const LEASE_MS = 12_000;
const LOOK_EVERY_MS = 3_000;

interface Held {
  readonly link: StreamLink;
  /** What the connection was made with. */
  readonly key: string;
  source: IdentitySource;
}

/**
 * The Stream connections of the sources that have it switched on: each held by one node, and by another soon after that
 * one dies. DingTalk would give each event to one of several connections, so that holding more would gain nothing.
 */
@Injectable()
export class Streams implements OnApplicationBootstrap, OnModuleDestroy {
  /** Of the links that are made from now on; tests shorten them. */
  readonly timings: StreamTimings = { ...USUAL_TIMINGS };
  private readonly held = new Map<string, Held>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly sources: IdentitySources,
    private readonly leases: Leases,
    private readonly intake: StreamIntake,
    private readonly log: ServerLog,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
    void this.look();
  }

  /** The leases are given back, so that another node connects at once. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
    await Promise.all([...this.held.keys()].map((id) => this.letGo(id)));
  }

  /** Opens and closes what has to be by now. Never rejects. */
  async look(): Promise<void> {
    this.looking ??= this.lookOnce()
      .catch((error: unknown) => {
        // Without the database no event could be stored, so nobody needs to be connected elsewhere.
        this.log.warning({ kind: 'directory_events', err: error }, 'the streams stay as they are');
      })
      .finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    const sources = (await this.sources.enabled()).filter(({ settings }) => settings.streamEvents);
    const wanted = new Set(sources.map(({ id }) => id));
    for (const id of this.held.keys()) if (!wanted.has(id)) await this.letGo(id);
    for (const source of sources) {
      if (await this.leases.acquire(leaseOf(source.id), LEASE_MS)) this.hold(source);
      else this.close(source.id);
    }
  }

  private hold(source: IdentitySource): void {
    const { clientId, clientSecret, corpId, apiBaseUrl } = source.settings;
    const key = JSON.stringify([clientId, clientSecret, corpId, apiBaseUrl]);
    const held = this.held.get(source.id);
    if (held?.key === key) {
      held.source = source;
      return;
    }
    this.close(source.id);
    const listener = this.intake.listener(source.id, () => fresh.source);
    const fresh: Held = { key, source, link: new StreamLink(listener, { ...this.timings }) };
    this.held.set(source.id, fresh);
    fresh.link.start();
  }

  private async letGo(sourceId: string): Promise<void> {
    this.close(sourceId);
    await this.leases.release(leaseOf(sourceId)).catch(() => undefined);
  }

  private close(sourceId: string): void {
    const held = this.held.get(sourceId);
    if (held === undefined) return;
    this.held.delete(sourceId);
    held.link.stop();
    this.intake.closed(sourceId);
  }
}

function leaseOf(sourceId: string): string {
  return `stream:${sourceId}`;
}
