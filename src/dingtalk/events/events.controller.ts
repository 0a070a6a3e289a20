import { Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Administrator } from '../../admin/admin.guard.js';
import { AdminController } from '../../admin/admin-controller.js';
import { pageOf, pageRequest, type Page } from '../../admin/list-page.js';
import { Operation } from '../../admin/operation.js';
import type { Actor } from '../../audit/audit-log.js';
import type { DirectoryEventEntity } from './directory-event.entity.js';
import { DirectoryEvent, EventChannel, EventQuery } from './event.dto.js';
import type { EventChannelEntity } from './event-channel.entity.js';
import { EventLog, pageKey } from './event-log.js';

/** The changes that an organisation's DingTalk has told of. */
@AdminController('identity-sources/:id', 'Identity sources')
export class EventsController {
  constructor(private readonly log: EventLog) {}

  @Get('events')
  @Operation({
    summary: 'List the events of a source',
    description: 'The newest first, for thirty days; of one state or type if wished.',
    list: DirectoryEvent,
    problems: [404],
  })
  async list(@Param('id') id: string, @Query() query: EventQuery): Promise<Page<DirectoryEvent>> {
    const page = pageRequest(query);
    return pageOf(await this.log.list(id, page, query), page, pageKey, toEvent);
  }

  @Get('events/:event')
  @Operation({
    summary: 'Read an event',
    description: 'What it said, and what became of it.',
    answer: DirectoryEvent,
    problems: [404],
  })
  async read(@Param('id') id: string, @Param('event') event: string): Promise<DirectoryEvent> {
    return toEvent(await this.log.find(id, event));
  }

  @Post('events/:event/retry')
  @HttpCode(200)
  @Operation({
    summary: 'Try an event again',
    description: 'Whom it is about is read again at DingTalk, whatever became of it before.',
    answer: DirectoryEvent,
    problems: [404, 409],
  })
  async retry(
    @Param('id') id: string,
    @Param('event') event: string,
    @Administrator() actor: Actor,
  ): Promise<DirectoryEvent> {
    return toEvent(await this.log.retry(id, event, actor));
  }

  @Get('event-channels')
  @Operation({
    summary: 'See how events come',
    description:
      'Callback, Stream, and the list of what could not be delivered, on each node that has seen any of it in the last ' +
      'week. A stream is held by one node at a time. A few seconds old. All on one page.',
    list: EventChannel,
    problems: [404],
  })
  async channels(@Param('id') id: string): Promise<Page<EventChannel>> {
    return { items: (await this.log.channelsOf(id)).map(toChannel), next_cursor: null };
  }
}

function toEvent(event: DirectoryEventEntity): DirectoryEvent {
  const { id, eventId, type, subjectKind, subject, payload, via, state, attempts, outcome, error } = event;
  return {
    id,
    event_id: eventId,
    type,
    subject_kind: subjectKind,
    subject,
    payload: JSON.parse(payload) as object,
    via,
    received_at: event.receivedAt.toISOString(),
    born_at: timeText(event.bornAt),
    state,
    attempts,
    next_attempt_at: timeText(event.nextAttemptAt),
    finished_at: timeText(event.finishedAt),
    outcome,
    error,
  };
}

function toChannel(channel: EventChannelEntity): EventChannel {
  const { kind, node, events, failures, lastFailure } = channel;
  return {
    kind,
    node,
    connected_since: timeText(channel.connectedSince),
    last_seen_at: timeText(channel.lastSeenAt),
    last_event_at: timeText(channel.lastEventAt),
    events,
    failures,
    last_failure_at: timeText(channel.lastFailureAt),
    last_failure: lastFailure,
    updated_at: channel.updatedAt.toISOString(),
  };
}

function timeText(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
