import { TableColumn, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

export class CreateIdentitySources1763700005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('accounts', new TableColumn(optional(column.varchar('disabled_by', 16))));
    await runner.addColumn('accounts', new TableColumn(optional(column.time('signed_out_at'))));
    // A new person may be matched to an account by either.
    for (const name of ['email', 'phone_number']) {
      await runner.createIndex('accounts', new TableIndex({ name: `ix_accounts_${name}`, columnNames: [name] }));
    }
    await createSources(runner);
    await createIdentities(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['federated_identities', 'identity_sources']) await runner.dropTable(table);
    for (const name of ['phone_number', 'email']) await runner.dropIndex('accounts', `ix_accounts_${name}`);
    for (const name of ['signed_out_at', 'disabled_by']) await runner.dropColumn('accounts', name);
  }
}

async function createSources(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'identity_sources',
    columns: [
      column.id('id'),
      column.varchar('name', 200),
      column.boolean('enabled'),
      column.varchar('corp_id', 128),
      column.varchar('client_id', 128),
      column.text('client_secret'),
      optional(column.text('callback_token')),
      optional(column.text('callback_aes_key')),
      column.text('callback_networks'),
      column.varchar('login_base_url', 500),
      column.varchar('api_base_url', 500),
      column.varchar('oapi_base_url', 500),
      column.boolean('browser_sign_in'),
      column.boolean('embedded_qr'),
      column.boolean('in_app_sign_in'),
      column.boolean('callback_events'),
      column.boolean('stream_events'),
      column.varchar('new_people', 16),
      column.text('match_by'),
      column.varchar('trusted_email', 24),
      column.boolean('trusted_phone'),
      optional(column.text('mapping')),
      optional(column.varchar('sync_schedule', 100)),
      column.boolean('sync_roles'),
      column.varchar('sync_details', 16),
      column.integer('sync_disable_limit'),
      column.integer('version'),
      column.time('created_at'),
      column.time('updated_at'),
    ],
    primaryKey: ['id'],
    indexes: [{ name: 'uq_identity_sources_corp_id', columns: ['corp_id'], unique: true }],
  });
}

async function createIdentities(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'federated_identities',
    columns: [
      column.id('id'),
      column.id('source_id'),
      column.varchar('corp_id', 128),
      column.varchar('user_id', 128),
      optional(column.varchar('user_key', 260)),
      column.varchar('union_id', 128),
      column.id('account_id'),
      optional(column.text('record')),
      optional(column.varchar('record_digest', 64)),
      optional(column.time('left_at')),
      column.time('created_at'),
      column.time('updated_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'uq_federated_identities_user_key', columns: ['source_id', 'user_key'], unique: true },
      { name: 'uq_federated_identities_union_id', columns: ['source_id', 'corp_id', 'union_id'], unique: true },
      { name: 'uq_federated_identities_account_id', columns: ['source_id', 'account_id'], unique: true },
      { name: 'ix_federated_identities_account_id', columns: ['account_id'] },
    ],
  });
}
