import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { In, type EntityManager, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { AccountStore, usernameKey } from '../../accounts/account-store.js';
import { AccountEntity } from '../../accounts/account.entity.js';
import { FederatedIdentityEntity } from '../../accounts/federated-identity.entity.js';
import { newAccount } from '../../accounts/user-wire.js';
import { jsonRows, type RowType } from '../../database/json-rows.js';
import { newIdentifier } from '../../protocol/opaque-token.js';
import type { IdentitySource } from '../source/identity-source.js';
import { userKey } from './identity-store.js';
import { profileOf, usernameOf } from './profile-mapping.js';
import { serialized, type StoredRecord } from './stored-record.js';

const LONGEST_USERNAME = 200;

/** Somebody new, with the account that was made for them. */
export interface Newcomer {
  readonly userid: string;
  readonly accountId: string;
  readonly identityId: string;
}

/** Makes accounts for people of an organisation. Account and identity come into being together, or not at all. */
@Injectable()
export class Newcomers {
  constructor(private readonly accounts: AccountStore) {}

  /**
   * @param note of each, in the transaction that makes them
   * @throws {QueryFailedError} a unique violation when one of them, or of their user names, came into being meanwhile;
   * then nobody was made
   */
  async create(
    source: IdentitySource,
    records: readonly StoredRecord[],
    note: (manager: EntityManager, newcomer: Newcomer) => Promise<void>,
  ): Promise<Newcomer[]> {
    return this.accounts.repository.manager.transaction(async (manager) => {
      const taken = await takenNames(manager, source, records);
      const accounts = records.map((record) => accountFor(record, source, taken));
      const identities = records.map((record, index) => identityFor(record, source, accounts[index]?.id ?? ''));
      await insertAll(manager, AccountEntity, accounts);
      await insertAll(manager, FederatedIdentityEntity, identities);
      const made = identities.map(({ id, userId, accountId }) => ({ userid: userId, accountId, identityId: id }));
      for (const newcomer of made) await note(manager, newcomer);
      return made;
    });
  }
}

/** User names that are not free, of those that the records would like to have. */
async function takenNames(
  manager: EntityManager,
  source: IdentitySource,
  records: readonly StoredRecord[],
): Promise<Set<string>> {
  const wanted = records.flatMap((record) => namesFor(record, source).map(usernameKey));
  const rows = await manager.find(AccountEntity, {
    where: { usernameKey: In(wanted) },
    select: { id: true, usernameKey: true },
  });
  return new Set(rows.map((row) => row.usernameKey));
}

function accountFor(record: StoredRecord, source: IdentitySource, taken: Set<string>): AccountEntity {
  const account = Object.assign(newAccount(newIdentifier()), profileOf(record, source.settings, {}));
  const free = namesFor(record, source).find((name) => !taken.has(usernameKey(name)));
  account.username = free ?? `${namesFor(record, source)[0] ?? ''}-${randomBytes(4).toString('hex')}`;
  account.usernameKey = usernameKey(account.username);
  taken.add(account.usernameKey);
  return account;
}

/** In this order: as mapped, and with the source's id where that is somebody else's. */
function namesFor(record: StoredRecord, source: IdentitySource): string[] {
  const name = usernameOf(record, source.settings).slice(0, LONGEST_USERNAME - 80);
  const usable = usernameKey(name) === '' ? record.userid : name;
  return [usable, `${usable}-${source.id}`];
}

function identityFor(record: StoredRecord, source: IdentitySource, accountId: string): FederatedIdentityEntity {
  const now = new Date();
  const { json, digest } = serialized(record);
  return Object.assign(new FederatedIdentityEntity(), {
    id: newIdentifier(),
    sourceId: source.id,
    corpId: source.corpId,
    userId: record.userid,
    userKey: userKey(source, record.userid),
    unionId: record.unionid,
    accountId,
    record: json,
    recordDigest: digest,
    leftAt: null,
    createdAt: now,
    updatedAt: now,
  });
}

/** All in one statement whose text is short: TypeORM's own takes longer to be written than to be run. */
async function insertAll<Entity extends ObjectLiteral>(
  manager: EntityManager,
  target: EntityTarget<Entity>,
  entities: readonly Entity[],
): Promise<void> {
  const { driver } = manager.connection;
  const { tableName, columns } = manager.connection.getMetadata(target);
  const rows = entities.map((entity) =>
    Object.fromEntries(
      columns.map((column) => [
        column.databaseName,
        driver.preparePersistentValue(column.getEntityValue(entity), column) as unknown,
      ]),
    ),
  );
  const isPostgres = manager.connection.options.type === 'postgres';
  const types = Object.fromEntries(columns.map(({ databaseName, type }) => [databaseName, rowTypeOf(type)]));
  const given = jsonRows(isPostgres ? 'postgres' : 'sqlite', isPostgres ? '$1' : '?', types);
  const names = Object.keys(types).join(', ');
  await manager.query(`INSERT INTO ${tableName} (${names}) SELECT ${names} FROM ${given} AS made`, [
    JSON.stringify(rows),
  ]);
}

function rowTypeOf(type: unknown): RowType {
  if (type === 'boolean') return 'boolean';
  return type === 'bigint' || type === 'integer' ? 'bigint' : 'text';
}
