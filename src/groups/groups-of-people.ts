/**
 * The groups that people are in, whichever way, as a SELECT of `account_id` and `group_id` for other statements: by hand,
 * by a place in a department (or below it), by a role of a directory. Departments and roles that are gone count for nothing.
 *
 * @param whose the condition on the column that holds the person, such as `(column) => `${column} = $1``: it stands in each
 * part, so that every part begins at an index
 */
export function groupsOfPeople(whose: (column: string) => string): string {
  return `SELECT gm.account_id, gm.group_id FROM group_members gm
      JOIN groups g ON g.id = gm.group_id AND g.kind = 'manual' WHERE ${whose('gm.account_id')}
    UNION SELECT dm.account_id, g.id FROM department_members dm
      JOIN department_ancestors da ON da.department_id = dm.department_id
      JOIN departments d ON d.id = dm.department_id AND d.removed_at IS NULL
      JOIN groups g ON g.department_id = da.ancestor_id AND g.kind = 'department'
      WHERE ${whose('dm.account_id')} AND (da.depth = 0 OR g.include_descendants)
    UNION SELECT rm.account_id, g.id FROM directory_role_members rm
      JOIN directory_roles r ON r.id = rm.role_id AND r.removed_at IS NULL
      JOIN groups g ON g.directory_role_id = rm.role_id AND g.kind = 'directory_role'
      WHERE ${whose('rm.account_id')}`;
}
