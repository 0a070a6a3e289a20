import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '../database/database.js';
import { isAmong, jsonRows, partsOf } from '../database/json-rows.js';

/** A person's place in a department. What is undefined stays as it was. */
export interface Place {
  readonly departmentId: string;
  readonly order?: number | undefined;
  readonly leader?: boolean | undefined;
  readonly title?: string | undefined;
  readonly main?: boolean | undefined;
}

/** A place as it is kept. */
export interface StoredPlace {
  readonly departmentId: string;
  readonly order: number | null;
  readonly leader: boolean;
  readonly title: string;
  readonly main: boolean;
}

interface PlaceRow {
  department_id: string;
  account_id: string;
  sort_order: number | null;
  leader: boolean | number;
  title: string;
  main: boolean | number;
}

/** What has to be written for one person. */
export interface PlaceChanges {
  readonly put: readonly StoredPlace[];
  /** Ids of departments. */
  readonly gone: readonly string[];
}

/** Who is in which department. Writes only what differs. */
@Injectable()
export class MembershipStore {
  private readonly ofAccounts: Statement;
  private readonly insert: Statement;
  private readonly drop: Statement;

  constructor(private readonly database: Database) {
    const pair = { department_id: 'text', account_id: 'text' } as const;
    const put = { ...pair, sort_order: 'bigint', leader: 'boolean', title: 'text', main: 'boolean' } as const;
    this.ofAccounts = statement(
      'department_members_of_accounts',
      // From the people to their departments, and not the other way round: SQLite would go through all departments.
      `SELECT m.department_id, m.account_id, m.sort_order, m.leader, m.title, m.main FROM department_members m
       WHERE ${isAmong(database.kind, 'm.account_id', '$2', 'account_id')}
         AND (SELECT d.source_id FROM departments d WHERE d.id = m.department_id) = $1`,
    );
    this.insert = statement(
      'department_members_put',
      `INSERT INTO department_members (department_id, account_id, sort_order, leader, title, main)
       SELECT department_id, account_id, sort_order, leader, title, main
       FROM ${jsonRows(database.kind, '$1', put)} AS put WHERE true
       ON CONFLICT (department_id, account_id) DO UPDATE SET sort_order = excluded.sort_order,
         leader = excluded.leader, title = excluded.title, main = excluded.main`,
    );
    this.drop = statement(
      'department_members_drop',
      `DELETE FROM department_members
       WHERE (department_id, account_id) IN (SELECT department_id, account_id FROM ${jsonRows(database.kind, '$1', pair)} AS gone)`,
    );
  }

  /** The places of these people in the departments of a source, by account. */
  async placesOf(sourceId: string, accountIds: readonly string[]): Promise<Map<string, StoredPlace[]>> {
    const places = new Map<string, StoredPlace[]>();
    for (const part of partsOf(accountIds)) {
      const asked = JSON.stringify(part.map((id) => ({ account_id: id })));
      for (const row of await this.database.all<PlaceRow>(this.ofAccounts, sourceId, asked)) {
        const list = places.get(row.account_id) ?? [];
        list.push(placeOf(row));
        places.set(row.account_id, list);
      }
    }
    return places;
  }

  /**
   * Replaces the places of people in the departments of a source.
   *
   * @param wanted by account; nobody else is touched
   * @param untold departments of which nothing is known at present: places there stay
   * @returns the accounts of whom something changed
   */
  async put(
    sourceId: string,
    wanted: ReadonlyMap<string, readonly Place[]>,
    untold: ReadonlySet<string> = new Set(),
  ): Promise<string[]> {
    const stored = await this.placesOf(sourceId, [...wanted.keys()]);
    const put: object[] = [];
    const gone: object[] = [];
    const touched: string[] = [];
    for (const [accountId, places] of wanted) {
      const changes = placeChanges(stored.get(accountId) ?? [], places, untold);
      if (changes.put.length + changes.gone.length > 0) touched.push(accountId);
      put.push(...changes.put.map((place) => rowOf(accountId, place)));
      gone.push(...changes.gone.map((departmentId) => ({ department_id: departmentId, account_id: accountId })));
    }
    for (const part of partsOf(put)) await this.database.run(this.insert, JSON.stringify(part));
    for (const part of partsOf(gone)) await this.database.run(this.drop, JSON.stringify(part));
    return touched;
  }
}

/** What has to be written so that the places are those. */
export function placeChanges(
  stored: readonly StoredPlace[],
  wanted: readonly Place[],
  untold: ReadonlySet<string> = new Set(),
): PlaceChanges {
  const known = new Map(stored.map((place) => [place.departmentId, place]));
  const named = new Set(wanted.map(({ departmentId }) => departmentId));
  const put = wanted.flatMap((place) => {
    const old = known.get(place.departmentId);
    const next = {
      departmentId: place.departmentId,
      order: place.order ?? old?.order ?? null,
      leader: place.leader ?? old?.leader ?? false,
      title: place.title ?? old?.title ?? '',
      main: place.main ?? old?.main ?? false,
    };
    return old !== undefined && isSame(old, next) ? [] : [next];
  });
  const gone = stored
    .map(({ departmentId }) => departmentId)
    .filter((departmentId) => !named.has(departmentId) && !untold.has(departmentId));
  return { put, gone };
}

function isSame(one: StoredPlace, other: StoredPlace): boolean {
  return (
    one.order === other.order && one.leader === other.leader && one.title === other.title && one.main === other.main
  );
}

function placeOf(row: PlaceRow): StoredPlace {
  const { department_id: departmentId, sort_order: order, leader, title, main } = row;
  return { departmentId, order, leader: Boolean(leader), title, main: Boolean(main) };
}

function rowOf(accountId: string, { departmentId, order, leader, title, main }: StoredPlace): object {
  return { department_id: departmentId, account_id: accountId, sort_order: order, leader, title, main };
}
