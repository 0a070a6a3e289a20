import { Injectable } from '@nestjs/common';
import { DirectoryUpdates, type Refreshed } from '../directory/directory-updates.js';
import { IdentityStore } from '../people/identity-store.js';
import type { IdentitySource } from '../source/identity-source.js';
import type { ClaimedEvent, Lane } from './event-store.js';

/** Seconds after an event came at which a directory that does not show it yet is asked again. */
const LOOKS = [1, 5, 30, 300] as const;

/** Events after which somebody should be there, and after which they should not. */
const EXPECTED: ReadonlyMap<string, boolean> = new Map([
  ['user_add_org', true],
  ['user_active_org', true],
  ['user_leave_org', false],
]);

/** What became of one event: it is over, or it is looked at again. */
export type Verdict = { readonly outcome: string } | { readonly outcome: string; readonly lookAgainAt: Date };

/**
 * Does what events call for. Not by what they say, which may be old, doubled or out of order: whom they are about is
 * read again, once for all events that wait.
 */
@Injectable()
export class EventHandler {
  constructor(
    private readonly updates: DirectoryUpdates,
    private readonly identities: IdentityStore,
  ) {}

  /**
   * @param events all about the same subject, the oldest first
   * @returns a verdict on each event, in their order
   * @throws {DingTalkError} when the subject cannot be read; nothing has been changed then
   */
  async handle(source: IdentitySource, lane: Lane, events: readonly ClaimedEvent[]): Promise<readonly Verdict[]> {
    const by = causeOf(events);
    if (lane.kind === 'person') return this.handlePerson(source, lane.key, by, events);
    const outcome = await this.refresh(source, lane, by);
    return events.map(() => ({ outcome }));
  }

  private async handlePerson(
    source: IdentitySource,
    userid: string,
    by: string,
    events: readonly ClaimedEvent[],
  ): Promise<readonly Verdict[]> {
    const refreshed = await this.updates.refreshPerson(source, userid, by);
    const isThere = await this.isThere(source, userid, refreshed);
    return events.map((event) => verdictOf(event, refreshed, isThere));
  }

  /** Whether DingTalk knows the person; who is as before may have left before. */
  private async isThere(source: IdentitySource, userid: string, refreshed: Refreshed): Promise<boolean> {
    if (refreshed !== 'unchanged') return refreshed !== 'departed';
    const identity = await this.identities.findByUser(source, userid);
    return identity !== undefined && identity.leftAt === undefined;
  }

  private async refresh(source: IdentitySource, { kind, key }: Lane, by: string): Promise<string> {
    if (kind === 'none') return 'noted';
    if (kind === 'role' && !source.settings.syncRoles) return 'not_synced';
    if (kind === 'role') await this.updates.refreshRole(source, Number(key), by);
    else await this.updates.refreshDepartments(source, [Number(key)], by);
    return 'refreshed';
  }
}

/** The id that stands in every audit line that comes of these events; a departure has a departure's. */
function causeOf(events: readonly ClaimedEvent[]): string {
  const cause = events.find(({ type }) => type === 'user_leave_org') ?? events[0];
  return `event ${cause?.eventId ?? ''}`;
}

/**
 * The directory may lag behind its own events. What does not fit the event is looked at again before it is believed:
 * somebody who has left is still there, somebody who has joined is not.
 */
function verdictOf({ type, receivedAt }: ClaimedEvent, refreshed: Refreshed, isThere: boolean): Verdict {
  if ((EXPECTED.get(type) ?? isThere) === isThere) return { outcome: refreshed };
  const elapsed = Date.now() - receivedAt.getTime();
  const next = LOOKS.find((seconds) => seconds * 1_000 > elapsed);
  if (next === undefined) return { outcome: isThere ? 'still_there' : 'not_there' };
  return { outcome: 'looking_again', lookAgainAt: new Date(receivedAt.getTime() + next * 1_000) };
}
