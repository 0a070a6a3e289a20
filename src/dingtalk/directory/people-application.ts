import { Injectable } from '@nestjs/common';
import { MembershipStore, placeChanges } from '../../directory/membership-store.js';
import type { OrganisationRecord } from '../api/organisation-record.js';
import { People, type NotAdmitted, type Outcome } from '../people/people.js';
import { confirm } from './confirmation.js';
import { whyToAsk } from './departed-people.js';
import { Findings, type Difference, type SyncError } from './findings.js';
import { inParallel } from './in-parallel.js';
import { KnownPeople, type KnownIdentity } from './known-people.js';
import { changesTo, placesOf, verdictOn, type Verdict } from './person-comparison.js';
import { ApprovalNeeded, type RunContext } from './run-context.js';
import { Staging, type StagedPerson } from './staging.js';

/** Which departments there are, for the places of people. */
export interface PlaceMap {
  /** Our ids by the directory's. */
  readonly idOf: ReadonlyMap<string, string>;
  /** Names by our ids. */
  readonly nameOf: ReadonlyMap<string, string>;
  /** Our ids of those of whose members nothing is known. */
  readonly untold: ReadonlySet<string>;
}

interface Compared {
  readonly userid: string;
  readonly record: OrganisationRecord;
  readonly identity: KnownIdentity | undefined;
  readonly verdict: Verdict;
}

const KIND_OF = { new: 'person_new', changed: 'person_changed', returned: 'person_returned' } as const;

const WORDS: Partial<Record<Outcome | NotAdmitted | 'failed', string>> = {
  ambiguous_match: 'several accounts fit this person, so none was taken; link the right one by hand',
  failed: 'the record could not be stored',
};

/** People who are asked for one by one, at the same time. */
const AT_ONCE = 25;

/** So many people make tables other than those that the database has made its plans for. */
const GROWN = [500, 5_000, 25_000];

/** Brings people here as the organisation's lists have them. Sends nobody away. */
@Injectable()
export class PeopleApplication {
  constructor(
    private readonly people: People,
    private readonly known: KnownPeople,
    private readonly memberships: MembershipStore,
    private readonly staging: Staging,
    private readonly findings: Findings,
  ) {}

  /** While others are still fetched: who is new and what changed. Who returns, and who is where, comes at the end. */
  async applyEarly(context: RunContext, records: readonly OrganisationRecord[]): Promise<void> {
    if (context.run.kind === 'dry') return;
    // Somebody in two departments is on two lists, and would be made twice.
    const people = new Map(records.map((record) => [record.userid, record]));
    const compared = await this.compare(context, [...people.values()]);
    // Whoever takes somebody's user id sends them away: that is for when it is known how many do.
    const takers = await this.takers(context, compared);
    const settled = compared.filter(
      (each) => ['new', 'changed', 'unchanged'].includes(each.verdict) && !takers.has(each),
    );
    await this.admit(
      context,
      settled.filter(({ verdict }) => verdict !== 'unchanged'),
    );
    for (const { userid } of settled) context.settled.add(userid);
  }

  /** Finds how some people differ from what is here, and writes it down. Changes nobody. */
  async inspect(context: RunContext, people: readonly StagedPerson[], places: PlaceMap): Promise<void> {
    const compared = await this.compare(
      context,
      people.map(({ record }) => record),
    );
    const accounts = new Map(
      compared.flatMap(({ userid, identity }) =>
        identity?.isPresent === true ? [[userid, identity.accountId] as const] : [],
      ),
    );
    await this.differ(context, differencesOf(context, compared));
    await this.differ(context, await this.placeDifferences(context, compared, accounts, places));
  }

  /**
   * @throws {ApprovalNeeded} when more people would lose their user ids to others than may be disabled
   * @param isRemapped everybody is put through again, because profiles are made in another way since the last time
   */
  async apply(
    context: RunContext,
    people: readonly StagedPerson[],
    places: PlaceMap,
    isRemapped: boolean,
  ): Promise<void> {
    const compared = [
      ...settledAmong(context, people),
      ...(await this.compare(
        context,
        people.filter(({ userid }) => !context.settled.has(userid)).map(({ record }) => record),
      )),
    ];
    const admitted = compared.filter(
      ({ verdict }) => verdict === 'new' || verdict === 'changed' || (isRemapped && verdict === 'unchanged'),
    );
    const { progress } = context;
    const { size } = await this.takers(context, admitted);
    const why = whyToAsk(context, progress.people_disabled + size);
    if (size > 0 && why !== undefined) throw new ApprovalNeeded(why);
    progress.people_disabled += size;
    await this.admit(context, admitted);
    await this.staging.wantDetails(context.run.id, alwaysRead(context, compared));
    await this.letReturn(
      context,
      compared.filter(({ verdict }) => verdict === 'returned'),
    );
    const { source } = context;
    const accounts = await this.known.accountsOf(
      source,
      compared.map(({ userid }) => userid),
    );
    await this.differ(context, await this.placeDifferences(context, compared, accounts, places));
    const wanted = new Map(
      compared.flatMap(({ userid, record }) => {
        const accountId = accounts.get(userid);
        return accountId === undefined ? [] : [[accountId, placesOf(record, places.idOf)] as const];
      }),
    );
    await this.memberships.put(source.id, wanted, places.untold);
  }

  private async compare({ source }: RunContext, records: readonly OrganisationRecord[]): Promise<Compared[]> {
    const identities = await this.known.byUnionIds(source, records);
    return records.map((record) => {
      const identity = identities.get(record.unionid);
      return { userid: record.userid, record, identity, verdict: verdictOn(record, identity, source.settings) };
    });
  }

  /** Those with user ids that somebody else here has so far, who departs by that. */
  private async takers({ source }: RunContext, compared: readonly Compared[]): Promise<ReadonlySet<Compared>> {
    const strangers = compared.filter(({ verdict }) => verdict === 'new');
    const held = await this.known.accountsOf(
      source,
      strangers.map(({ userid }) => userid),
    );
    return new Set(strangers.filter(({ userid }) => held.has(userid)));
  }

  private async admit(context: RunContext, compared: readonly Compared[]): Promise<void> {
    if (compared.length === 0) return;
    const { source, run, by, progress } = context;
    await this.differ(context, differencesOf(context, compared));
    // Before they are changed: afterwards nobody could tell who was.
    await this.staging.wantDetails(run.id, this.worthDetails(context, compared));
    const records = compared.map(({ record }) => record);
    const results = await this.people.admitMany(source, records, by, run.startedAt);
    const before = progress.people_applied;
    const errors: SyncError[] = [];
    for (const [userid, result] of results) {
      if (['created', 'matched', 'updated', 'returned'].includes(result)) progress.people_applied += 1;
      const message = WORDS[result];
      if (message !== undefined) errors.push({ kind: 'person', key: userid, message });
    }
    progress.errors += await this.findings.fail(run.id, errors);
    if (GROWN.some((size) => before < size && progress.people_applied >= size)) await this.known.haveGrown();
  }

  private worthDetails({ source }: RunContext, compared: readonly Compared[]): string[] {
    if (source.settings.syncDetails === 'none') return [];
    return compared.filter(({ verdict }) => verdict !== 'unchanged').map(({ userid }) => userid);
  }

  /** Whoever had left is in the organisation again if DingTalk says so when it is asked for this one person. */
  private async letReturn(context: RunContext, compared: readonly Compared[]): Promise<void> {
    const { source, by, progress } = context;
    await inParallel(compared, AT_ONCE, async (person) => {
      const readAt = new Date();
      const record = await confirm(context, this.findings, person.userid);
      if (typeof record === 'string') return;
      await this.differ(context, differencesOf(context, [{ ...person, record }]));
      const admission = await this.people.admit(source, record, by, readAt);
      if (!('refused' in admission) && admission.outcome !== 'unchanged') progress.people_applied += 1;
    });
  }

  /** In a full run somebody without any place so far has just been made: the person is the difference. */
  private async placeDifferences(
    { source, run }: RunContext,
    compared: readonly Compared[],
    accounts: ReadonlyMap<string, string>,
    { idOf, nameOf, untold }: PlaceMap,
  ): Promise<Difference[]> {
    const known = compared.flatMap(({ userid, record }) => {
      const accountId = accounts.get(userid);
      return accountId === undefined ? [] : [{ userid, record, accountId }];
    });
    const stored = await this.memberships.placesOf(
      source.id,
      known.map(({ accountId }) => accountId),
    );
    const names = (ids: readonly string[]) => ids.map((id) => nameOf.get(id) ?? id).join(', ');
    return known.flatMap(({ userid, record, accountId }) => {
      const before = stored.get(accountId) ?? [];
      const after = placesOf(record, idOf);
      const { put, gone } = placeChanges(before, after, untold);
      if (put.length + gone.length === 0 || (run.kind === 'full' && before.length === 0)) return [];
      const changes = [
        {
          field: 'departments',
          before: names(before.map(({ departmentId }) => departmentId)),
          after: names(after.map(({ departmentId }) => departmentId)),
        },
      ];
      return [{ kind: 'places_changed', key: userid, name: record.name, changes }];
    });
  }

  private async differ({ run, progress }: RunContext, found: readonly Difference[]): Promise<void> {
    progress.differences += await this.findings.differ(run.id, found);
  }
}

/** Nothing is known against them any more; comparing them once more would only take time. */
function settledAmong({ settled }: RunContext, people: readonly StagedPerson[]): Compared[] {
  return people
    .filter(({ userid }) => settled.has(userid))
    .map(({ userid, record }) => ({ userid, record, identity: undefined, verdict: 'unchanged' }));
}

function differencesOf({ source }: RunContext, compared: readonly Compared[]): Difference[] {
  return compared.flatMap(({ userid, record, identity, verdict }) => {
    if (verdict !== 'new' && verdict !== 'changed' && verdict !== 'returned') return [];
    const known = verdict === 'new' ? undefined : identity;
    const changes = changesTo(record, known, source.settings);
    return [{ kind: KIND_OF[verdict], key: userid, name: record.name, changes }];
  });
}

/** Of an account that the organisation itself owns, only the single record tells whether it is switched off. */
function alwaysRead({ source }: RunContext, compared: readonly Compared[]): string[] {
  const { syncDetails } = source.settings;
  if (syncDetails === 'none') return [];
  const chosen = compared.filter(
    ({ verdict, record }) => verdict === 'unchanged' && (syncDetails === 'all' || record.exclusive_account === true),
  );
  return chosen.map(({ userid }) => userid);
}
