import type { MigrationInterface, QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

export class CreateSignIn1763700003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createSessions(runner);
    await createInteractions(runner);
    await createTable(runner, {
      name: 'consents',
      columns: [column.id('account_id'), column.id('client_id'), column.text('scope'), column.time('granted_at')],
      primaryKey: ['account_id', 'client_id'],
      indexes: [{ name: 'ix_consents_client_id', columns: ['client_id'] }],
    });
    await createAuthorizationCodes(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['authorization_codes', 'consents', 'interactions', 'sessions']) await runner.dropTable(table);
  }
}

async function createSessions(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'sessions',
    columns: [
      column.id('id'),
      column.varchar('digest', 64),
      column.id('account_id'),
      column.time('auth_time'),
      column.varchar('acr', 100),
      column.varchar('amr', 100),
      column.time('idle_expires_at'),
      column.time('expires_at'),
      optional(column.time('ended_at')),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'uq_sessions_digest', columns: ['digest'], unique: true },
      { name: 'ix_sessions_account_id', columns: ['account_id'] },
      { name: 'ix_sessions_expires_at', columns: ['expires_at'] },
    ],
  });
}

async function createInteractions(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'interactions',
    columns: [
      column.varchar('digest', 64),
      column.varchar('browser_digest', 64),
      column.id('client_id'),
      column.text('request'),
      optional(column.id('signed_in_session_id')),
      optional(column.id('selected_session_id')),
      optional(column.id('consented_session_id')),
      column.time('created_at'),
      column.time('expires_at'),
      optional(column.time('completed_at')),
    ],
    primaryKey: ['digest'],
    indexes: [{ name: 'ix_interactions_expires_at', columns: ['expires_at'] }],
  });
}

async function createAuthorizationCodes(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'authorization_codes',
    columns: [
      column.varchar('digest', 64),
      column.id('grant_id'),
      column.id('client_id'),
      column.id('account_id'),
      column.id('session_id'),
      column.text('redirect_uri'),
      optional(column.varchar('code_challenge', 128)),
      optional(column.varchar('code_challenge_method', 8)),
      column.text('scope'),
      optional(column.text('nonce')),
      optional(column.text('resource')),
      optional(column.text('requested_claims')),
      column.time('auth_time'),
      column.varchar('acr', 100),
      column.varchar('amr', 100),
      column.time('expires_at'),
      optional(column.time('redeemed_at')),
    ],
    primaryKey: ['digest'],
    indexes: [{ name: 'ix_authorization_codes_expires_at', columns: ['expires_at'] }],
  });
}
