import { Reflector } from '@nestjs/core';
import type { ExecutionContext } from '@nestjs/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { OAuthError } from '../protocol/oauth-error.js';
import type { AdminActor } from './admin-actor.js';
import type { AdminAuthentication } from './admin-authentication.js';
import { AdminPart } from './admin-part.js';
import { AdminRate, MOST_REFUSED } from './admin-rate.js';
import { AdminGuard } from './admin.guard.js';

@AdminPart('apps', 'Apps')
class Apps {
  list(): void {
    // Only asked what it needs.
  }
}

const context = {
  getClass: () => Apps,
  getHandler: () => Reflect.get(Apps.prototype, 'list') as unknown,
  switchToHttp: () => ({ getRequest: () => ({ method: 'GET', ip: '192.0.2.1', socket: {}, headers: {} }) }),
} as unknown as ExecutionContext;

describe('ADMIN-13: strangers behind the same address', () => {
  const actorOf = vi.fn<() => Promise<AdminActor>>();
  let guard: AdminGuard;
  const statusOf = async () =>
    guard.canActivate(context).then(
      () => 200,
      (error: { status: number }) => error.status,
    );

  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2027-01-31T08:15:20Z'), toFake: ['Date'] });
    guard = new AdminGuard({ actorOf } as unknown as AdminAuthentication, new Reflector(), new AdminRate());
    return () => vi.useRealTimers();
  });

  it('keep no good token out, however many bad ones they bring', async () => {
    actorOf.mockRejectedValue(new OAuthError('invalid_token', 'made up'));
    for (let count = 0; count < MOST_REFUSED; count++) expect(await statusOf()).toBe(401);
    expect(await statusOf()).toBe(429);
    actorOf.mockResolvedValue({ clientId: 'one' } as AdminActor);
    expect(await statusOf()).toBe(200);
    actorOf.mockRejectedValue(new OAuthError('insufficient_scope', 'too little'));
    expect(await statusOf()).toBe(403);
  });
});
