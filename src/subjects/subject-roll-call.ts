import { Injectable } from '@nestjs/common';
import { assignmentsOfPeople } from '../access/assignments-of-people.js';
import { Database, statement, type Statement } from '../database/database.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { scopeTokens } from '../protocol/scope.js';
import { SubjectExpressions, type MadeSubject } from './subject-expressions.js';
import { subjectFault, subjectRule } from './subject-rule.js';
import { SubjectStore, type SubjectOfSector, type WantedSubject } from './subject-store.js';

/** People that are looked at together. */
const BATCH = 500;

/** User names that an answer tells, of each kind. */
const MOST_NAMED = 5;

interface Person {
  readonly id: string;
  readonly username: string;
}

// By the same rule as the decision who may enter, so that the two cannot disagree.
const ASSIGNED = `EXISTS (SELECT 1 FROM (${assignmentsOfPeople((column) => `${column} = person.id`)}) s
    WHERE s.client_id = $3 AND s.enabled AND (s.depth = 0 OR s.include_descendants)
      AND (s.ends_at IS NULL OR s.ends_at > $4) AND s.created_at >= $5)`;
const PEOPLE = `SELECT person.id, person.username FROM accounts person
    WHERE person.status = 'active' AND person.id > $1`;

const EVERYBODY = statement('subject_everybody', `${PEOPLE} ORDER BY person.id LIMIT $2`);
const THE_ASSIGNED = statement('subject_assigned', `${PEOPLE} AND ${ASSIGNED} ORDER BY person.id LIMIT $2`);

/** Calls up everybody who may enter an app: does the expression give each a subject, and no two the same? */
@Injectable()
export class SubjectRollCall {
  constructor(
    private readonly database: Database,
    private readonly expressions: SubjectExpressions,
    private readonly store: SubjectStore,
  ) {}

  /**
   * @param app as it would be
   * @returns what is wrong, in words; nothing when everybody has a subject of their own
   */
  async of(app: ClientEntity, text: string): Promise<string[]> {
    const without = new Tally();
    const doubles = new Tally();
    const holders = new Map<string, Person>();
    for await (const people of this.batches(app)) {
      for (const { person, value } of await this.subjectsOf(people, app, text, without, doubles)) {
        const holder = holders.get(value);
        if (holder !== undefined) doubles.add(holder.username, person.username);
        else holders.set(value, person);
      }
    }
    return [
      ...without.said((count, names) => `has no value for ${count} of those who may enter: ${names}`),
      ...doubles.said((count, names) => `gives ${count} of those who may enter what somebody else has: ${names}`),
    ];
  }

  /** The subjects of a batch; who has none, or what was somebody else's before, is told to the tallies. */
  private async subjectsOf(
    people: readonly Person[],
    app: ClientEntity,
    text: string,
    without: Tally,
    doubles: Tally,
  ): Promise<{ person: Person; value: string }[]> {
    const scope = scopeTokens(app.scope);
    const ids = people.map(({ id }) => id);
    const made = await this.expressions.ofMany(ids, text, { id: app.clientId, name: app.clientName, scope });
    const wanted = ids.map((accountId, index) => ({ accountId, value: usable(made[index], app.clientId) }));
    const held = await this.heldBefore(app, wanted);
    return people.flatMap((person, index) => {
      const value = held.ownOf(person.id) ?? wanted[index]?.value;
      if (value === undefined) without.add(person.username);
      else if (held.isForeign(value, person.id)) doubles.add(person.username);
      else return [{ person, value }];
      return [];
    });
  }

  private async heldBefore(app: ClientEntity, wanted: readonly WantedSubject[]): Promise<HeldBefore> {
    const rule = subjectRule(app);
    const sector = rule.kind === 'public' ? '' : rule.sector;
    const [kept, accountIds] = await Promise.all([
      this.store.concerning(sector, wanted),
      this.store.accountIdsAmong(wanted),
    ]);
    return new HeldBefore(kept, accountIds, sector, rule.kind === 'public' ? '' : rule.name);
  }

  private async *batches(app: ClientEntity): AsyncGenerator<Person[]> {
    const everybody = app.access === 'everyone';
    const query: Statement = everybody ? EVERYBODY : THE_ASSIGNED;
    const rest = everybody ? [] : [app.clientId, Date.now(), app.createdAt.getTime()];
    for (let after = ''; ;) {
      const people = await this.database.all<Person>(query, after, BATCH, ...rest);
      if (people.length > 0) yield people;
      if (people.length < BATCH) return;
      after = people.at(-1)?.id ?? '';
    }
  }
}

function usable({ value, failure }: MadeSubject = {}, clientId: string): string | undefined {
  return failure === undefined && subjectFault(value, clientId) === undefined ? value : undefined;
}

/** What was given out before, in this app or another, and to whom. */
class HeldBefore {
  private readonly holders: ReadonlyMap<string, ReadonlySet<string>>;
  private readonly own: ReadonlyMap<string, string>;

  constructor(
    kept: readonly SubjectOfSector[],
    private readonly accountIds: ReadonlySet<string>,
    sector: string,
    rule: string,
  ) {
    const holders = new Map<string, Set<string>>();
    for (const { subject, accountId } of kept) {
      holders.set(subject, (holders.get(subject) ?? new Set()).add(accountId));
    }
    this.holders = holders;
    const own = kept.filter((each) => each.sector === sector && each.rule === rule);
    this.own = new Map(own.map(({ accountId, subject }) => [accountId, subject]));
  }

  /** What the person has by this very rule, and keeps. */
  ownOf(accountId: string): string | undefined {
    return this.own.get(accountId);
  }

  isForeign(value: string, accountId: string): boolean {
    const holders = [...(this.holders.get(value) ?? [])];
    return holders.some((holder) => holder !== accountId) || (value !== accountId && this.accountIds.has(value));
  }
}

/** Counts people, and keeps the first few names. */
class Tally {
  private readonly names = new Set<string>();

  add(...usernames: readonly string[]): void {
    for (const username of usernames) this.names.add(username);
  }

  said(words: (count: number, names: string) => string): string[] {
    if (this.names.size === 0) return [];
    const shown = [...this.names].slice(0, MOST_NAMED).join(', ');
    return [words(this.names.size, this.names.size > MOST_NAMED ? `${shown}, …` : shown)];
  }
}
