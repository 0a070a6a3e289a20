import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type EntityManager, type QueryDeepPartialEntity } from 'typeorm';
import type { Note } from '../audit/audit-log.js';
import { timeOf } from '../database/columns.js';
import { Database, statement, type Statement } from '../database/database.js';
import { isAmong } from '../database/json-rows.js';
import { AccountBelongings } from './account-belongings.js';
import { AccountClosings } from './account-closings.js';
import { FederatedIdentityEntity } from './federated-identity.entity.js';
import { AccountEntity, type AccountStatus, type PostalAddress } from './account.entity.js';

/** A person as the flows see them: read on every request, so it is a plain row. */
export interface Account {
  readonly id: string;
  readonly username: string;
  readonly status: AccountStatus;
  /** A sign-in before this moment is worth nothing any more: the password was set anew, or everything was ended, since. */
  readonly signInsValidFrom: Date | undefined;
  /** The standard claims that have a value, under their own names. */
  readonly claims: Readonly<Record<string, unknown>>;
}

const TEXT_CLAIMS = [
  'name',
  'given_name',
  'family_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'email',
  'phone_number',
] as const;

/** A row of `accounts` as {@link ACCOUNT_COLUMNS} names it. */
export type AccountRow = Record<(typeof TEXT_CLAIMS)[number], string | null> & {
  id: string;
  username: string;
  status: AccountStatus;
  email_verified: boolean | number;
  phone_number_verified: boolean | number;
  address: string | null;
  password_changed_at: number | null;
  signed_out_at: number | null;
  updated_at: number;
};

/**
 * The columns of an account, for statements that read it together with something of theirs: a request that needs the
 * session and its account asks once.
 */
export const ACCOUNT_COLUMNS: readonly string[] = [
  'id',
  'username',
  'status',
  ...TEXT_CLAIMS,
  'email_verified',
  'phone_number_verified',
  'address',
  'password_changed_at',
  'signed_out_at',
  'updated_at',
];

const FIND = statement('account_find', `SELECT ${ACCOUNT_COLUMNS.join(', ')} FROM accounts WHERE id = $1`);

const SIGN_OUT = statement('account_sign_out', 'UPDATE accounts SET signed_out_at = $2 WHERE id = $1');

// Tests and sets in one statement: of two changes of one password at once, one is made.
const CHANGE_PASSWORD = statement(
  'account_change_password',
  `UPDATE accounts SET password_hash = $3, password_changed_at = $4, updated_at = $4
   WHERE id = $1 AND password_hash = $2 AND status = 'active'`,
);

/** The user name as it is compared: NFKC, lower case, no blanks around it. */
export function usernameKey(username: string): string {
  // Once more at the end: lower case can bring letters together that have a form of their own, such as ǰ.
  return username.normalize('NFKC').toLowerCase().normalize('NFKC').trim();
}

/** A part of a transaction. */
type Step = (manager: EntityManager) => Promise<void>;

const nothing: Step = async () => undefined;

/** People, found by id on every request and by name at sign-in. */
@Injectable()
export class AccountStore {
  private readonly several: Statement;

  constructor(
    @InjectRepository(AccountEntity) readonly repository: Repository<AccountEntity>,
    private readonly database: Database,
    private readonly belongings: AccountBelongings,
    private readonly closings: AccountClosings,
  ) {
    this.several = statement(
      'accounts_find',
      `SELECT ${ACCOUNT_COLUMNS.join(', ')} FROM accounts WHERE ${isAmong(database.kind, 'id', '$1', 'id')}`,
    );
  }

  async find(id: string): Promise<Account | undefined> {
    const row = await this.database.first<AccountRow>(FIND, id);
    return row === undefined ? undefined : accountFromRow(row);
  }

  /** Those of them that there are, in no order. @param ids some hundreds */
  async findMany(ids: readonly string[]): Promise<Account[]> {
    const rows = await this.database.all<AccountRow>(this.several, JSON.stringify(ids.map((id) => ({ id }))));
    return rows.map((row) => accountFromRow(row));
  }

  /** The account if the person may sign in and be spoken of in tokens: disabled people are nobody. */
  async findActive(id: string): Promise<Account | undefined> {
    const account = await this.find(id);
    return account?.status === 'active' ? account : undefined;
  }

  /**
   * The account, who it is in the organisations, and its places in departments and groups: a person who is still there
   * begins anew at the next sign-in.
   *
   * @param first what the same transaction begins with
   */
  async delete(id: string, first: Step = nothing, note?: Note): Promise<boolean> {
    const deleted = await this.repository.manager.transaction(async (manager) => {
      await first(manager);
      await this.closings.note(manager, id, 'account deleted');
      await manager.delete(FederatedIdentityEntity, { accountId: id });
      await this.belongings.remove(manager, id);
      if ((await manager.delete(AccountEntity, { id })).affected !== 1) return false;
      await note?.(manager);
      return true;
    });
    this.closings.afterwards();
    return deleted;
  }

  /**
   * Changes columns of an account.
   *
   * @param note what is written with it
   * @param closing why all sign-ins of the person end with that; undefined where they do not
   * @param first what the same transaction begins with
   * @returns false when there is no such account
   */
  async change(
    id: string,
    columns: Partial<AccountEntity>,
    closing: string | undefined,
    first: Step = nothing,
    note?: Note,
  ): Promise<boolean> {
    // TypeORM's type for a partial row looks inside the JSON of `custom`, where `unknown` is all there is to say.
    const row = columns as QueryDeepPartialEntity<AccountEntity>;
    const changed = await this.repository.manager.transaction(async (manager) => {
      await first(manager);
      const { affected } = await manager.update(AccountEntity, { id }, row);
      if (affected !== 1) return false;
      if (closing !== undefined) await this.closings.note(manager, id, closing);
      await note?.(manager);
      return true;
    });
    if (closing !== undefined) this.closings.afterwards();
    return changed;
  }

  /**
   * From now on, what came of a sign-in before is worth nothing. Leaves telling the apps to `sign-out`.
   *
   * @returns whether there is such an account
   */
  async signOut(id: string): Promise<boolean> {
    return (await this.database.run(SIGN_OUT, id, Date.now())) === 1;
  }

  /**
   * Puts a password in the place of the one that was checked. Sign-ins before that moment are worth nothing any more.
   *
   * @returns false when it has been changed, or the account closed, in between
   */
  async changePassword(id: string, oldHash: string, newHash: string, at: Date, note: Note): Promise<boolean> {
    return (await this.database.runWith(note, CHANGE_PASSWORD, id, oldHash, newHash, at.getTime())) === 1;
  }

  /** What a change of somebody's own password needs, all of it of one moment. */
  async passwordOf(id: string): Promise<Pick<AccountEntity, 'passwordHash' | 'passwordChangedAt'> | null> {
    return this.repository.findOne({
      where: { id, status: 'active' },
      select: { id: true, passwordHash: true, passwordChangedAt: true },
    });
  }

  /** What a sign-in by name needs. */
  async findByUsername(username: string): Promise<Pick<AccountEntity, 'id' | 'status' | 'passwordHash'> | null> {
    return this.repository.findOne({
      where: { usernameKey: usernameKey(username) },
      select: { id: true, status: true, passwordHash: true },
    });
  }
}

/** Whether a sign-in at that time is still worth something: the account is active, and its password was not set since. */
export function isSignInValid(account: Account, authTime: Date): boolean {
  if (account.status !== 'active') return false;
  return account.signInsValidFrom === undefined || authTime >= account.signInsValidFrom;
}

export function accountFromRow(row: AccountRow): Account {
  const claims: Record<string, unknown> = {};
  for (const name of TEXT_CLAIMS) {
    // SQLite stores a NUL; the apps' databases may not.
    const text = row[name]?.replaceAll('\u0000', '') ?? '';
    if (text !== '') claims[name] = text;
  }
  claims['preferred_username'] ??= row.username;
  if (claims['email'] !== undefined) claims['email_verified'] = Boolean(row.email_verified);
  if (claims['phone_number'] !== undefined) claims['phone_number_verified'] = Boolean(row.phone_number_verified);
  if (row.address !== null) claims['address'] = JSON.parse(row.address) as PostalAddress;
  claims['updated_at'] = Math.floor(row.updated_at / 1000);
  const { id, username, status } = row;
  const validFrom = Math.max(row.password_changed_at ?? 0, row.signed_out_at ?? 0);
  return { id, username, status, signInsValidFrom: timeOf(validFrom === 0 ? null : validFrom), claims };
}

/** What a page calls a person. */
export function displayName(account: Account): string {
  const { name, nickname } = account.claims;
  return typeof name === 'string' ? name : typeof nickname === 'string' ? nickname : account.username;
}
