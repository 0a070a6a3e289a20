import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

const REVOKED_AT = optional(column.time('revoked_at'));
const DIGEST_KEY_ID = optional(column.varchar('digest_key_id', 8));

/** Seconds: as it comes, ninety days and one. */
const OF_SETTINGS = [
  [column.integer('signing_key_rotation'), 7_776_000],
  [column.integer('signing_key_announcement'), 86_400],
] as const;

/** The schedule of the signing keys, and what is known of the master keys. */
export class CreateKeySchedule1763700013000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('signing_keys', new TableColumn(REVOKED_AT));
    await runner.addColumn('client_secrets', new TableColumn(DIGEST_KEY_ID));
    for (const [options, value] of OF_SETTINGS) {
      await runner.addColumn('settings', new TableColumn(optional(options)));
      await runner.query(`UPDATE settings SET ${options.name} = ${value}`);
      await runner.changeColumn('settings', options.name, new TableColumn(options));
    }
    await createTable(runner, {
      name: 'master_keys',
      columns: [
        column.varchar('id', 8),
        column.time('first_seen_at'),
        optional(column.time('current_since')),
        column.time('last_seen_at'),
      ],
      primaryKey: ['id'],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('master_keys');
    for (const [{ name }] of OF_SETTINGS) await runner.dropColumn('settings', name);
    await runner.dropColumn('client_secrets', DIGEST_KEY_ID.name);
    await runner.dropColumn('signing_keys', REVOKED_AT.name);
  }
}
