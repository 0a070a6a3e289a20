import type { MigrationInterface, QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

export class CreateAccounts1763700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const claims = [
      'name given_name family_name middle_name nickname preferred_username profile picture website gender',
      'birthdate zoneinfo locale',
    ];
    await createTable(runner, {
      name: 'accounts',
      columns: [
        column.id('id'),
        column.varchar('username', 200),
        column.varchar('username_key', 200),
        column.varchar('status', 16),
        optional(column.text('password_hash')),
        optional(column.time('password_changed_at')),
        ...claims.flatMap((line) => line.split(' ')).map((name) => optional(column.text(name))),
        optional(column.text('email')),
        column.boolean('email_verified'),
        optional(column.text('phone_number')),
        column.boolean('phone_number_verified'),
        optional(column.text('address')),
        column.text('custom'),
        column.time('created_at'),
        column.time('updated_at'),
      ],
      primaryKey: ['id'],
      indexes: [{ name: 'uq_accounts_username_key', columns: ['username_key'], unique: true }],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('accounts');
  }
}
