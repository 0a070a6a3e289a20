import { Injectable } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { AdminScopes } from '../admin/admin-scopes.js';
import { Administrators } from '../admin/administrators.js';
import { AuditLog } from '../audit/audit-log.js';
import type { AccountEntity } from './account.entity.js';
import type { User } from './user.dto.js';
import { PERSONAL_FIELDS, toMaskedUser, toUser } from './user-wire.js';

/** The right to read people's e-mail addresses and telephone numbers in full: no operation has it by itself. */
export const PERSONAL_DATA_SCOPE = 'clinch:personal-data:read';

/**
 * Which personal fields an expression can tell of: by what it says of somebody everything that it reads could be asked.
 *
 * @param reads dotted paths, as the check of an expression gives them
 * @returns wire names
 */
export function personalFieldsOf(reads: readonly string[]): string[] {
  return PERSONAL_FIELDS.filter((field) => reads.some((path) => path === 'user' || path.startsWith(`user.${field}`)));
}

/** Who may read what people can be reached by. Everybody else sees it masked; who reads it in full is noted. */
@Injectable()
export class PersonalData {
  constructor(
    private readonly administrators: Administrators,
    private readonly audit: AuditLog,
    scopes: AdminScopes,
  ) {
    scopes.declare({
      name: PERSONAL_DATA_SCOPE,
      description: 'People: their e-mail addresses and telephone numbers in full, beside the right to read them at all',
    });
  }

  /** By the token and by the registration: the token may say more than what is left, or less than there is. */
  async mayRead(actor: AdminActor): Promise<boolean> {
    return actor.has(PERSONAL_DATA_SCOPE) && (await this.administrators.mayUse(actor.clientId, PERSONAL_DATA_SCOPE));
  }

  /** To be called whenever personal data was shown in full. @param fields wire names, as far as there was a value */
  noteReading(actor: AdminActor, accountId: string, fields: readonly string[]): void {
    if (fields.length > 0) this.audit.record('personal_data.read', actor, { account: accountId, fields: [...fields] });
  }

  /** The person as this actor may see them. */
  async show(account: AccountEntity, actor: AdminActor): Promise<User> {
    if (!(await this.mayRead(actor))) return toMaskedUser(account);
    const user = toUser(account);
    const shown = PERSONAL_FIELDS.filter((field) => user[field] !== null);
    this.noteReading(actor, account.id, shown);
    return user;
  }
}
