import type { MigrationInterface, QueryRunner } from 'typeorm';
import { column, createTable } from './table-builder.js';

export class CreateConsole1763700009000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, {
      name: 'console_sessions',
      columns: [
        column.varchar('digest', 64),
        column.id('client_id'),
        column.id('secret_id'),
        column.text('scope'),
        column.time('started_at'),
        column.time('expires_at'),
      ],
      primaryKey: ['digest'],
      indexes: [{ name: 'ix_console_sessions_expires_at', columns: ['expires_at'] }],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('console_sessions');
  }
}
