import { TableColumn, TableIndex, type MigrationInterface, type QueryRunner, type TableColumnOptions } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

/** Milliseconds: 90 days. */
const KEPT_MS = 7_776_000_000;

/** A column that every row has, and its value, as SQL, in those that are there already. */
type Always = readonly [options: TableColumnOptions, value: string];

const OF_SESSIONS: readonly Always[] = [
  [column.id('chain_id'), 'id'],
  [column.varchar('user_agent', 400), "''"],
  [column.varchar('address', 64), "''"],
  [column.time('started_at'), 'auth_time'],
  // The idle lifetime was two hours for everybody.
  [column.time('last_used_at'), 'idle_expires_at - 7200000'],
];

const OF_NOTICES: readonly Always[] = [[column.integer('attempts'), '0']];

const OPTIONAL_OF_NOTICES: readonly TableColumnOptions[] = [
  optional(column.time('next_attempt_at')),
  optional(column.id('claim')),
  optional(column.time('delivered_at')),
  optional(column.integer('last_status')),
  optional(column.text('last_error')),
];

const OF_CLIENTS: readonly Always[] = [[column.boolean('frontchannel_logout_session_required'), 'false']];

const OPTIONAL_OF_CLIENTS: readonly TableColumnOptions[] = [
  optional(column.text('frontchannel_logout_uri')),
  optional(column.varchar('registration_digest', 64)),
];

const REPLACED_AT = optional(column.time('replaced_at'));
const IDLE_EXPIRES_AT = column.time('idle_expires_at');
const DEVICE_ADDRESS = optional(column.varchar('device_address', 64));

const INDEXES: readonly (readonly [table: string, columns: string])[] = [
  ['sessions', 'chain_id'],
  ['logout_notices', 'next_attempt_at'],
  ['logout_notices', 'client_id next_attempt_at'],
  ['logout_notices', 'created_at'],
  ['refresh_tokens', 'session_id'],
  ['authorization_codes', 'session_id'],
];

export class CreateSignOut1763700011000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await addAlways(runner, 'sessions', OF_SESSIONS);
    await runner.addColumn('sessions', new TableColumn(REPLACED_AT));
    await runner.dropColumn('sessions', IDLE_EXPIRES_AT.name);
    await addAlways(runner, 'logout_notices', OF_NOTICES);
    for (const options of OPTIONAL_OF_NOTICES) await runner.addColumn('logout_notices', new TableColumn(options));
    await runner.query('UPDATE logout_notices SET next_attempt_at = created_at');
    await addAlways(runner, 'clients', OF_CLIENTS);
    for (const options of OPTIONAL_OF_CLIENTS) await runner.addColumn('clients', new TableColumn(options));
    await runner.addColumn('refresh_tokens', new TableColumn(DEVICE_ADDRESS));
    for (const [table, name] of INDEXES) await runner.createIndex(table, indexOf(table, name));
    await createTables(runner);
    await enterApps(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['sign_in_events', 'session_clients', 'settings']) await runner.dropTable(table);
    for (const [table, name] of INDEXES) await runner.dropIndex(table, indexOf(table, name));
    await runner.dropColumn('refresh_tokens', DEVICE_ADDRESS.name);
    for (const { name } of OPTIONAL_OF_CLIENTS) await runner.dropColumn('clients', name);
    for (const [{ name }] of OF_CLIENTS) await runner.dropColumn('clients', name);
    for (const { name } of OPTIONAL_OF_NOTICES) await runner.dropColumn('logout_notices', name);
    for (const [{ name }] of OF_NOTICES) await runner.dropColumn('logout_notices', name);
    await addAlways(runner, 'sessions', [[IDLE_EXPIRES_AT, 'expires_at']]);
    await runner.dropColumn('sessions', REPLACED_AT.name);
    for (const [{ name }] of OF_SESSIONS) await runner.dropColumn('sessions', name);
  }
}

/** @param columns with a blank between two */
function indexOf(table: string, columns: string): TableIndex {
  const columnNames = columns.split(' ');
  return new TableIndex({ name: `ix_${table}_${columnNames.join('_')}`, columnNames });
}

async function addAlways(runner: QueryRunner, table: string, columns: readonly Always[]): Promise<void> {
  for (const [options, value] of columns) {
    await runner.addColumn(table, new TableColumn(optional(options)));
    await runner.query(`UPDATE ${table} SET ${options.name} = ${value}`);
    await runner.changeColumn(table, options.name, new TableColumn(options));
  }
}

async function createTables(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'settings',
    columns: [
      column.id('id'),
      column.integer('session_absolute_lifetime'),
      column.integer('session_idle_lifetime'),
      column.varchar('portal_app_initiated', 8),
      optional(column.varchar('company_name', 100)),
      optional(column.text('logo_uri')),
      optional(column.text('privacy_notice_uri')),
      optional(column.varchar('accent_color', 7)),
      column.time('updated_at'),
    ],
    primaryKey: ['id'],
  });
  await createTable(runner, {
    name: 'session_clients',
    columns: [
      column.id('id'),
      column.id('session_id'),
      column.id('client_id'),
      column.id('account_id'),
      column.time('first_used_at'),
      column.time('last_used_at'),
      column.time('expires_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'uq_session_clients_session_id_client_id', columns: ['session_id', 'client_id'], unique: true },
      { name: 'ix_session_clients_account_id', columns: ['account_id'] },
      { name: 'ix_session_clients_client_id', columns: ['client_id'] },
      { name: 'ix_session_clients_expires_at', columns: ['expires_at'] },
    ],
  });
  await createTable(runner, {
    name: 'sign_in_events',
    columns: [
      column.id('id'),
      column.id('account_id'),
      column.varchar('kind', 32),
      column.time('happened_at'),
      optional(column.id('client_id')),
      optional(column.id('session_id')),
      optional(column.varchar('method', 32)),
      column.varchar('address', 64),
      column.varchar('user_agent', 400),
      optional(column.varchar('ended_user_agent', 400)),
      column.integer('times'),
      column.time('expires_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'ix_sign_in_events_account_id_happened_at', columns: ['account_id', 'happened_at'] },
      { name: 'ix_sign_in_events_expires_at', columns: ['expires_at'] },
    ],
  });
}

/** Sessions that are there already entered apps too: they are told when those end. */
async function enterApps(runner: QueryRunner): Promise<void> {
  const id =
    runner.connection.options.type === 'postgres'
      ? "md5(e.session_id || ' ' || e.client_id)"
      : 'lower(hex(randomblob(16)))';
  // As if it were now: an entry that is older than its app is taken for one of an earlier app of that id.
  const now = Date.now();
  await runner.query(
    `INSERT INTO session_clients (id, session_id, client_id, account_id, first_used_at, last_used_at, expires_at)
     SELECT ${id}, e.session_id, e.client_id, s.account_id, ${now}, ${now}, ${now + KEPT_MS}
     FROM (SELECT session_id, client_id FROM authorization_codes WHERE redeemed_at IS NOT NULL
           UNION SELECT session_id, client_id FROM refresh_tokens WHERE session_id IS NOT NULL) e
       JOIN sessions s ON s.id = e.session_id
     WHERE s.ended_at IS NULL`,
  );
}
