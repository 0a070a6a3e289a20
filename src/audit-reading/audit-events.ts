import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository, type SelectQueryBuilder } from 'typeorm';
import type { PageRequest } from '../admin/list-page.js';
import { Problem } from '../admin/problem.js';
import { AuditEventEntity } from '../audit/audit-event.entity.js';
import type { AuditEventQuery } from './audit-event.dto.js';

/** Where a page, the newest first, begins: after this one. */
const KEY = /^(\d{1,15})-([\w.-]{1,64})$/;

/** Events of one time line. A sign-in has some ten. */
const MOST_OF_FLOW = 300;
const MOST_TRACES = 100;

/** Filters that a column answers by itself. */
const COLUMNS = {
  event: 'event',
  outcome: 'outcome',
  client_id: 'clientId',
  subject_type: 'subjectKind',
  subject_id: 'subjectId',
  app: 'app',
  trace_id: 'traceId',
  flow_id: 'flowId',
} as const satisfies Partial<Record<keyof AuditEventQuery, keyof AuditEventEntity>>;

/** Reads the trail; there is no other way to touch it. */
@Injectable()
export class AuditEvents {
  constructor(@InjectRepository(AuditEventEntity) private readonly events: Repository<AuditEventEntity>) {}

  /**
   * The newest first, one more than the limit.
   *
   * @throws {Problem} when the cursor is of another list
   */
  async list({ limit, after }: PageRequest, filter: AuditEventQuery): Promise<AuditEventEntity[]> {
    const query = this.events
      .createQueryBuilder('event')
      .where('1 = 1')
      .orderBy('event.at', 'DESC')
      .addOrderBy('event.id', 'DESC')
      .take(limit + 1);
    narrow(query, filter);
    if (after === undefined) return query.getMany();
    const [, at, id] = KEY.exec(after) ?? [];
    if (at === undefined || id === undefined) {
      throw Problem.ofFields([{ field: 'cursor', problem: 'is not one of this list' }]);
    }
    query.andWhere('event.at <= :at AND (event.at < :at OR event.id < :id)', { at: Number(at), id });
    return query.getMany();
  }

  /** @throws {Problem} not-found */
  async find(id: string): Promise<AuditEventEntity> {
    const event = /^[\w-]{1,64}$/.test(id) ? await this.events.findOneBy({ id }) : null;
    if (event === null) throw Problem.notFound('audit event');
    return event;
  }

  /**
   * All that belongs to the sign-in that a request was a part of, the oldest first: what happened in the request, in the
   * others of its flow, and in those what is noted without one.
   */
  async ofFlow(traceId: string): Promise<AuditEventEntity[]> {
    const own = await this.events.find({ where: { traceId }, order: { at: 'ASC' }, take: MOST_OF_FLOW });
    const flows = [...new Set(own.flatMap(({ flowId }) => flowId ?? []))];
    if (flows.length === 0) return own;
    const flow = await this.events.find({ where: { flowId: In(flows) }, order: { at: 'ASC' }, take: MOST_OF_FLOW });
    const traces = [...new Set(flow.flatMap((event) => event.traceId ?? []))].slice(0, MOST_TRACES);
    const beside = await this.events.find({ where: { traceId: In(traces) }, order: { at: 'ASC' }, take: MOST_OF_FLOW });
    const all = new Map([...own, ...flow, ...beside].map((event) => [event.id, event]));
    return [...all.values()].toSorted((one, other) => one.at.getTime() - other.at.getTime());
  }
}

/** Of a row of the list, for the next page. */
export function pageKey({ at, id }: AuditEventEntity): string {
  return `${at.getTime()}-${id}`;
}

function narrow(query: SelectQueryBuilder<AuditEventEntity>, filter: AuditEventQuery): void {
  for (const [wire, column] of Object.entries(COLUMNS)) {
    const value = filter[wire as keyof typeof COLUMNS];
    if (value !== undefined) query.andWhere(`event.${column} = :${wire}`, { [wire]: value });
  }
  const { user_id: userId, from, to } = filter;
  if (userId !== undefined) {
    query.andWhere(`(event.accountId = :userId OR (event.subjectId = :userId AND event.subjectKind = 'account'))`, {
      userId,
    });
  }
  if (from !== undefined) query.andWhere('event.at >= :from', { from: Date.parse(from) });
  if (to !== undefined) query.andWhere('event.at < :to', { to: Date.parse(to) });
}
