import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import type { AdminActor } from '../admin/admin-actor.js';
import { AdminScopes } from '../admin/admin-scopes.js';
import { AdminValidation } from '../admin/admin-validation.js';
import type { ImportedLine } from '../admin/bulk.js';
import { AccountAdministration } from './account-administration.js';
import { AccountStore } from './account-store.js';
import type { AccountEntity } from './account.entity.js';
import { PersonalData } from './personal-data.js';
import { UserChanges, type User } from './user.dto.js';
import { columnsOf, toMaskedUser, toUser } from './user-wire.js';

/** Nobody gets everybody with the right to read people one by one. */
export const USERS_EXPORT_SCOPE = 'clinch:users:export';
export const USERS_IMPORT_SCOPE = 'clinch:users:import';

/** Rows of one statement. */
const PAGE = 200;

/** What an export has and no request says: an exported line can be sent back as it is. */
const READ_ONLY = new Set(['id', 'has_password', 'created_at', 'updated_at']);

/** People, many at a time: by the rules for one. */
@Injectable()
export class UserTransfers {
  private readonly validation = new AdminValidation();

  constructor(
    private readonly accounts: AccountAdministration,
    private readonly store: AccountStore,
    private readonly personalData: PersonalData,
    scopes: AdminScopes,
  ) {
    scopes.declare({ name: USERS_EXPORT_SCOPE, description: 'People: read all of them at once' });
    scopes.declare({ name: USERS_IMPORT_SCOPE, description: 'People: make and change many of them at once' });
  }

  /** Whether an export shows them with what they are reached by. */
  async showsAll(actor: AdminActor): Promise<boolean> {
    return this.personalData.mayRead(actor);
  }

  /** All of them, page by page, in the order of their ids. */
  async *pages(inFull: boolean): AsyncGenerator<readonly User[]> {
    for (let after: string | undefined; ;) {
      const rows: AccountEntity[] = await this.store.repository.find({
        ...(after === undefined ? {} : { where: { id: MoreThan(after) } }),
        order: { id: 'ASC' },
        take: PAGE,
      });
      if (rows.length > 0) yield rows.map((row) => (inFull ? toUser(row) : toMaskedUser(row)));
      after = rows.at(-1)?.id;
      if (rows.length < PAGE) return;
    }
  }

  /**
   * Makes a person, or changes the one of that `id` or else of that `username`: fields that are left out stay.
   *
   * @throws {Problem} what the operation for one would answer
   */
  async importOne(line: Record<string, unknown>, actor: AdminActor, dryRun: boolean): Promise<ImportedLine> {
    const sent = Object.fromEntries(Object.entries(line).filter(([name]) => !READ_ONLY.has(name)));
    const fields = (await this.validation.transform(sent, { type: 'body', metatype: UserChanges })) as UserChanges;
    const there = await this.accounts.findFor(line['id'], fields.username);
    if (there !== undefined && saysNothingNew(there, fields) && (await this.mayTell(fields, actor))) {
      return { id: there.id, result: 'unchanged' };
    }
    if (dryRun) await this.accounts.rehearse(there, fields);
    if (there === undefined) {
      return { id: dryRun ? '' : (await this.accounts.create(fields, actor)).id, result: 'created' };
    }
    if (!dryRun) await this.accounts.change(there.id, fields, actor);
    return { id: there.id, result: 'updated' };
  }

  /** That an address is the one we have is for those who may read it; to others it is a change like any other. */
  private async mayTell({ email, phone_number: phoneNumber }: UserChanges, actor: AdminActor): Promise<boolean> {
    return (email === undefined && phoneNumber === undefined) || (await this.personalData.mayRead(actor));
  }
}

function saysNothingNew(account: AccountEntity, fields: UserChanges): boolean {
  if (fields.password !== undefined) return false;
  const columns = Object.entries(columnsOf(fields));
  return columns.every(([name, value]) => sameValue(value, Reflect.get(account, name)));
}

function sameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}
