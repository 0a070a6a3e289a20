import { Table, TableIndex, type QueryRunner, type TableColumnOptions } from 'typeorm';

/** The portable column types: the same words mean the same on SQLite, PostgreSQL and the MySQL kinds. */
export const column = {
  id: (name: string): TableColumnOptions => ({ name, type: 'varchar', length: '64' }),
  varchar: (name: string, length: number): TableColumnOptions => ({ name, type: 'varchar', length: String(length) }),
  text: (name: string): TableColumnOptions => ({ name, type: 'text' }),
  integer: (name: string): TableColumnOptions => ({ name, type: 'integer' }),
  boolean: (name: string): TableColumnOptions => ({ name, type: 'boolean' }),
  /** Epoch milliseconds. */
  time: (name: string): TableColumnOptions => ({ name, type: 'bigint' }),
};

export function optional(options: TableColumnOptions): TableColumnOptions {
  return { ...options, isNullable: true };
}

export interface TableShape {
  readonly name: string;
  readonly columns: readonly TableColumnOptions[];
  readonly primaryKey: readonly string[];
  readonly indexes?: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly unique?: boolean;
    /** Only the rows of this condition are in it. */
    readonly where?: string;
  }[];
}

export async function createTable(runner: QueryRunner, shape: TableShape): Promise<void> {
  const columns = shape.columns.map((options) => ({
    ...options,
    isPrimary: shape.primaryKey.includes(options.name),
    primaryKeyConstraintName: `pk_${shape.name}`,
  }));
  await runner.createTable(
    new Table({
      name: shape.name,
      columns,
      indices: shape.indexes?.map(
        ({ name, columns: columnNames, unique, where }) =>
          new TableIndex({
            name,
            columnNames: [...columnNames],
            isUnique: unique ?? false,
            ...(where === undefined ? {} : { where }),
          }),
      ),
    }),
  );
}
