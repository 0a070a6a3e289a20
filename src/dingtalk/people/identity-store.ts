import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { FederatedIdentityEntity } from '../../accounts/federated-identity.entity.js';
import type { Note } from '../../audit/audit-log.js';
import { Database, statement } from '../../database/database.js';
import type { IdentitySource } from '../source/identity-source.js';

/** Who an account is in an organisation, as it is kept. */
export interface Identity {
  readonly id: string;
  readonly sourceId: string;
  readonly userId: string;
  /** Whether the user id is still this person's. */
  readonly holdsUserId: boolean;
  readonly unionId: string;
  readonly accountId: string;
  readonly record: string | null;
  readonly recordDigest: string | null;
  readonly leftAt: Date | undefined;
  readonly updatedAt: Date;
}

/** Somebody of a source who is in the organisation, as far as is known: what a sync compares with. */
export interface KnownPerson {
  readonly identityId: string;
  readonly accountId: string;
  readonly unionId: string;
  readonly recordDigest: string | null;
}

interface IdentityRow {
  id: string;
  source_id: string;
  user_id: string;
  user_key: string | null;
  union_id: string;
  account_id: string;
  record: string | null;
  record_digest: string | null;
  left_at: number | null;
  updated_at: number;
}

const COLUMNS = 'id, source_id, user_id, user_key, union_id, account_id, record, record_digest, left_at, updated_at';
const BY_USER = statement(
  'identity_by_user',
  `SELECT ${COLUMNS} FROM federated_identities WHERE source_id = $1 AND user_key = $2`,
);
const BY_UNION = statement(
  'identity_by_union',
  `SELECT ${COLUMNS} FROM federated_identities WHERE source_id = $1 AND corp_id = $2 AND union_id = $3`,
);
const OF_ACCOUNT = statement(
  'identity_of_account',
  `SELECT ${COLUMNS} FROM federated_identities WHERE account_id = $1 ORDER BY created_at, id`,
);
// A source that is gone or switched off says nothing about anybody any more.
const PRESENT_ELSEWHERE = statement(
  'identity_present_elsewhere',
  `SELECT i.id FROM federated_identities i JOIN identity_sources s ON s.id = i.source_id
   WHERE i.account_id = $1 AND i.id <> $2 AND i.left_at IS NULL AND i.user_key IS NOT NULL AND s.enabled = TRUE LIMIT 1`,
);
const PRESENT = statement(
  'identity_present',
  `SELECT id, user_id, account_id, union_id, record_digest FROM federated_identities
   WHERE source_id = $1 AND corp_id = $2 AND left_at IS NULL AND user_key IS NOT NULL`,
);
const INSERT = statement(
  'identity_insert',
  `INSERT INTO federated_identities (id, source_id, corp_id, user_id, user_key, union_id, account_id, record, record_digest,
     left_at, created_at, updated_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10, $10)`,
);
const RELEASE_USER_ID = statement(
  'identity_release_user_id',
  `UPDATE federated_identities SET user_key = NULL, left_at = COALESCE(left_at, $2), updated_at = $2
   WHERE id = $1 AND user_key = $3`,
);
const KEEP = statement(
  'identity_keep',
  `UPDATE federated_identities SET user_id = $2, user_key = $3, record = $4, record_digest = $5, left_at = NULL,
     updated_at = $6
   WHERE id = $1 AND (left_at IS NULL OR left_at <= $7)`,
);
const LEAVE = statement(
  'identity_leave',
  'UPDATE federated_identities SET left_at = $2, updated_at = $2 WHERE id = $1 AND left_at IS NULL',
);
const DELETE = statement('identity_delete', 'DELETE FROM federated_identities WHERE id = $1 AND account_id = $2');

/** The user id together with its organisation: what only one person has at a time. */
export function userKey(source: IdentitySource, userid: string): string {
  return `${source.corpId} ${userid}`;
}

/** Who accounts are in the organisations. */
@Injectable()
export class IdentityStore {
  constructor(
    @InjectRepository(FederatedIdentityEntity) private readonly repository: Repository<FederatedIdentityEntity>,
    private readonly database: Database,
  ) {}

  /** Whoever has that user id now. */
  async findByUser(source: IdentitySource, userid: string): Promise<Identity | undefined> {
    return this.first(await this.database.first<IdentityRow>(BY_USER, source.id, userKey(source, userid)));
  }

  async findByUnion(source: IdentitySource, unionId: string): Promise<Identity | undefined> {
    return this.first(await this.database.first<IdentityRow>(BY_UNION, source.id, source.corpId, unionId));
  }

  async allOf(accountId: string): Promise<Identity[]> {
    return (await this.database.all<IdentityRow>(OF_ACCOUNT, accountId)).map(identityOf);
  }

  /** Whether the account is somebody, by another identity, of an organisation that is still asked. */
  async isPresentElsewhere({ id, accountId }: Identity): Promise<boolean> {
    return (await this.database.first(PRESENT_ELSEWHERE, accountId, id)) !== undefined;
  }

  async present(source: IdentitySource): Promise<ReadonlyMap<string, KnownPerson>> {
    const rows = await this.database.all<IdentityRow>(PRESENT, source.id, source.corpId);
    return new Map(
      rows.map(({ id, user_id, account_id, union_id, record_digest }) => [
        user_id,
        { identityId: id, accountId: account_id, unionId: union_id, recordDigest: record_digest },
      ]),
    );
  }

  /** The records as they are kept, by the user ids that their people have now. */
  async recordsOf(source: IdentitySource, userids: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const rows = await this.repository.find({
      where: { sourceId: source.id, userKey: In(userids.map((userid) => userKey(source, userid))) },
      select: { id: true, userId: true, record: true },
    });
    return new Map(rows.map(({ userId, record }) => [userId, record]));
  }

  /** Those of the people of whom nothing is known here, by user id or union id. */
  async unknown<Person extends { readonly userid: string; readonly unionid: string }>(
    source: IdentitySource,
    people: readonly Person[],
  ): Promise<Person[]> {
    const rows = await this.repository.find({
      where: [
        { sourceId: source.id, userKey: In(people.map(({ userid }) => userKey(source, userid))) },
        { sourceId: source.id, corpId: source.corpId, unionId: In(people.map(({ unionid }) => unionid)) },
      ],
      select: { id: true, userKey: true, unionId: true },
    });
    const keys = new Set(rows.map((row) => row.userKey));
    const unions = new Set(rows.map((row) => row.unionId));
    return people.filter(({ userid, unionid }) => !keys.has(userKey(source, userid)) && !unions.has(unionid));
  }

  /**
   * @param note what the same transaction writes besides
   * @throws {QueryFailedError} a unique violation when somebody else was faster
   */
  async insert(
    source: IdentitySource,
    identity: Pick<Identity, 'id' | 'userId' | 'unionId' | 'accountId' | 'record' | 'recordDigest'>,
    note: Note,
  ): Promise<void> {
    const { id, userId, unionId, accountId, record, recordDigest } = identity;
    await this.database.runWith(
      note,
      INSERT,
      id,
      source.id,
      source.corpId,
      userId,
      userKey(source, userId),
      unionId,
      accountId,
      record,
      recordDigest,
      Date.now(),
    );
  }

  /** The user id belongs to somebody else from now on. @returns true for exactly one caller */
  async releaseUserId(source: IdentitySource, { id, userId }: Identity, note: Note): Promise<boolean> {
    return (await this.database.runWith(note, RELEASE_USER_ID, id, Date.now(), userKey(source, userId))) === 1;
  }

  /**
   * The person is in the organisation, with that user id and that record.
   *
   * @param readAt before the record was read: nothing is kept of it when the person has left since
   */
  async keep(
    source: IdentitySource,
    id: string,
    userid: string,
    record: string,
    digest: string,
    readAt: Date,
  ): Promise<void> {
    await this.database.run(KEEP, id, userid, userKey(source, userid), record, digest, Date.now(), readAt.getTime());
  }

  /** @returns true for exactly one caller */
  async leave(id: string): Promise<boolean> {
    return (await this.database.run(LEAVE, id, Date.now())) === 1;
  }

  async delete(id: string, accountId: string, note?: Note): Promise<boolean> {
    return this.database.dataSource.transaction(async (manager) => {
      if ((await this.database.runIn(manager, DELETE, id, accountId)) !== 1) return false;
      await note?.(manager);
      return true;
    });
  }

  private first(row: IdentityRow | undefined): Identity | undefined {
    return row === undefined ? undefined : identityOf(row);
  }
}

function identityOf(row: IdentityRow): Identity {
  return {
    id: row.id,
    sourceId: row.source_id,
    userId: row.user_id,
    holdsUserId: row.user_key !== null,
    unionId: row.union_id,
    accountId: row.account_id,
    record: row.record,
    recordDigest: row.record_digest,
    leftAt: row.left_at === null ? undefined : new Date(row.left_at),
    updatedAt: new Date(row.updated_at),
  };
}
