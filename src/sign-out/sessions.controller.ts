import { Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { AdminController } from '../admin/admin-controller.js';
import { Administrator } from '../admin/admin.guard.js';
import { pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import type { Actor } from '../audit/audit-log.js';
import { SessionList, type ListedSession } from '../session/session-list.js';
import { SessionAnswer, SessionQuery } from './session.dto.js';
import { SignOut } from './sign-out.js';

/** Who is signed in, and where. */
@AdminController('sessions', 'Sessions')
export class SessionsController {
  constructor(
    private readonly sessions: SessionList,
    private readonly signOut: SignOut,
  ) {}

  @Get()
  @Operation({
    summary: 'List sessions',
    description:
      'The browsers that people are signed in with, in the order of their ids; of one person if wished. Devices and apps ' +
      'with offline access have none.',
    list: SessionAnswer,
  })
  async list(@Query() query: SessionQuery): Promise<Page<SessionAnswer>> {
    const page = pageRequest(query);
    const rows = await this.sessions.page(page.limit + 1, page.after, query.user_id);
    return pageOf(rows, page, ({ id }) => id, toSession);
  }

  @Get(':id')
  @Operation({
    summary: 'Read a session',
    description: 'By its id, which is the `sid` of tokens. One that has ended is not there.',
    answer: SessionAnswer,
    problems: [404],
  })
  async read(@Param('id') id: string): Promise<SessionAnswer> {
    return toSession(await this.find(id));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'End a session',
    description:
      'Its person is signed out in that browser, and of the apps that were entered there: refresh tokens without ' +
      '`offline_access` end, and apps with a `backchannel_logout_uri` are told.',
    status: 204,
    problems: [404],
  })
  async end(@Param('id') id: string, @Administrator() actor: Actor): Promise<void> {
    await this.signOut.end(await this.find(id), 'administrator', actor);
  }

  /** @throws {Problem} not-found */
  private async find(id: string): Promise<ListedSession> {
    // What is no id of ours is nobody's, and some of it no database can be asked for.
    const session = /^[A-Za-z0-9_-]{1,64}$/.test(id) ? await this.sessions.find(id) : undefined;
    if (session === undefined) throw Problem.notFound('session');
    return session;
  }
}

function toSession(session: ListedSession): SessionAnswer {
  return {
    id: session.id,
    user_id: session.accountId,
    auth_time: session.authTime.toISOString(),
    started_at: session.startedAt.toISOString(),
    last_used_at: session.lastUsedAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    acr: session.acr,
    amr: [...session.amr],
    user_agent: session.userAgent,
    address: session.address,
    apps: [...session.clientIds],
  };
}
