import { Injectable } from '@nestjs/common';
import { type EntityManager, type QueryDeepPartialEntity } from 'typeorm';
import { orderedPage } from '../admin/list-order.js';
import type { Page } from '../admin/list-page.js';
import { Problem, type FieldProblem } from '../admin/problem.js';
import { preconditionOf, useKey } from '../admin/request-terms.js';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { changesBetween, madeOf } from '../audit/changes.js';
import { isUniqueViolation } from '../database/database-errors.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import { AccountStore, usernameKey } from './account-store.js';
import { AccountEntity } from './account.entity.js';
import { LONGEST_PASSWORD, passwordFault, SHORTEST_PASSWORD, type PasswordFault } from './password-rules.js';
import { hashPassword, PasswordQueueFullError } from './password.js';
import { USER_ORDER, type UserQuery } from './user-query.dto.js';
import type { User, UserChanges } from './user.dto.js';
import { blankFields, columnsOf, newAccount, toMaskedUser, toUser } from './user-wire.js';

const LONGEST_KEY = 200;

/** Seconds: a queue of passwords is done by then. */
const RETRY_AFTER = 2;

const PASSWORD_PROBLEMS: Readonly<Record<PasswordFault, string>> = {
  too_short: `needs at least ${SHORTEST_PASSWORD} characters`,
  too_long: `may have at most ${LONGEST_PASSWORD} characters`,
  is_username: 'may not be the user name',
  common: 'is one that guessers try first',
};

type Columns = Partial<AccountEntity>;

/** What an administrator can do with people. A change is one statement: it is there, or it is not. */
@Injectable()
export class AccountAdministration {
  constructor(
    private readonly store: AccountStore,
    private readonly audit: AuditLog,
  ) {}

  async list(query: UserQuery): Promise<Page<User>> {
    const { status, username, created_since: created, updated_since: updated } = query;
    return orderedPage(this.store.repository, USER_ORDER, query, toMaskedUser, (rows) => {
      if (status !== undefined) rows.andWhere('row.status = :status', { status });
      if (username !== undefined) rows.andWhere('row.usernameKey = :name', { name: usernameKey(username) });
      if (created !== undefined) rows.andWhere('row.createdAt >= :created', { created: Date.parse(created) });
      if (updated !== undefined) rows.andWhere('row.updatedAt >= :updated', { updated: Date.parse(updated) });
    });
  }

  /** @throws {Problem} not-found */
  async find(id: string): Promise<AccountEntity> {
    const account = isId(id) ? await this.store.repository.findOneBy({ id }) : null;
    if (account === null) throw Problem.notFound('person');
    return account;
  }

  /** @throws {Problem} when the person is not acceptable or the user name is taken */
  async create(fields: UserChanges, actor: Actor): Promise<AccountEntity> {
    const account = Object.assign(newAccount(newIdentifier()), columnsOf(fields));
    judge(account, fields.password);
    if (account.status === 'disabled') account.disabledBy = 'administrator';
    Object.assign(account, await passwordColumns(fields.password));
    const details = { account: account.id, fields: namesOf(fields), ...madeOf(toUser(account), fields) };
    await this.store.repository.manager
      .transaction(async (manager) => {
        await useKey(manager, actor);
        await manager.insert(AccountEntity, rowOf(account));
        await this.audit.recordIn(manager, 'account.created', actor, details);
      })
      .catch(asNameTaken);
    return account;
  }

  /** As `create` or `change`, but writes nothing. @throws {Problem} when they would refuse it */
  async rehearse(account: AccountEntity | undefined, fields: UserChanges): Promise<void> {
    const next = Object.assign(newAccount(''), account, columnsOf(fields));
    judge(next, fields.password);
    const { repository } = this.store;
    const sameName = await repository.findOne({ where: { usernameKey: next.usernameKey }, select: { id: true } });
    if (sameName !== null && sameName.id !== account?.id) throw nameTaken();
  }

  /** The person of that id, or else of that user name. */
  async findFor(id: unknown, username: unknown): Promise<AccountEntity | undefined> {
    const { repository } = this.store;
    const byId = typeof id === 'string' && isId(id) ? await repository.findOneBy({ id }) : null;
    if (byId !== null) return byId;
    const key = typeof username === 'string' ? usernameKey(username) : '';
    // What no database can be asked for is nobody's name.
    const isName = key !== '' && key.length <= LONGEST_KEY && !key.includes('\0');
    return (isName ? await repository.findOneBy({ usernameKey: key }) : null) ?? undefined;
  }

  /** Changes the fields that were sent. */
  async change(id: string, fields: UserChanges, actor: Actor): Promise<AccountEntity> {
    const account = await this.find(id);
    return this.save(account, columnsOf(fields), fields, actor);
  }

  /** Replaces the person; what was not sent has no value afterwards, but for the password, which nobody can send back. */
  async replace(id: string, fields: UserChanges, actor: Actor): Promise<AccountEntity> {
    const account = await this.find(id);
    // Whoever has left the organisation stays away, unless the request says otherwise: they return by returning there.
    const away = account.disabledBy === 'departure' ? { status: account.status } : {};
    const columns = { username: '', usernameKey: '', ...blankFields(), ...away, ...columnsOf(fields) };
    return this.save(account, columns, fields, actor);
  }

  async delete(id: string, actor: Actor): Promise<void> {
    const note = this.audit.noting('account.deleted', actor, { account: id });
    const deleted = isId(id) && (await this.store.delete(id, unchanged(id, actor), note));
    if (!deleted) throw Problem.notFound('person');
  }

  private async save(
    account: AccountEntity,
    columns: Columns,
    fields: UserChanges,
    actor: Actor,
  ): Promise<AccountEntity> {
    const { id } = account;
    const next = Object.assign(
      Object.create(Object.getPrototypeOf(account) as object) as AccountEntity,
      account,
      columns,
    );
    judge(next, fields.password);
    const changed: Columns = {
      ...columns,
      ...unproven(account, next, fields),
      ...(fields.status === undefined && next.status === account.status ? {} : closing(account, next)),
      ...(await passwordColumns(fields.password)),
      updatedAt: new Date(),
    };
    const names = namesOf(fields);
    const details = { account: id, fields: names, ...changesBetween(toUser(account), toUser(next)) };
    const note = async (manager: EntityManager) => {
      if (names.length > 0) await this.audit.recordIn(manager, 'account.changed', actor, details);
      if (fields.password !== undefined)
        await this.audit.recordIn(manager, 'account.password_set', actor, { account: id });
    };
    const done = await this.store
      .change(id, changed, closingOf(account, next, fields), unchanged(id, actor), note)
      .catch(asNameTaken);
    if (!done) throw Problem.notFound('person');
    return Object.assign(next, changed);
  }
}

/** For the transaction of a change: whether the person is as whoever asks has seen them. */
function unchanged(id: string, actor: Actor): (manager: EntityManager) => Promise<void> {
  return (manager) => preconditionOf(actor).hold(manager, AccountEntity, { id });
}

/** What is no id of ours is nobody's: it is not worth a query, and some of it no database can be asked for. */
function isId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text);
}

/** The rules about the person as they would be. */
function judge({ username, usernameKey: key }: AccountEntity, password: string | undefined): void {
  const errors: FieldProblem[] = [];
  if (key === '') errors.push({ field: 'username', problem: 'is required: people sign in with it' });
  // Compatibility forms can be many characters for one.
  if (key.length > LONGEST_KEY)
    errors.push({ field: 'username', problem: `may have at most ${LONGEST_KEY} characters` });
  const fault = password === undefined ? undefined : passwordFault(password, username);
  if (fault !== undefined) errors.push({ field: 'password', problem: PASSWORD_PROBLEMS[fault] });
  if (errors.length > 0) throw Problem.ofFields(errors);
}

/** What was proven was the old address: another one is not, unless the same request says so. */
function unproven(old: AccountEntity, next: AccountEntity, sent: UserChanges): Columns {
  return {
    ...(next.email !== old.email && sent.email_verified === undefined ? { emailVerified: false } : {}),
    ...(next.phoneNumber !== old.phoneNumber && sent.phone_number_verified === undefined
      ? { phoneNumberVerified: false }
      : {}),
  };
}

/** Why all sign-ins of the person end, if they do. */
function closingOf(old: AccountEntity, next: AccountEntity, { password }: UserChanges): string | undefined {
  if (old.status === 'active' && next.status === 'disabled') return 'account disabled';
  return password === undefined ? undefined : 'password set';
}

/** An account that is closed is signed out everywhere, for good: opening it again does not bring back old sessions. */
function closing(old: AccountEntity, next: AccountEntity): Columns {
  if (next.status === 'active') return { disabledBy: null };
  return { disabledBy: 'administrator', ...(old.status === 'active' ? { signedOutAt: new Date() } : {}) };
}

/** @throws {OAuthError} temporarily_unavailable when too many passwords are being hashed already */
async function passwordColumns(password: string | undefined): Promise<Columns> {
  if (password === undefined) return {};
  try {
    return { passwordHash: await hashPassword(password), passwordChangedAt: new Date() };
  } catch (error) {
    if (!(error instanceof PasswordQueueFullError)) throw error;
    throw new OAuthError('temporarily_unavailable', 'too many passwords are being set; try again in a moment', {
      cause: error,
      retryAfter: RETRY_AFTER,
    });
  }
}

function asNameTaken(error: unknown): never {
  throw isUniqueViolation(error) ? nameTaken(error) : error;
}

function nameTaken(cause?: unknown): Problem {
  const errors = [{ field: 'username', problem: 'is taken' }];
  return new Problem('conflict', 'There is a person of that username already.', { errors, cause });
}

/** What was touched, for the audit log; the password has an event of its own. */
function namesOf(fields: UserChanges): string[] {
  return Object.keys(fields).filter((name) => name !== 'password');
}

/** TypeORM's type for a partial row looks inside the JSON of `custom`, where `unknown` is all there is to say. */
function rowOf(account: Columns): QueryDeepPartialEntity<AccountEntity> {
  return account as QueryDeepPartialEntity<AccountEntity>;
}
