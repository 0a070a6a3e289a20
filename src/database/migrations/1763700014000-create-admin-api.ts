import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

/** What lists of a million people and many thousand apps are in the order of, each with the key that decides. */
const INDEXES = [
  ['accounts', ['created_at', 'id']],
  ['accounts', ['updated_at', 'id']],
  ['accounts', ['status', 'id']],
  ['accounts', ['status', 'username_key']],
  ['accounts', ['status', 'created_at', 'id']],
  ['accounts', ['status', 'updated_at', 'id']],
  ['clients', ['client_name', 'client_id']],
  ['clients', ['created_at', 'client_id']],
  ['clients', ['updated_at', 'client_id']],
  ['clients', ['enabled', 'client_id']],
] as const;

/** Creations that were asked for under a key, and the orders of lists. */
export class CreateAdminApi1763700014000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, {
      name: 'idempotency_keys',
      columns: [
        column.id('id'),
        column.id('fingerprint'),
        column.id('holder'),
        column.time('busy_until'),
        optional(column.time('used_at')),
        optional(column.text('answer')),
        column.time('expires_at'),
      ],
      primaryKey: ['id'],
      indexes: [{ name: 'ix_idempotency_keys_expires_at', columns: ['expires_at'] }],
    });
    for (const [table, columns] of INDEXES) await runner.createIndex(table, indexOf(table, columns));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, columns] of INDEXES) await runner.dropIndex(table, indexOf(table, columns));
    await runner.dropTable('idempotency_keys');
  }
}

/** Called after its columns, without the key that decides between rows that are otherwise alike. */
function indexOf(table: string, columns: readonly string[]): TableIndex {
  const named = columns.filter((name) => name !== 'id' && name !== 'client_id');
  return new TableIndex({ name: `ix_${table}_${named.join('_')}`, columnNames: [...columns] });
}
