import { Injectable } from '@nestjs/common';
import type { Client } from '../app-registry/client.js';
import { Database, statement, type Statement } from '../database/database.js';
import { isAmong, jsonRows } from '../database/json-rows.js';
import {
  assignmentsFromRows,
  assignmentsOfPeople,
  type AssignmentOfPerson,
  type AssignmentRow,
} from './assignments-of-people.js';
import type { Subject } from './subject-names.js';

// One statement for who somebody is, what was assigned to that, and the roles that come with it.
const OF_PERSON = statement(
  'assignments_of_person',
  `${assignmentsOfPeople((column) => `${column} = $1`)} AND s.client_id = $2`,
);
// The same for all apps at once.
const OF_PERSON_EVERYWHERE = statement(
  'assignments_of_person_everywhere',
  assignmentsOfPeople((column) => `${column} = $1`),
);

const COLUMNS = {
  id: 'text',
  client_id: 'text',
  subject_type: 'text',
  subject_id: 'text',
  include_descendants: 'boolean',
  role_id: 'text',
  enabled: 'boolean',
  ends_at: 'bigint',
  created_at: 'bigint',
} as const;

/** An assignment that is not there yet. */
export interface DraftAssignment {
  readonly id: string;
  readonly subject: Subject;
  readonly includeDescendants: boolean;
  /** Empty where none comes with it. */
  readonly roleId: string;
  readonly enabled: boolean;
  readonly endsAt: Date | null;
}

/** Finds the assignments that speak of people. */
@Injectable()
export class AssignmentLookup {
  private readonly ofMany: Statement;

  constructor(private readonly database: Database) {
    const names = Object.keys(COLUMNS).join(', ');
    this.ofMany = statement(
      'assignments_of_people',
      assignmentsOfPeople(
        (column) => isAmong(database.kind, column, '$1', 'account_id'),
        `(SELECT ${names} FROM assignments WHERE client_id = $2
          UNION ALL SELECT ${names} FROM ${jsonRows(database.kind, '$3', COLUMNS)} AS drafted)`,
      ),
    );
  }

  /** Of one person in one app. */
  async ofPerson(accountId: string, client: Client): Promise<AssignmentOfPerson[]> {
    const rows = await this.database.all<AssignmentRow>(OF_PERSON, accountId, client.id);
    return assignmentsFromRows(rows, () => client.metadata.createdAt);
  }

  /** Of one person in several apps. @returns by app; those of which nothing speaks of the person are left out */
  async ofPersonIn(accountId: string, clients: readonly Client[]): Promise<Map<string, AssignmentOfPerson[]>> {
    const registered = new Map(clients.map(({ id, metadata }) => [id, metadata.createdAt]));
    const rows = await this.database.all<AssignmentRow>(OF_PERSON_EVERYWHERE, accountId);
    return grouped(
      assignmentsFromRows(rows, (clientId) => registered.get(clientId)),
      ({ clientId }) => clientId,
    );
  }

  /**
   * Of several people in one app, as if some more assignments were there.
   *
   * @returns by person; those of whom nothing speaks are left out
   */
  async ofPeople(
    accountIds: readonly string[],
    client: Client,
    drafted: readonly DraftAssignment[] = [],
  ): Promise<Map<string, AssignmentOfPerson[]>> {
    const asked = JSON.stringify(accountIds.map((id) => ({ account_id: id })));
    const more = JSON.stringify(drafted.map((draft) => rowOf(draft, client.id)));
    const rows = await this.database.all<AssignmentRow>(this.ofMany, asked, client.id, more);
    return grouped(
      assignmentsFromRows(rows, () => client.metadata.createdAt),
      ({ accountId }) => accountId,
    );
  }
}

function rowOf(
  draft: DraftAssignment,
  clientId: string,
): Record<keyof typeof COLUMNS, string | number | boolean | null> {
  return {
    id: draft.id,
    client_id: clientId,
    subject_type: draft.subject.type,
    subject_id: draft.subject.id,
    include_descendants: draft.includeDescendants,
    role_id: draft.roleId,
    enabled: draft.enabled,
    ends_at: draft.endsAt?.getTime() ?? null,
    created_at: Number.MAX_SAFE_INTEGER,
  };
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const known = groups.get(keyOf(item));
    if (known === undefined) groups.set(keyOf(item), [item]);
    else known.push(item);
  }
  return groups;
}
