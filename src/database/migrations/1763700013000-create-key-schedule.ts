import { TableColumn, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

const REVOKED_AT = optional(column.time('revoked_at'));
const DIGEST_KEY_ID = optional(column.varchar('digest_key_id', 8));

/**
 * Seconds: as it comes, ninety days and one. With defaults: while nodes are changed one by one, those of the release before
 * write rows without these columns.
 */
const OF_SETTINGS = [
  { ...column.integer('signing_key_rotation'), default: 7_776_000 },
  { ...column.integer('signing_key_announcement'), default: 86_400 },
];

/** Who was in an app within a day, when its key is revoked. */
const LAST_USED = new TableIndex({ name: 'ix_session_clients_last_used_at', columnNames: ['last_used_at'] });

/** The schedule of the signing keys, and what is known of the master keys. */
export class CreateKeySchedule1763700013000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('signing_keys', new TableColumn(REVOKED_AT));
    await runner.addColumn('client_secrets', new TableColumn(DIGEST_KEY_ID));
    for (const options of OF_SETTINGS) await runner.addColumn('settings', new TableColumn(options));
    await runner.createIndex('session_clients', LAST_USED);
    await createTable(runner, {
      name: 'master_keys',
      columns: [
        column.varchar('id', 8),
        column.time('first_seen_at'),
        optional(column.time('current_since')),
        optional(column.time('last_current_at')),
        column.time('last_seen_at'),
      ],
      primaryKey: ['id'],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('master_keys');
    await runner.dropIndex('session_clients', LAST_USED);
    for (const { name } of OF_SETTINGS) await runner.dropColumn('settings', name);
    await runner.dropColumn('client_secrets', DIGEST_KEY_ID.name);
    await runner.dropColumn('signing_keys', REVOKED_AT.name);
  }
}
