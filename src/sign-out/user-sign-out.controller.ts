import { HttpCode, Param, Post } from '@nestjs/common';
import { AdminController } from '../admin/admin-controller.js';
import { Administrator } from '../admin/admin.guard.js';
import { Operation } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import type { Actor } from '../audit/audit-log.js';
import { SignOutAnswer } from './session.dto.js';
import { SignOutEverywhere } from './sign-out-everywhere.js';

/** Signing somebody out of everything. */
@AdminController('users/:id/sign-out', 'People')
export class UserSignOutController {
  constructor(private readonly everywhere: SignOutEverywhere) {}

  @Post()
  @HttpCode(200)
  @Operation({
    summary: 'Sign a person out everywhere',
    description:
      'Ends all their sessions, the refresh tokens of every app and device, those with `offline_access` too, and the ' +
      'access tokens. Apps with a `backchannel_logout_uri` are told. They may sign in again; to keep somebody out, ' +
      'disable them.',
    answer: SignOutAnswer,
    problems: [404],
  })
  async signOut(@Param('id') id: string, @Administrator() actor: Actor): Promise<SignOutAnswer> {
    const known = /^[A-Za-z0-9_-]{1,64}$/.test(id);
    const done = known ? await this.everywhere.end(id, 'administrator', actor) : undefined;
    if (done === undefined) throw Problem.notFound('person');
    return { sessions: done.sessions, logout_notices: done.notices };
  }
}
