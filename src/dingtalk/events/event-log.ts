import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { PageRequest } from '../../admin/list-page.js';
import { Problem } from '../../admin/problem.js';
import { AuditLog, type Actor } from '../../audit/audit-log.js';
import { Database, statement } from '../../database/database.js';
import { IdentitySources } from '../source/identity-sources.js';
import { DirectoryEventEntity } from './directory-event.entity.js';
import { EventChannelEntity } from './event-channel.entity.js';
import type { EventQuery } from './event.dto.js';
import { EventWorker } from './event-worker.js';

const RETRY = statement(
  'directory_event_retry',
  `UPDATE directory_events SET state = 'pending', attempts = 0, next_attempt_at = $2, finished_at = NULL, outcome = NULL,
     error = NULL
   WHERE id = $1 AND state <> 'working'`,
);

/** Where a page of events, the newest first, begins: after this one. */
const KEY = /^(\d{1,15})\.([\w-]{1,64})$/;

/** What operators see of a source's events, and do about them. */
@Injectable()
export class EventLog {
  constructor(
    @InjectRepository(DirectoryEventEntity) private readonly events: Repository<DirectoryEventEntity>,
    @InjectRepository(EventChannelEntity) private readonly channels: Repository<EventChannelEntity>,
    private readonly sources: IdentitySources,
    private readonly database: Database,
    private readonly worker: EventWorker,
    private readonly audit: AuditLog,
  ) {}

  /**
   * The newest first.
   *
   * @throws {Problem} when there is no such source, or the cursor is of another list
   */
  async list(sourceId: string, { limit, after }: PageRequest, filter: EventQuery): Promise<DirectoryEventEntity[]> {
    await this.requireSource(sourceId);
    const query = this.events
      .createQueryBuilder('event')
      .where('event.sourceId = :sourceId', { sourceId })
      .orderBy('event.receivedAt', 'DESC')
      .addOrderBy('event.id', 'DESC')
      .take(limit + 1);
    const { state, type } = filter;
    if (state !== undefined) query.andWhere('event.state = :state', { state });
    if (type !== undefined) query.andWhere('event.type = :type', { type });
    if (after === undefined) return query.getMany();
    const [, at, id] = KEY.exec(after) ?? [];
    if (at === undefined || id === undefined) {
      throw Problem.ofFields([{ field: 'cursor', problem: 'is not one of this list' }]);
    }
    query.andWhere('(event.receivedAt < :at OR (event.receivedAt = :at AND event.id < :id))', { at: Number(at), id });
    return query.getMany();
  }

  /** @throws {Problem} not-found */
  async find(sourceId: string, id: string): Promise<DirectoryEventEntity> {
    await this.requireSource(sourceId);
    const event = /^[\w-]{1,64}$/.test(id) ? await this.events.findOneBy({ id, sourceId }) : null;
    if (event === null) throw Problem.notFound('event');
    return event;
  }

  /**
   * Has an event worked on again, whatever became of it.
   *
   * @throws {Problem} not-found; conflict while it is being worked on
   */
  async retry(sourceId: string, id: string, actor: Actor): Promise<DirectoryEventEntity> {
    const { eventId, type } = await this.find(sourceId, id);
    if ((await this.database.run(RETRY, id, Date.now())) !== 1) {
      throw new Problem('conflict', 'The event is being worked on at this moment.');
    }
    this.audit.record('directory.event_received', actor, {
      source: sourceId,
      by: `event ${eventId}`,
      type,
      via: 'retry',
    });
    this.worker.wake();
    return this.find(sourceId, id);
  }

  /** The state of each way that events come, node by node, the most recent first. @throws {Problem} not-found */
  async channelsOf(sourceId: string): Promise<EventChannelEntity[]> {
    await this.requireSource(sourceId);
    return this.channels.find({ where: { sourceId }, order: { updatedAt: 'DESC', id: 'ASC' }, take: 200 });
  }

  private async requireSource(sourceId: string): Promise<void> {
    if ((await this.sources.find(sourceId)) === undefined) throw Problem.notFound('identity source');
  }
}

/** Of a row of the list, for the next page. */
export function pageKey({ receivedAt, id }: DirectoryEventEntity): string {
  return `${receivedAt.getTime()}.${id}`;
}
