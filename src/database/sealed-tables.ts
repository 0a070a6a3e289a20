import type { EntityMetadata } from 'typeorm';
import { UndecryptableError, type Keyring, type SealedPlace } from '../keyring/keyring.js';
import { Database, statement, type Statement } from './database.js';
import { sealedColumnsOf } from './sealed.js';

/** Rows in one statement: few, because each is opened, sealed and written by itself. */
const BATCH = 50;

/** The columns of all tables that are declared as sealed. */
export function sealedTablesOf(database: Database): readonly SealedTableColumn[] {
  return database.dataSource.entityMetadatas.flatMap((entity) => {
    const columns = typeof entity.target === 'string' ? [] : sealedColumnsOf(entity.target);
    return columns.map(({ property, prefix }) => new SealedTableColumn(database, entity, property, prefix));
  });
}

/** What one step came to. */
export interface ResealStep {
  /** The last key that was looked at, for the next step to begin after; undefined at the end. */
  readonly last: string | undefined;
  readonly resealed: number;
  /** What no master key at hand opens. */
  readonly unreadable: readonly string[];
}

interface SealedRow {
  id: string;
  sealed: string;
}

/** One sealed column: whose rows are under which master key, and the statements that seal them anew. */
export class SealedTableColumn {
  /** Table and column. */
  readonly name: string;
  private readonly counts: Statement;
  private readonly others: Statement;
  private readonly writes: Statement;

  constructor(
    private readonly database: Database,
    { tableName, primaryColumns, columns }: EntityMetadata,
    property: string,
    private readonly prefix: string,
  ) {
    const key = primaryColumns[0]?.databaseName;
    const column = columns.find((each) => each.propertyName === property)?.databaseName;
    if (key === undefined || column === undefined || primaryColumns.length > 1)
      throw new Error(`${tableName}: no such column`);
    this.name = `${tableName}.${column}`;
    const label = `${tableName}_${column}`;
    // `v1.`, the id of the key, eight characters, and a point: see the keyring.
    this.counts = statement(
      `sealed_count_${label}`,
      `SELECT SUBSTR(${column}, 4, 8) AS key_id, COUNT(*) AS n FROM ${tableName}
       WHERE ${column} IS NOT NULL AND ${column} <> '' GROUP BY SUBSTR(${column}, 4, 8)`,
    );
    this.others = statement(
      `sealed_others_${label}`,
      `SELECT ${key} AS id, ${column} AS sealed FROM ${tableName}
       WHERE ${key} > $1 AND ${column} IS NOT NULL AND ${column} <> '' AND SUBSTR(${column}, 4, 8) <> $2
       ORDER BY ${key} LIMIT ${BATCH}`,
    );
    // Whoever wrote the row meanwhile sealed it under the current key.
    this.writes = statement(
      `sealed_write_${label}`,
      `UPDATE ${tableName} SET ${column} = $2 WHERE ${key} = $1 AND ${column} = $3`,
    );
  }

  /** How many rows are sealed under each master key, by its id. */
  async count(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.all<{ key_id: string; n: number | string }>(this.counts);
    return new Map(rows.map(({ key_id: id, n }) => [id, Number(n)]));
  }

  /**
   * Seals the next few rows anew that are under another key than the current one. It may be done any number of times, by
   * any number of nodes, and stop anywhere.
   */
  async reseal(after: string, keyring: Keyring): Promise<ResealStep> {
    const rows = await this.database.all<SealedRow>(this.others, after, keyring.currentKeyId);
    const unreadable: string[] = [];
    let resealed = 0;
    for (const { id, sealed } of rows) {
      const place = `${this.prefix}.${id}` as SealedPlace;
      try {
        const fresh = keyring.seal(place, keyring.open(place, sealed));
        resealed += await this.database.run(this.writes, id, fresh, sealed);
      } catch (error) {
        if (!(error instanceof UndecryptableError)) throw error;
        unreadable.push(id);
      }
    }
    return { last: rows.length < BATCH ? undefined : rows.at(-1)?.id, resealed, unreadable };
  }
}
