import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { column, optional } from './table-builder.js';

export class CreateSignInWays1763700007000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('interactions', new TableColumn(optional(column.time('sent_on_at'))));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('interactions', 'sent_on_at');
  }
}
