import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { PageRequest } from '../admin/list-page.js';
import { Problem } from '../admin/problem.js';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import type { LogoutDeliveryQuery } from './logout-delivery.dto.js';
import { LogoutNoticeEntity } from './logout-notice.entity.js';
import { LogoutNotices, WAITS_MS } from './logout-notices.js';
import { LogoutNoticeStore } from './logout-notice-store.js';

/** Where a page, the newest first, begins: after this one. */
const KEY = /^(\d{1,15})-([\w.-]{1,64})$/;

const ID = /^[\w.-]{1,64}$/;

/** What operators see of the deliveries, and do about them. */
@Injectable()
export class LogoutLog {
  constructor(
    @InjectRepository(LogoutNoticeEntity) private readonly notices: Repository<LogoutNoticeEntity>,
    private readonly store: LogoutNoticeStore,
    private readonly queue: LogoutNotices,
    private readonly audit: AuditLog,
  ) {}

  /**
   * The newest first.
   *
   * @throws {Problem} when the cursor is of another list
   */
  async list({ limit, after }: PageRequest, filter: LogoutDeliveryQuery): Promise<LogoutNoticeEntity[]> {
    const query = this.notices
      .createQueryBuilder('notice')
      .where('1 = 1')
      .orderBy('notice.createdAt', 'DESC')
      .addOrderBy('notice.id', 'DESC')
      .take(limit + 1);
    const { client_id: clientId, user_id: accountId, state } = filter;
    if (clientId !== undefined) query.andWhere('notice.clientId = :clientId', { clientId });
    if (accountId !== undefined) query.andWhere('notice.accountId = :accountId', { accountId });
    if (state !== undefined) query.andWhere('notice.state = :state', { state });
    if (after === undefined) return query.getMany();
    const [, at, id] = KEY.exec(after) ?? [];
    if (at === undefined || id === undefined) {
      throw Problem.ofFields([{ field: 'cursor', problem: 'is not one of this list' }]);
    }
    query.andWhere('(notice.createdAt < :at OR (notice.createdAt = :at AND notice.id < :id))', { at: Number(at), id });
    return query.getMany();
  }

  /** @throws {Problem} not-found */
  async find(id: string): Promise<LogoutNoticeEntity> {
    const notice = ID.test(id) ? await this.notices.findOneBy({ id }) : null;
    if (notice === null) throw Problem.notFound('logout delivery');
    return notice;
  }

  /**
   * Has the app told again, whatever became of it before.
   *
   * @throws {Problem} not-found
   */
  async replay(id: string, actor: Actor): Promise<LogoutNoticeEntity> {
    const { clientId, accountId, state } = await this.find(id);
    if (!(await this.store.replay(id, new Date(Date.now() + WAITS_MS)))) throw Problem.notFound('logout delivery');
    this.audit.record('logout.replayed', actor, { notice: id, app: clientId, account: accountId, was: state });
    this.queue.wake();
    return this.find(id);
  }
}

/** Of a row of the list, for the next page. */
export function pageKey({ createdAt, id }: LogoutNoticeEntity): string {
  return `${createdAt.getTime()}-${id}`;
}
