import type { MigrationInterface, QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

/** Creations that were asked for under a key. */
export class CreateIdempotencyKeys1763700014000 implements MigrationInterface {
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
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('idempotency_keys');
  }
}
