import type { Database } from './database.js';

/** What a member of the rows is read as. */
export type RowType = 'text' | 'bigint' | 'boolean';

/**
 * Rows out of one parameter that holds a JSON list of objects, as a table for FROM: hundreds of rows go in one
 * statement, and it is the same statement for any number of them.
 *
 * @param placeholder the parameter, such as `$2`
 * @param columns the members of the objects, by the types of the columns that they are for
 */
export function jsonRows(
  kind: Database['kind'],
  placeholder: string,
  columns: Readonly<Record<string, RowType>>,
): string {
  const names = Object.entries(columns);
  if (kind === 'postgres') {
    return `(SELECT * FROM json_to_recordset(${placeholder}::json) AS given(${names.map((each) => each.join(' ')).join(', ')}))`;
  }
  const members = names.map(([name]) => `json_extract(value, '$.${name}') AS ${name}`);
  return `(SELECT ${members.join(', ')} FROM json_each(${placeholder}))`;
}

/**
 * A condition: the column is among the values of one member. On PostgreSQL as an array, so that rows are found by key
 * whatever the planner believed about the table when it made the plan.
 *
 * @param column a text column
 * @param placeholder the parameter with the JSON list of objects
 */
export function isAmong(kind: Database['kind'], column: string, placeholder: string, member: string): string {
  const asked = `SELECT ${member} FROM ${jsonRows(kind, placeholder, { [member]: 'text' })} AS asked`;
  return kind === 'postgres' ? `${column} = ANY(ARRAY(${asked}))` : `${column} IN (${asked})`;
}

/** Cuts a list into parts, so that no statement holds a connection for long. */
export function* partsOf<Item>(items: readonly Item[], size = 500): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
