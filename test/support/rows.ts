import { randomBytes } from 'node:crypto';
import type { DataSource, EntityMetadata } from 'typeorm';

/** Rows that one INSERT holds. */
const AT_ONCE = 500;

type Value = string | number | boolean | null;

/** Values for the columns that a row cannot be without, whatever they mean. */
function fillers({ columns }: EntityMetadata): Record<string, Value> {
  const needed = columns.filter(({ isNullable }) => !isNullable);
  return Object.fromEntries(
    needed.map(({ databaseName, type, length }) => [databaseName, filler(String(type), Number(length))]),
  );
}

/** @param longest characters; 0 where there is no limit */
function filler(type: string, longest: number): Value {
  if (type === 'integer' || type === 'bigint') return 1;
  if (type === 'boolean') return false;
  const text = randomBytes(16).toString('hex');
  return longest > 0 ? text.slice(0, longest) : text;
}

/**
 * Puts rows into a table, by statements and not by its room's store: what matters is said, the rest is filled up.
 *
 * @param values by column name
 */
export async function insertRows(
  dataSource: DataSource,
  table: string,
  count: number,
  values: Readonly<Record<string, Value>>,
): Promise<void> {
  const entity = dataSource.entityMetadatas.find(({ tableName }) => tableName === table);
  if (entity === undefined) throw new Error(`there is no table ${table}`);
  for (let left = count; left > 0; left -= AT_ONCE) {
    const rows = Array.from({ length: Math.min(left, AT_ONCE) }, () => ({ ...fillers(entity), ...values }));
    const columns = Object.keys(rows[0] ?? {});
    const tuples = rows.map((row) => `(${Object.values(row).map(literal).join(', ')})`);
    await dataSource.query(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${tuples.join(', ')}`);
  }
}

/** How many rows a table has, or how many of them fit a condition. */
export async function countRows(dataSource: DataSource, table: string, condition = '1 = 1'): Promise<number> {
  const [row]: { count: number }[] = await dataSource.query(
    `SELECT COUNT(*) AS count FROM ${table} WHERE ${condition}`,
  );
  return Number(row?.count);
}

function literal(value: Value): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}
