import { Injectable } from '@nestjs/common';
import type { WebSocket } from 'undici';
import { AuditLog } from '../../audit/audit-log.js';
import { ServerLog } from '../../audit/server-log.js';
import { OutboundHttp } from '../../outbound/outbound-http.js';
import { DingTalkClients } from '../api/dingtalk-clients.js';
import { DirectorySyncs } from '../directory/directory-syncs.js';
import type { IdentitySource } from '../source/identity-source.js';
import { EventChannels } from './event-channels.js';
import { EventInbox } from './event-inbox.js';
import { payloadOf, type StreamFrame } from './stream-frame.js';
import type { StreamListener } from './stream-link.js';

/** Milliseconds: DingTalk waits 3 s for an acknowledgement, and sends the event again. */
const STORE_WITHIN_MS = 2_500;

/** Milliseconds: what happened in a longer outage may not be sent again. */
const OUTAGE_MS = 60_000;

/** What a source's Stream connection is opened with, and where its events go. */
@Injectable()
export class StreamIntake {
  constructor(
    private readonly clients: DingTalkClients,
    private readonly outbound: OutboundHttp,
    private readonly inbox: EventInbox,
    private readonly channels: EventChannels,
    private readonly syncs: DirectorySyncs,
    private readonly audit: AuditLog,
    private readonly log: ServerLog,
  ) {}

  /** @param source the source as it is now: what does not touch the connection may change under it */
  listener(sourceId: string, source: () => IdentitySource): StreamListener {
    let lostAt: Date | undefined;
    return {
      open: (signal) => this.open(source(), signal),
      take: (frame) => this.take(source(), frame),
      seen: () => this.channels.seen(sourceId, 'stream'),
      failed: (reason) => this.failed(sourceId, reason),
      disconnected: (since) => {
        lostAt = since;
        this.channels.connected(sourceId, undefined);
      },
      connected: () => {
        void this.connected(source(), lostAt);
        lostAt = undefined;
      },
    };
  }

  /** We closed the connection ourselves; it was good until now. */
  closed(sourceId: string): void {
    this.channels.closed(sourceId);
  }

  private async open(source: IdentitySource, signal: AbortSignal): Promise<WebSocket> {
    const { endpoint, ticket } = await this.clients.of(source).openStream({ signal });
    const url = new URL(endpoint);
    url.searchParams.set('ticket', ticket);
    return this.outbound.webSocket(url.toString());
  }

  /** @returns whether it is durable, or will never be wanted */
  private async take(source: IdentitySource, frame: StreamFrame): Promise<boolean> {
    const { eventType: type, eventId, eventCorpId, eventBornTime } = frame.headers;
    if (eventCorpId !== undefined && eventCorpId !== source.corpId) {
      // It would come again for ever if it were not taken.
      const details = { source: source.id, via: 'stream', reason: 'the event is of another organisation' };
      this.audit.record('directory.event_refused', {}, details);
      return true;
    }
    const time = Number(eventBornTime);
    const bornAt = time > 0 && time < 1e14 ? new Date(time) : undefined;
    const event = { eventId, type, payload: payloadOf(frame), via: 'stream', bornAt } as const;
    try {
      await this.inbox.put(source, event, STORE_WITHIN_MS);
      this.channels.received(source.id, 'stream');
      return true;
    } catch (error) {
      this.failed(source.id, String(error));
      return false;
    }
  }

  private failed(sourceId: string, reason: string): void {
    this.channels.failed(sourceId, 'stream', reason);
    this.log.warning({ kind: 'directory_events', source: sourceId, via: 'stream', reason });
  }

  /**
   * What was missed while nobody listened is found by a full sync.
   *
   * @param lostAt when the connection before this one was lost; undefined for the first one of this node
   */
  private async connected(source: IdentitySource, lostAt: Date | undefined): Promise<void> {
    try {
      const since = lostAt ?? (await this.channels.lastStream(source.id));
      this.channels.connected(source.id, new Date());
      if (since === undefined || Date.now() - since.getTime() <= OUTAGE_MS) return;
      await this.syncs.reconcileSoon(source, 'stream reconnected');
    } catch (error) {
      this.log.warning({ kind: 'directory_events', source: source.id, err: error }, 'no sync was started');
    }
  }
}
