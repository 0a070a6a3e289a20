import { Injectable } from '@nestjs/common';
import { PickType } from '@nestjs/swagger';
import { AdminValidation } from '../admin/admin-validation.js';
import { Problem } from '../admin/problem.js';
import type { Actor } from '../audit/audit-log.js';
import { AccountAdministration } from './account-administration.js';
import { UserFields } from './user.dto.js';

/**
 * What people may say of themselves where no directory says it. Nothing that others know them by, and nothing that
 * they are reached by: that is for whoever vouches for it.
 */
export const OWN_FIELDS = ['nickname', 'website', 'zoneinfo', 'locale'] as const;

export type OwnField = (typeof OWN_FIELDS)[number];

/** The same rules as in the admin API. */
class OwnFields extends PickType(UserFields, OWN_FIELDS) {}

/** Fields that are left out stay as they are; null takes a value away. */
export type OwnChanges = Readonly<Partial<Record<OwnField, string | null>>>;

export type OwnChangeOutcome =
  | { readonly outcome: 'changed' }
  /** Nothing was changed. */
  | { readonly outcome: 'unfit'; readonly fields: readonly OwnField[] }
  /** The account is gone. */
  | { readonly outcome: 'gone' };

/** What people change of themselves. Which of the fields are theirs to say is for the caller to know. */
@Injectable()
export class OwnProfile {
  private readonly validation = new AdminValidation();

  constructor(private readonly accounts: AccountAdministration) {}

  async change(accountId: string, changes: OwnChanges, actor: Actor): Promise<OwnChangeOutcome> {
    if (Object.keys(changes).length === 0) return { outcome: 'changed' };
    try {
      await this.validation.transform(changes, { type: 'body', metatype: OwnFields });
      await this.accounts.change(accountId, changes, actor);
      return { outcome: 'changed' };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.kind === 'not-found') return { outcome: 'gone' };
      const named = new Set(error.errors?.map(({ field }) => field));
      const fields = OWN_FIELDS.filter((field) => named.has(field));
      if (fields.length === 0) throw error;
      return { outcome: 'unfit', fields };
    }
  }
}
