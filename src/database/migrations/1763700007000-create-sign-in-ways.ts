import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

export class CreateSignInWays1763700007000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('interactions', new TableColumn(optional(column.time('sent_on_at'))));
    await createTable(runner, {
      name: 'dingtalk_sign_in_states',
      columns: [
        column.varchar('digest', 64),
        column.varchar('kind', 16),
        column.varchar('browser_digest', 64),
        column.id('source_id'),
        column.text('interaction'),
        column.time('created_at'),
        column.time('expires_at'),
        optional(column.time('spent_at')),
      ],
      primaryKey: ['digest'],
      indexes: [{ name: 'ix_dingtalk_sign_in_states_expires_at', columns: ['expires_at'] }],
    });
    await createTable(runner, {
      name: 'session_handovers',
      columns: [
        column.varchar('digest', 64),
        column.id('session_id'),
        column.id('account_id'),
        column.id('client_id'),
        column.text('page'),
        column.time('created_at'),
        column.time('expires_at'),
        optional(column.time('spent_at')),
      ],
      primaryKey: ['digest'],
      indexes: [{ name: 'ix_session_handovers_expires_at', columns: ['expires_at'] }],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['session_handovers', 'dingtalk_sign_in_states']) await runner.dropTable(table);
    await runner.dropColumn('interactions', 'sent_on_at');
  }
}
