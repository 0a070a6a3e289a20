import type { MigrationInterface, QueryRunner } from 'typeorm';
import { column, createTable, type TableShape } from './table-builder.js';

/** What one node does at a time is no matter of DingTalk's alone: the table goes, and one for all jobs comes. */
export class CreateLeases1763700012000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, shape('leases'));
    await runner.dropTable('dingtalk_leases');
  }

  async down(runner: QueryRunner): Promise<void> {
    await createTable(runner, shape('dingtalk_leases'));
    await runner.dropTable('leases');
  }
}

/** Nothing is taken along: a lease that is not there is had by whoever asks first. */
function shape(name: string): TableShape {
  return {
    name,
    columns: [column.varchar('name', 250), column.id('holder'), column.time('expires_at')],
    primaryKey: ['name'],
    indexes: [{ name: `ix_${name}_expires_at`, columns: ['expires_at'] }],
  };
}
