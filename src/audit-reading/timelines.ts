import { Injectable } from '@nestjs/common';
import { AccountStore, displayName } from '../accounts/account-store.js';
import type { AdminActor } from '../admin/admin-actor.js';
import { Problem } from '../admin/problem.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { AuditEventEntity } from '../audit/audit-event.entity.js';
import type { Locale } from '../ui/messages.js';
import type { Timeline, TimelineEntry } from './audit-event.dto.js';
import { AuditEvents } from './audit-events.js';
import { failureOf } from './failure-reason.js';
import { TIMELINE_WORDS, type LineFacts, type TimelineWords, type ToldEvent } from './timeline-words.js';

/** The right to know people's names. */
export const PEOPLE_READ = 'clinch:users:read';

/** Failures that only repeat what a line before them says. */
const VAGUE: ReadonlySet<string | undefined> = new Set(['access_denied', 'other']);

/** Where the words stop being about a sign-in and begin to be about its end. */
const ENDS: ReadonlySet<string> = new Set(['code.issued', 'token.issued', 'federation.opened']);

/** Tells a sign-in in plain words, found by the trace id of any of its requests. */
@Injectable()
export class Timelines {
  constructor(
    private readonly events: AuditEvents,
    private readonly apps: ClientRegistry,
    private readonly accounts: AccountStore,
  ) {}

  /**
   * @param actor people's names are for those who may read people; others see ids
   * @throws {Problem} not-found, also for what is no trace id
   */
  async tell(traceId: string, locale: Locale, actor: AdminActor): Promise<Timeline> {
    const events = /^[\w-]{1,64}$/.test(traceId) ? await this.events.ofFlow(traceId) : [];
    if (events.length === 0) {
      throw new Problem('not-found', 'There is no event of that trace id; one that has just happened takes a second.');
    }
    const words = TIMELINE_WORDS[locale];
    const names = await this.namesIn(events, words, actor.has(PEOPLE_READ));
    const entries = events.map((event) => toEntry(event, words, factsOf(event, names, words)));
    const clientId = events.map((event) => event.app).find((app) => app !== null) ?? null;
    return {
      trace_id: traceId,
      ...summaryOf(events, entries, names.app(clientId), words),
      client_id: clientId,
      user_id: events.map((event) => personOf(event)).findLast((id) => id !== null) ?? null,
      entries,
    };
  }

  private async namesIn(events: readonly AuditEventEntity[], words: TimelineWords, mayName: boolean): Promise<Names> {
    const ids = [...new Set(events.flatMap((event) => personOf(event) ?? []))];
    const people = mayName ? await this.accounts.findMany(ids) : [];
    const personNames = new Map(people.map((account) => [account.id, displayName(account)]));
    const appNames = new Map<string, string>();
    for (const id of new Set(events.flatMap(({ app }) => app ?? []))) {
      appNames.set(id, (await this.apps.find(id))?.name ?? id);
    }
    return {
      app: (id) => (id === null ? '' : (appNames.get(id) ?? id)),
      person: (id) => (id === null ? words.somebody : (personNames.get(id) ?? id)),
    };
  }
}

interface Names {
  readonly app: (id: string | null) => string;
  readonly person: (id: string | null) => string;
}

function personOf({ accountId, subjectKind, subjectId }: AuditEventEntity): string | null {
  return accountId ?? (subjectKind === 'account' ? subjectId : null);
}

function factsOf(event: AuditEventEntity, names: Names, words: TimelineWords): LineFacts {
  const details = JSON.parse(event.details) as Readonly<Record<string, unknown>>;
  const { method, hint, description, claimedApp } = details;
  const claimed = typeof claimedApp === 'string' ? claimedApp : '';
  return {
    app: names.app(event.app) || claimed || words.unknownApp,
    person: names.person(personOf(event)),
    method: methodIn(words, method),
    reason: event.reason ?? '',
    hint: [hint, description].find((text) => typeof text === 'string') ?? '',
  };
}

function methodIn({ methods }: TimelineWords, method: unknown): string {
  if (typeof method !== 'string') return '?';
  return Object.hasOwn(methods, method) ? methods[method as keyof typeof methods] : method;
}

function toEntry(event: AuditEventEntity, words: TimelineWords, facts: LineFacts): TimelineEntry {
  const failure = failureOf(event);
  const explanation = failure === undefined ? undefined : words.failures[failure](facts);
  const told = Object.hasOwn(words.events, event.event);
  return {
    id: event.id,
    at: event.at.toISOString(),
    event: event.event,
    outcome: event.outcome,
    what: told ? words.events[event.event as ToldEvent](facts) : words.otherEvent(event.event),
    why: explanation?.why ?? null,
    advice: explanation?.advice ?? null,
    trace_id: event.traceId,
  };
}

/** What it came to: what was issued after the last failure, or that failure; of several the one that says most. */
function summaryOf(
  events: readonly AuditEventEntity[],
  entries: readonly TimelineEntry[],
  app: string,
  words: TimelineWords,
): Pick<Timeline, 'state' | 'summary' | 'why' | 'advice'> {
  const end = events.findLastIndex(({ event }) => ENDS.has(event));
  const isFailure = (event: AuditEventEntity, index: number) => event.outcome === 'failure' && index > end;
  const last = events.findLastIndex((event, index) => isFailure(event, index));
  const clear = events.findLastIndex((event, index) => isFailure(event, index) && !VAGUE.has(failureOf(event)));
  const entry = entries[clear < 0 ? last : clear];
  if (entry !== undefined) return { state: 'failed', summary: words.failed(app), why: entry.why, advice: entry.advice };
  if (end >= 0) return { state: 'signed_in', summary: words.ended(app), why: null, advice: null };
  return { state: 'open', summary: words.open(app), why: null, advice: null };
}
