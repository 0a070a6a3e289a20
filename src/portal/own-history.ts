import { Injectable } from '@nestjs/common';
import type { Account } from '../accounts/account-store.js';
import { ClientList } from '../app-registry/client-list.js';
import { SignInHistory, type HistoryPlace, type PastEvent } from '../sign-in-history/sign-in-history.js';

/** Lines on one page. */
const AT_ONCE = 30;

/** Milliseconds within which the same again is one entry with a count. */
const TOGETHER_MS = 3_600_000;

/** What may come many times over and says nothing new by that (wrong passwords are counted as they are written); a refusal is met more than once on one visit. */
const COLLAPSED: ReadonlySet<PastEvent['kind']> = new Set([
  'access_refused',
  'ended_by_administrator',
  'ended_by_password',
]);

/** One entry of the page. */
export interface HistoryEntry extends PastEvent {
  /** The app's name; undefined: it is gone, or there is none in it. */
  readonly app: string | undefined;
}

/** One page of somebody's time line. */
export interface HistoryPart {
  readonly entries: readonly HistoryEntry[];
  /** For the address of the next page; absent on the last one. */
  readonly next: string | undefined;
}

/** The time line of one person, page by page. */
@Injectable()
export class OwnHistory {
  constructor(
    private readonly history: SignInHistory,
    private readonly clients: ClientList,
  ) {}

  /** @param after as `next` has it; what is none begins at the newest */
  async of(account: Account, after?: string): Promise<HistoryPart> {
    const found = await this.history.of(account.id, AT_ONCE + 1, readPlace(after));
    const lines = found.slice(0, AT_ONCE);
    const last = found.length > AT_ONCE ? lines.at(-1) : undefined;
    const clients = await this.clients.byId();
    const entries = together(lines).map((line) => {
      const client = clients.get(line.clientId ?? '');
      // An earlier app of the same id was another app.
      const app = client?.existedAt(line.happenedAt) === true ? client.name : undefined;
      return Object.assign({ app }, line);
    });
    return { entries, next: last === undefined ? undefined : `${last.happenedAt.getTime()}.${last.id}` };
  }
}

/** What came several times in a row from one place, once. */
export function together(lines: readonly PastEvent[]): PastEvent[] {
  const groups: PastEvent[][] = [];
  for (const line of lines) {
    const group = groups.at(-1);
    const newest = group?.[0];
    if (group !== undefined && newest !== undefined && isAgain(newest, line)) group.push(line);
    else groups.push([line]);
  }
  return groups.flatMap((group) => {
    const [newest] = group;
    const times = group.reduce((sum, line) => sum + line.times, 0);
    return newest === undefined ? [] : [{ ...newest, times }];
  });
}

function isAgain(newest: PastEvent, line: PastEvent): boolean {
  if (!COLLAPSED.has(line.kind) || newest.kind !== line.kind) return false;
  const same = (['clientId', 'address', 'userAgent'] as const).every((name) => newest[name] === line[name]);
  return same && newest.happenedAt.getTime() - line.happenedAt.getTime() < TOGETHER_MS;
}

function readPlace(text: string | undefined): HistoryPlace | undefined {
  const [, time = '', id = ''] = /^(\d{1,15})\.([\w-]{1,64})$/.exec(text ?? '') ?? [];
  return time === '' ? undefined : { happenedAt: new Date(Number(time)), id };
}
