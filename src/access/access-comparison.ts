import { Injectable } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ACCOUNT_COLUMNS, accountFromRow, type Account, type AccountRow } from '../accounts/account-store.js';
import type { Client } from '../app-registry/client.js';
import { Database, statement } from '../database/database.js';
import { AccessConditions, hasConditions } from './access-conditions.js';
import type { AccessRequest } from './access-decision.js';
import { isEntry, reasonOf } from './access-policy.js';
import { AssignmentLookup, type DraftAssignment } from './assignment-lookup.js';
import { rightsOf, type AssignmentOfPerson } from './assignments-of-people.js';

/** People in one go. On SQLite every statement holds the event loop. */
const AT_ONCE = { postgres: 1_000, sqlite: 250 } as const;
/** Names that are shown of each kind. */
const SHOWN = 20;

const PAGE = statement(
  'access_people_page',
  `SELECT ${ACCOUNT_COLUMNS.join(', ')} FROM accounts WHERE id > $1 AND status = 'active' ORDER BY id LIMIT $2`,
);

/** Who may enter an app, in one way of saying so. */
export interface AccessSide {
  readonly client: Client;
  /** Whether an assignment counts on this side. */
  readonly counts: (assignment: AssignmentOfPerson) => boolean;
}

/** People, and the first of them. */
export interface Counted {
  count: number;
  readonly people: Account[];
}

/** What a change of access comes to. */
export interface Difference {
  readonly gained: Counted;
  readonly lost: Counted;
  /** May enter before and after. */
  readonly kept: Counted;
  /** How many people were looked at. */
  people: number;
  /** Whether that was everybody: whoever asks does not wait for ever. */
  complete: boolean;
}

/** Tells how many people come to enter an app, and how many do no more. Nothing is stored. */
@Injectable()
export class AccessComparison {
  constructor(
    private readonly database: Database,
    private readonly lookup: AssignmentLookup,
    private readonly conditions: AccessConditions,
  ) {}

  /**
   * @param added to what is assigned, as far as a side counts it
   * @param patience seconds
   */
  async compare(
    before: AccessSide,
    after: AccessSide,
    request: AccessRequest,
    { added = [], patience }: { readonly added?: readonly DraftAssignment[]; readonly patience: number },
  ): Promise<Difference> {
    const difference: Difference = { gained: none(), lost: none(), kept: none(), people: 0, complete: false };
    const ends = Date.now() + patience * 1000;
    for (let last = ''; Date.now() < ends;) {
      const page = await this.page(last);
      const assignments = await this.assignmentsOf(page, before, after, added);
      const was = await this.mayEnter(page, assignments, before, request);
      const will = await this.mayEnter(page, assignments, after, request);
      page.forEach((account, index) => note(difference, account, was[index] === true, will[index] === true));
      difference.people += page.length;
      difference.complete = page.length < AT_ONCE[this.database.kind];
      if (difference.complete) break;
      last = page.at(-1)?.id ?? '';
      await nextTurn();
    }
    return difference;
  }

  /**
   * Which of these people may enter.
   *
   * @param accounts active ones
   */
  async mayEnter(
    accounts: readonly Account[],
    assignments: ReadonlyMap<string, readonly AssignmentOfPerson[]>,
    { client, counts }: AccessSide,
    request: AccessRequest,
  ): Promise<boolean[]> {
    const own = accounts.map(({ id }) => (assignments.get(id) ?? []).filter((each) => counts(each)));
    const meant = own.map((each) => isEntry(reasonOf(client.metadata.access, each)));
    if (!hasConditions(client)) return meant;
    const candidates = accounts.flatMap((account, index) =>
      meant[index] === true ? [{ account, client, ...rightsOf(own[index] ?? []) }] : [],
    );
    const faults = await this.conditions.faults(candidates, request);
    const kept = new Set(candidates.filter((_, index) => faults[index] === undefined).map(({ account }) => account.id));
    return accounts.map(({ id }) => kept.has(id));
  }

  private async page(after: string): Promise<Account[]> {
    const rows = await this.database.all<AccountRow>(PAGE, after, AT_ONCE[this.database.kind]);
    return rows.map((row) => accountFromRow(row));
  }

  private async assignmentsOf(
    page: readonly Account[],
    before: AccessSide,
    after: AccessSide,
    added: readonly DraftAssignment[],
  ): Promise<Map<string, AssignmentOfPerson[]>> {
    const matter = [before, after].some(
      ({ client }) => client.metadata.access === 'assigned' || client.metadata.accessRule !== null,
    );
    if (!matter) return new Map();
    return this.lookup.ofPeople(
      page.map(({ id }) => id),
      before.client,
      added,
    );
  }
}

function none(): Counted {
  return { count: 0, people: [] };
}

function note(difference: Difference, account: Account, was: boolean, will: boolean): void {
  if (!was && !will) return;
  const counted = was && will ? difference.kept : will ? difference.gained : difference.lost;
  counted.count += 1;
  if (counted.people.length < SHOWN) counted.people.push(account);
}
