import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement } from '../../database/database.js';
import { isAmong, partsOf } from '../../database/json-rows.js';
import type { OrganisationRecord } from '../api/organisation-record.js';
import { userKey } from '../people/identity-store.js';
import type { IdentitySource } from '../source/identity-source.js';

/** Somebody of a source of whom something is known here. */
export interface KnownIdentity {
  readonly id: string;
  readonly accountId: string;
  readonly userid: string;
  readonly unionid: string;
  /** JSON, as it is kept. */
  readonly record: string | null;
  readonly digest: string | null;
  readonly isPresent: boolean;
}

interface IdentityRow {
  id: string;
  account_id: string;
  user_id: string;
  user_key: string | null;
  union_id: string;
  record: string | null;
  record_digest: string | null;
  left_at: number | null;
}

const COUNT = statement(
  'known_people_count',
  `SELECT COUNT(*) AS people FROM federated_identities
   WHERE source_id = $1 AND corp_id = $2 AND left_at IS NULL AND user_key IS NOT NULL`,
);
const STRETCH = statement(
  'known_people_stretch',
  `SELECT MAX(union_id) AS last FROM (SELECT union_id FROM federated_identities
   WHERE source_id = $1 AND corp_id = $2 AND union_id > $3 ORDER BY union_id LIMIT 500) AS stretch`,
);
const ANALYZE = statement('known_people_analyze', 'ANALYZE federated_identities, accounts, directory_sync_people');
// Whoever is listed by user id is there, even if another person has the user id now: that is settled with that person.
const MISSING = statement(
  'known_people_missing',
  `SELECT i.id, i.account_id, i.user_id, i.user_key, i.union_id, i.record, i.record_digest, i.left_at
   FROM federated_identities i
   WHERE i.source_id = $1 AND i.corp_id = $2 AND i.union_id > $4 AND i.union_id <= $5
     AND i.left_at IS NULL AND i.user_key IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM directory_sync_people p WHERE p.run_id = $3 AND p.unionid = i.union_id)
     AND NOT EXISTS (SELECT 1 FROM directory_sync_people p WHERE p.run_id = $3 AND p.userid = i.user_id)`,
);

/** Who of an organisation is known here already. */
@Injectable()
export class KnownPeople {
  private readonly byUnion: Statement;
  private readonly byUser: Statement;

  constructor(private readonly database: Database) {
    const columns = 'id, account_id, user_id, user_key, union_id, record, record_digest, left_at';
    this.byUnion = statement(
      'known_people_by_union',
      `SELECT ${columns} FROM federated_identities WHERE source_id = $1 AND corp_id = $2
         AND ${isAmong(database.kind, 'union_id', '$3', 'unionid')}`,
    );
    this.byUser = statement(
      'known_people_by_user',
      `SELECT user_id, account_id FROM federated_identities WHERE source_id = $1 AND left_at IS NULL
         AND ${isAmong(database.kind, 'user_key', '$2', 'user_key')}`,
    );
  }

  /** Those of the people who were ever seen, by union id. */
  async byUnionIds(
    source: IdentitySource,
    people: readonly Pick<OrganisationRecord, 'unionid'>[],
  ): Promise<Map<string, KnownIdentity>> {
    const asked = JSON.stringify(people.map(({ unionid }) => ({ unionid })));
    const rows = await this.database.all<IdentityRow>(this.byUnion, source.id, source.corpId, asked);
    return new Map(rows.map((row) => [row.union_id, identityOf(row)]));
  }

  /** The accounts of those who are in the organisation, by user id. */
  async accountsOf(source: IdentitySource, userids: readonly string[]): Promise<Map<string, string>> {
    const accounts = new Map<string, string>();
    for (const part of partsOf(userids)) {
      const asked = JSON.stringify(part.map((userid) => ({ user_key: userKey(source, userid) })));
      const rows = await this.database.all<{ user_id: string; account_id: string }>(this.byUser, source.id, asked);
      for (const row of rows) accounts.set(row.user_id, row.account_id);
    }
    return accounts;
  }

  /**
   * There are many more people than before. PostgreSQL would go on for a minute with plans for a table that is nearly
   * empty, and look at everybody to find one.
   */
  async haveGrown(): Promise<void> {
    if (this.database.kind === 'postgres') await this.database.run(ANALYZE);
  }

  async countPresent(source: IdentitySource): Promise<number> {
    return (await this.database.first<{ people: number }>(COUNT, source.id, source.corpId))?.people ?? 0;
  }

  /** Those who are in the organisation as far as is known here, and whom a run has not seen: some hundred at a time. */
  async *missingFrom(source: IdentitySource, runId: string): AsyncGenerator<readonly KnownIdentity[]> {
    // By stretches, so that no statement has to search them all.
    for (let after = ''; ;) {
      const stretch = await this.database.first<{ last: string | null }>(STRETCH, source.id, source.corpId, after);
      const last = stretch?.last ?? null;
      if (last === null) return;
      const rows = await this.database.all<IdentityRow>(MISSING, source.id, source.corpId, runId, after, last);
      after = last;
      if (rows.length > 0) yield rows.map(identityOf);
    }
  }
}

function identityOf(row: IdentityRow): KnownIdentity {
  return {
    id: row.id,
    accountId: row.account_id,
    userid: row.user_id,
    unionid: row.union_id,
    record: row.record,
    digest: row.record_digest,
    isPresent: row.left_at === null && row.user_key !== null,
  };
}
