import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { ServerLog } from '../../audit/server-log.js';
import { Database, statement } from '../../database/database.js';
import type { EventChannelKind } from './directory-event.entity.js';
import { Leases } from '../../database/leases.js';

/** Milliseconds between two notes of the same channel: what happens in between is noted together. */
const NOTE_EVERY_MS = 5_000;

/** Milliseconds: a node that has said nothing for so long is gone. */
const KEEP_MS = 7 * 24 * 3_600_000;

const LONGEST_FAILURE = 300;

const NOTE = statement(
  'dingtalk_event_channel_note',
  `INSERT INTO dingtalk_event_channels (id, source_id, kind, node, connected_since, last_seen_at, last_event_at, events,
     failures, last_failure_at, last_failure, updated_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
   ON CONFLICT (id) DO UPDATE SET connected_since = excluded.connected_since, last_seen_at = excluded.last_seen_at,
     last_event_at = excluded.last_event_at, events = excluded.events, failures = excluded.failures,
     last_failure_at = excluded.last_failure_at, last_failure = excluded.last_failure, updated_at = excluded.updated_at,
     expires_at = excluded.expires_at`,
);
const LAST_CONNECTED = statement(
  'dingtalk_event_channel_last_connected',
  `SELECT MAX(last_seen_at) AS at FROM dingtalk_event_channels WHERE source_id = $1 AND kind = 'stream'`,
);

interface Channel {
  readonly sourceId: string;
  readonly kind: EventChannelKind;
  connectedSince: number | null;
  lastSeenAt: number | null;
  lastEventAt: number | null;
  events: number;
  failures: number;
  lastFailureAt: number | null;
  lastFailure: string | null;
  isNoted: boolean;
}

/** Keeps note of how events come to this node, for operators; and since when a source was not listened to. */
@Injectable()
export class EventChannels implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly node: string;
  private readonly channels = new Map<string, Channel>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly log: ServerLog,
    { node }: Leases,
  ) {
    this.node = `${hostname().slice(0, 150)} ${process.pid} ${node.slice(0, 6)}`;
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.note(), NOTE_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.note();
  }

  /** The channel works: a frame, a good callback, an answer came. */
  seen(sourceId: string, kind: EventChannelKind): void {
    this.change(sourceId, kind, { lastSeenAt: Date.now() });
  }

  /** An event came and was stored. */
  received(sourceId: string, kind: EventChannelKind): void {
    const now = Date.now();
    const { events } = this.at(sourceId, kind);
    this.change(sourceId, kind, { lastSeenAt: now, lastEventAt: now, events: events + 1 });
  }

  failed(sourceId: string, kind: EventChannelKind, reason: string): void {
    const { failures } = this.at(sourceId, kind);
    const lastFailure = reason.replaceAll('\u0000', '').slice(0, LONGEST_FAILURE);
    this.change(sourceId, kind, { failures: failures + 1, lastFailureAt: Date.now(), lastFailure });
  }

  /** A stream was opened, or closed. */
  connected(sourceId: string, since: Date | undefined): void {
    this.change(sourceId, 'stream', {
      connectedSince: since?.getTime() ?? null,
      ...(since === undefined ? {} : { lastSeenAt: since.getTime() }),
    });
    void this.note();
  }

  /** A stream was closed by us: it was good until now. */
  closed(sourceId: string): void {
    if (this.at(sourceId, 'stream').connectedSince !== null) this.seen(sourceId, 'stream');
    this.connected(sourceId, undefined);
  }

  /** When any node last had the source's stream, as far as it is noted: the last few seconds may not be. */
  async lastStream(sourceId: string): Promise<Date | undefined> {
    const row = await this.database.first<{ at: number | string | null }>(LAST_CONNECTED, sourceId);
    const at = row?.at ?? null;
    return at === null ? undefined : new Date(Number(at));
  }

  /** Writes down what has changed. Never rejects: it is for looking at only. */
  async note(): Promise<void> {
    const changed = [...this.channels.values()].filter(({ isNoted }) => !isNoted);
    await Promise.all(changed.map((channel) => this.noteOne(channel)));
  }

  private async noteOne(channel: Channel): Promise<void> {
    const { sourceId, kind, connectedSince, lastSeenAt, lastEventAt, events, failures } = channel;
    const { lastFailureAt, lastFailure } = channel;
    const id = createHash('sha256').update(`${sourceId} ${kind} ${this.node}`).digest('base64url');
    const now = Date.now();
    channel.isNoted = true;
    try {
      await this.database.run(
        NOTE,
        id,
        sourceId,
        kind,
        this.node,
        connectedSince,
        lastSeenAt,
        lastEventAt,
        events,
        failures,
        lastFailureAt,
        lastFailure,
        now,
        now + KEEP_MS,
      );
    } catch (error) {
      channel.isNoted = false;
      this.log.warning({ kind: 'directory_events', err: error }, 'the state of a channel could not be noted');
    }
  }

  private change(sourceId: string, kind: EventChannelKind, changes: Partial<Channel>): void {
    Object.assign(this.at(sourceId, kind), changes, { isNoted: false });
  }

  private at(sourceId: string, kind: EventChannelKind): Channel {
    const key = `${kind} ${sourceId}`;
    const known = this.channels.get(key);
    if (known !== undefined) return known;
    const nothing = {
      connectedSince: null,
      lastSeenAt: null,
      lastEventAt: null,
      lastFailureAt: null,
      lastFailure: null,
    };
    const channel = { sourceId, kind, ...nothing, events: 0, failures: 0, isNoted: true };
    this.channels.set(key, channel);
    return channel;
  }
}
