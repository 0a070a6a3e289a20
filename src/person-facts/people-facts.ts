import { Injectable } from '@nestjs/common';
import { ACCOUNT_COLUMNS, accountFromRow, type Account, type AccountRow } from '../accounts/account-store.js';
import { Database, statement, type Statement } from '../database/database.js';
import { isAmong, partsOf } from '../database/json-rows.js';
import type { PersonFacts } from '../expressions/expression-facts.js';
import { groupsOfPeople } from '../groups/groups-of-people.js';
import { factsOf, type FactRow } from './facts-of.js';

const OF_PERSON = statement(
  'person_facts',
  factRows((column) => `${column} = $1`),
);

/** What expressions can say of people: the claims, and what the directories, groups and identity sources add. */
@Injectable()
export class PeopleFacts {
  private readonly ofPeople: Statement;
  private readonly accounts: Statement;

  constructor(private readonly database: Database) {
    const among = (column: string): string => isAmong(database.kind, column, '$1', 'account_id');
    this.ofPeople = statement('people_facts', factRows(among));
    this.accounts = statement(
      'people_facts_accounts',
      `SELECT ${ACCOUNT_COLUMNS.join(', ')} FROM accounts WHERE ${among('id')}`,
    );
  }

  /** One statement, whatever there is to say. */
  async of(account: Account): Promise<PersonFacts> {
    return factsOf(account, await this.database.all<FactRow>(OF_PERSON, account.id));
  }

  /** @returns by account; those that there are not are left out */
  async ofMany(accountIds: readonly string[]): Promise<Map<string, PersonFacts>> {
    const found = new Map<string, PersonFacts>();
    for (const part of partsOf(accountIds)) {
      const asked = JSON.stringify(part.map((id) => ({ account_id: id })));
      const accounts = await this.database.all<AccountRow>(this.accounts, asked);
      const rows = new Map(accounts.map(({ id }): [string, FactRow[]] => [id, []]));
      for (const row of await this.database.all<FactRow>(this.ofPeople, asked)) rows.get(row.account_id)?.push(row);
      for (const row of accounts) found.set(row.id, factsOf(accountFromRow(row), rows.get(row.id) ?? []));
    }
    return found;
  }
}

/**
 * Everything beside the claims, one kind of row after the other, so that it is asked for once.
 *
 * @param whose the condition on the column that holds the person; it stands in each part, which so begins at an index
 */
function factRows(whose: (column: string) => string): string {
  const none = 'CAST(NULL AS text)';
  return `SELECT 'account' AS kind, a.id AS account_id, a.id, a.custom AS name, ${none} AS source_id,
      ${none} AS external_id, ${none} AS extra, 0 AS main, 0 AS leader, a.created_at AS number
      FROM accounts a WHERE ${whose('a.id')}
    UNION ALL SELECT 'department', m.account_id, d.id, d.name, d.source_id, d.external_id, m.title,
      CASE WHEN m.main THEN 1 ELSE 0 END, CASE WHEN m.leader THEN 1 ELSE 0 END, 0
      FROM department_members m JOIN departments d ON d.id = m.department_id
      WHERE ${whose('m.account_id')} AND d.removed_at IS NULL
    UNION ALL SELECT 'step', m.account_id, d.id, d.name, ${none}, ${none}, da.department_id, 0, 0, da.depth
      FROM department_members m JOIN department_ancestors da ON da.department_id = m.department_id
      JOIN departments d ON d.id = da.ancestor_id WHERE ${whose('m.account_id')}
    UNION ALL SELECT 'group', gp.account_id, g.id, g.name, ${none}, ${none}, ${none}, 0, 0, 0
      FROM (${groupsOfPeople(whose)}) gp JOIN groups g ON g.id = gp.group_id
    UNION ALL SELECT 'role', m.account_id, r.id, r.name, r.source_id, r.external_id, r.group_name, 0, 0, 0
      FROM directory_role_members m JOIN directory_roles r ON r.id = m.role_id
      WHERE ${whose('m.account_id')} AND r.removed_at IS NULL
    UNION ALL SELECT 'identity', i.account_id, i.user_id, i.union_id, i.source_id, i.corp_id, ${none}, 0, 0, 0
      FROM federated_identities i
      WHERE ${whose('i.account_id')} AND i.left_at IS NULL AND i.user_key IS NOT NULL`;
}

/** What an app may not have of a person, nor may the expressions of its operators: gone, as if there were no value. */
export function withoutPersonalData(
  facts: PersonFacts,
  allowed: { readonly email: boolean; readonly phone: boolean },
): PersonFacts {
  const { email, email_verified, phone_number, phone_number_verified, ...others } = facts;
  return {
    ...others,
    ...(allowed.email && email !== undefined ? { email, ...defined({ email_verified }) } : {}),
    ...(allowed.phone && phone_number !== undefined ? { phone_number, ...defined({ phone_number_verified }) } : {}),
  };
}

function defined(flags: Readonly<Record<string, boolean | undefined>>): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(flags).filter((entry): entry is [string, boolean] => entry[1] !== undefined),
  );
}
