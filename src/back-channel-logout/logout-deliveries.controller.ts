import { Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import type { Actor } from '../audit/audit-log.js';
import { LogoutDelivery, LogoutDeliveryQuery } from './logout-delivery.dto.js';
import { LogoutLog, pageKey } from './logout-log.js';
import type { LogoutNoticeEntity } from './logout-notice.entity.js';

/** What apps were told of sign-outs (OpenID Connect Back-Channel Logout 1.0). */
@AdminController('logout-deliveries', 'Logout deliveries')
export class LogoutDeliveriesController {
  constructor(private readonly log: LogoutLog) {}

  @Get()
  @Operation({
    summary: 'List logout deliveries',
    description:
      'What apps are told at their `backchannel_logout_uri`, the newest first; to one app, about one person or in one state ' +
      'if wished. They stay for fourteen days after they were delivered or given up.',
    list: LogoutDelivery,
  })
  async list(@Query() query: LogoutDeliveryQuery): Promise<Page<LogoutDelivery>> {
    const page = pageRequest(query);
    return pageOf(await this.log.list(page, query), page, pageKey, toDelivery);
  }

  @Get(':id')
  @Operation({
    summary: 'Read a logout delivery',
    description: 'How far it is.',
    answer: LogoutDelivery,
    problems: [404],
  })
  async read(@Param('id') id: string): Promise<LogoutDelivery> {
    return toDelivery(await this.log.find(id));
  }

  @Post(':id/replay')
  @HttpCode(202)
  @Operation({
    summary: 'Tell an app again',
    description:
      'With a fresh logout token, at once, whatever became of it before; then as long as if it were new. Harmless where ' +
      'the app was told already.',
    status: 202,
    answer: LogoutDelivery,
    problems: [404],
  })
  async replay(@Param('id') id: string, @Administrator() actor: Actor): Promise<LogoutDelivery> {
    return toDelivery(await this.log.replay(id, actor));
  }
}

function toDelivery(notice: LogoutNoticeEntity): LogoutDelivery {
  return {
    id: notice.id,
    client_id: notice.clientId,
    user_id: notice.accountId,
    session_id: notice.sessionId,
    cause: notice.cause,
    state: notice.state,
    attempts: notice.attempts,
    next_attempt_at: timeText(notice.nextAttemptAt),
    delivered_at: timeText(notice.deliveredAt),
    last_status: notice.lastStatus,
    last_error: notice.lastError,
    created_at: notice.createdAt.toISOString(),
  };
}

function timeText(time: Date | null): string | null {
  return time === null ? null : time.toISOString();
}
