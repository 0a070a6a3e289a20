import type { MigrationInterface, QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

export class CreateGrants1763700004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createRefreshTokens(runner);
    await createDeviceCodes(runner);
    await createTable(runner, {
      name: 'api_resources',
      columns: [
        column.id('id'),
        column.varchar('identifier', 500),
        column.varchar('name', 200),
        column.text('scopes'),
        optional(column.integer('access_token_lifetime')),
        column.text('client_ids'),
        column.integer('version'),
        column.time('created_at'),
        column.time('updated_at'),
      ],
      primaryKey: ['id'],
      indexes: [{ name: 'uq_api_resources_identifier', columns: ['identifier'], unique: true }],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['api_resources', 'device_codes', 'refresh_tokens']) await runner.dropTable(table);
  }
}

async function createRefreshTokens(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'refresh_tokens',
    columns: [
      column.id('grant_id'),
      column.id('client_id'),
      column.id('account_id'),
      column.text('scope'),
      optional(column.text('resource')),
      optional(column.text('requested_claims')),
      optional(column.id('session_id')),
      column.time('auth_time'),
      optional(column.varchar('acr', 100)),
      optional(column.varchar('amr', 100)),
      column.integer('generation'),
      column.varchar('digest', 64),
      optional(column.varchar('parent_digest', 64)),
      optional(column.text('sealed_token')),
      column.time('created_at'),
      optional(column.time('rotated_at')),
      column.time('ends_at'),
      column.time('expires_at'),
    ],
    primaryKey: ['grant_id'],
    indexes: [
      { name: 'ix_refresh_tokens_account_id_client_id', columns: ['account_id', 'client_id'] },
      { name: 'ix_refresh_tokens_expires_at', columns: ['expires_at'] },
    ],
  });
}

async function createDeviceCodes(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'device_codes',
    columns: [
      column.varchar('digest', 64),
      column.varchar('user_code_digest', 64),
      column.id('client_id'),
      column.text('scope'),
      optional(column.text('resource')),
      column.varchar('address', 64),
      column.time('created_at'),
      column.time('expires_at'),
      column.integer('poll_interval'),
      optional(column.time('polled_at')),
      optional(column.varchar('decision', 8)),
      optional(column.time('decided_at')),
      optional(column.id('account_id')),
      optional(column.time('auth_time')),
      optional(column.varchar('acr', 100)),
      optional(column.varchar('amr', 100)),
      column.id('grant_id'),
      optional(column.time('redeemed_at')),
    ],
    primaryKey: ['digest'],
    indexes: [
      { name: 'uq_device_codes_user_code_digest', columns: ['user_code_digest'], unique: true },
      { name: 'ix_device_codes_expires_at', columns: ['expires_at'] },
    ],
  });
}
