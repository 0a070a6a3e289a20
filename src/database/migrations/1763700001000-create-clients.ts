import type { MigrationInterface, QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

export class CreateClients1763700001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createClients(runner);
    await createTable(runner, {
      name: 'client_secrets',
      columns: [
        column.id('id'),
        column.id('client_id'),
        column.varchar('digest', 64),
        column.time('created_at'),
        optional(column.time('expires_at')),
        optional(column.time('last_used_at')),
      ],
      primaryKey: ['id'],
      indexes: [{ name: 'ix_client_secrets_client_id', columns: ['client_id'] }],
    });
    await createTable(runner, {
      name: 'client_origins',
      columns: [column.varchar('origin', 300), column.id('client_id')],
      primaryKey: ['origin', 'client_id'],
      indexes: [{ name: 'ix_client_origins_client_id', columns: ['client_id'] }],
    });
    await createTable(runner, {
      name: 'used_assertions',
      columns: [column.varchar('digest', 64), column.time('expires_at')],
      primaryKey: ['digest'],
      indexes: [{ name: 'ix_used_assertions_expires_at', columns: ['expires_at'] }],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['used_assertions', 'client_origins', 'client_secrets', 'clients'])
      await runner.dropTable(table);
  }
}

async function createClients(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'clients',
    columns: [
      column.id('client_id'),
      column.varchar('client_name', 200),
      column.boolean('enabled'),
      column.varchar('application_type', 16),
      column.text('redirect_uris'),
      column.text('post_logout_redirect_uris'),
      column.text('grant_types'),
      column.varchar('token_endpoint_auth_method', 40),
      column.text('scope'),
      ...['jwks', 'jwks_uri', 'logo_uri', 'client_uri', 'policy_uri', 'tos_uri'].map((name) =>
        optional(column.text(name)),
      ),
      column.text('contacts'),
      optional(column.text('initiate_login_uri')),
      optional(column.text('backchannel_logout_uri')),
      column.boolean('backchannel_logout_session_required'),
      column.varchar('id_token_signed_response_alg', 16),
      optional(column.integer('default_max_age')),
      column.boolean('require_auth_time'),
      column.text('default_acr_values'),
      column.boolean('require_pkce'),
      column.text('code_challenge_methods'),
      column.boolean('require_consent'),
      column.integer('authorization_code_lifetime'),
      column.integer('access_token_lifetime'),
      column.integer('id_token_lifetime'),
      column.integer('refresh_token_lifetime'),
      optional(column.integer('refresh_token_idle_lifetime')),
      column.varchar('refresh_token_issuance', 16),
      column.varchar('refresh_token_rotation', 8),
      column.integer('refresh_token_grace'),
      column.text('api_access'),
      column.varchar('access', 16),
      column.varchar('sso_initiator', 24),
      column.integer('version'),
      column.time('created_at'),
      column.time('updated_at'),
    ],
    primaryKey: ['client_id'],
  });
}
