import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { column, optional } from './table-builder.js';

const OF_CLIENTS = [optional(column.varchar('template', 40)), optional(column.text('template_settings'))];

/** Apps that are opened by a template. */
export class CreateAppTemplates1763700016000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const options of OF_CLIENTS) await runner.addColumn('clients', new TableColumn(options));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of OF_CLIENTS) await runner.dropColumn('clients', name);
  }
}
