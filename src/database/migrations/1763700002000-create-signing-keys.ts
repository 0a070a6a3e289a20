import type { MigrationInterface, QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

export class CreateSigningKeys1763700002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, {
      name: 'signing_keys',
      columns: [
        column.varchar('kid', 64),
        column.varchar('algorithm', 16),
        column.varchar('state', 16),
        column.text('public_jwk'),
        column.text('sealed_private_jwk'),
        column.time('created_at'),
        optional(column.time('signs_from')),
        optional(column.time('retires_at')),
        optional(column.time('gone_at')),
      ],
      primaryKey: ['kid'],
      indexes: [{ name: 'ix_signing_keys_state', columns: ['state'] }],
    });
    await createTable(runner, {
      name: 'revoked_tokens',
      columns: [column.id('id'), column.time('expires_at')],
      primaryKey: ['id'],
      indexes: [{ name: 'ix_revoked_tokens_expires_at', columns: ['expires_at'] }],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['revoked_tokens', 'signing_keys']) await runner.dropTable(table);
  }
}
