import { groupsOfPeople } from '../groups/groups-of-people.js';
import type { Rights } from './access-decision.js';
import type { SubjectType } from './assignment.entity.js';

/**
 * The assignments that speak of people, whichever way, as a SELECT for statements: by themselves, by a department that
 * they are in or that is above one, by a group. Departments that are gone count for nothing, and neither does an
 * assignment whose role is gone. Which of the others count is for the caller to say: see {@link stateOf}.
 *
 * @param whose the condition on the column that holds the person, such as `(column) => `${column} = $1``: it stands in
 * each part, so that every part begins at an index
 * @param assignments the table, or a subselect with the same columns in its place
 */
export function assignmentsOfPeople(whose: (column: string) => string, assignments = 'assignments'): string {
  return `SELECT k.account_id, k.depth, k.through, s.id, s.client_id, s.subject_type, s.subject_id,
      s.include_descendants, s.enabled, s.ends_at, s.created_at, r.id AS role_id, r.name AS role_name, r.permissions
    FROM (${subjectsOfPeople(whose)}) k
    JOIN ${assignments} s ON s.subject_type = k.subject_type AND s.subject_id = k.subject_id
    LEFT JOIN roles r ON r.id = s.role_id AND r.client_id = s.client_id
    WHERE (s.role_id = '' OR r.id IS NOT NULL)`;
}

/** Everything that an assignment can name and by which people are meant: `through` is the department that they are in. */
function subjectsOfPeople(whose: (column: string) => string): string {
  return `SELECT a.id AS account_id, 'user' AS subject_type, a.id AS subject_id, 0 AS depth, a.id AS through
      FROM accounts a WHERE ${whose('a.id')}
    UNION ALL SELECT dm.account_id, 'department', da.ancestor_id, da.depth, dm.department_id FROM department_members dm
      JOIN departments d ON d.id = dm.department_id AND d.removed_at IS NULL
      JOIN department_ancestors da ON da.department_id = dm.department_id
      JOIN departments above ON above.id = da.ancestor_id AND above.removed_at IS NULL
      WHERE ${whose('dm.account_id')}
    UNION ALL SELECT g.account_id, 'group', g.group_id, 0, g.group_id FROM (${groupsOfPeople(whose)}) g`;
}

/** A row of {@link assignmentsOfPeople}. */
export interface AssignmentRow {
  account_id: string;
  depth: number;
  through: string;
  id: string;
  client_id: string;
  subject_type: SubjectType;
  subject_id: string;
  include_descendants: boolean | number;
  enabled: boolean | number;
  ends_at: number | null;
  created_at: number;
  role_id: string | null;
  role_name: string | null;
  permissions: string | null;
}

/** Whether an assignment counts. `only_itself`: the person is below a department of which only itself was assigned. */
export type AssignmentState = 'live' | 'ended' | 'switched_off' | 'only_itself';

/** An assignment as it speaks of one person. */
export interface AssignmentOfPerson {
  readonly accountId: string;
  readonly id: string;
  readonly clientId: string;
  readonly subject: { readonly type: SubjectType; readonly id: string };
  /** Of a department: how far above the person's own it stands. */
  readonly depth: number;
  /** Of a department: the one that the person is in. */
  readonly through: string;
  readonly state: AssignmentState;
  readonly endsAt: Date | undefined;
  readonly role: { readonly id: string; readonly name: string; readonly permissions: readonly string[] } | undefined;
}

/**
 * Each assignment once for each person, by the nearest way that counts.
 *
 * @param since of an app: when it was registered. What was assigned to an earlier app of the same id is not this one's
 */
export function assignmentsFromRows(rows: readonly AssignmentRow[], since: (clientId: string) => Date | undefined) {
  const now = Date.now();
  const found = new Map<string, AssignmentOfPerson>();
  for (const row of rows) {
    const registered = since(row.client_id);
    if (registered === undefined || row.created_at < registered.getTime()) continue;
    const key = `${row.account_id} ${row.id}`;
    const known = found.get(key);
    const assignment = fromRow(row, now);
    if (known === undefined || isNearer(assignment, known)) found.set(key, assignment);
  }
  return [...found.values()];
}

function isNearer(one: AssignmentOfPerson, other: AssignmentOfPerson): boolean {
  if ((one.state === 'only_itself') !== (other.state === 'only_itself')) return other.state === 'only_itself';
  return one.depth < other.depth;
}

function fromRow(row: AssignmentRow, now: number): AssignmentOfPerson {
  const { role_id: roleId, role_name: name, permissions } = row;
  return {
    accountId: row.account_id,
    id: row.id,
    clientId: row.client_id,
    subject: { type: row.subject_type, id: row.subject_id },
    depth: row.depth,
    through: row.through,
    state: stateOf(row, now),
    endsAt: row.ends_at === null ? undefined : new Date(row.ends_at),
    role:
      roleId === null || name === null
        ? undefined
        : { id: roleId, name, permissions: JSON.parse(permissions ?? '[]') as string[] },
  };
}

function stateOf(row: AssignmentRow, now: number): AssignmentState {
  if (row.depth > 0 && !row.include_descendants) return 'only_itself';
  if (!row.enabled) return 'switched_off';
  return row.ends_at !== null && row.ends_at <= now ? 'ended' : 'live';
}

/** What all the assignments that count give together. */
export function rightsOf(assignments: readonly AssignmentOfPerson[]): Rights {
  const roles = assignments.flatMap(({ state, role }) => (state === 'live' && role !== undefined ? [role] : []));
  return {
    roles: [...new Set(roles.map(({ name }) => name))].toSorted(),
    permissions: [...new Set(roles.flatMap(({ permissions }) => permissions))].toSorted(),
  };
}
