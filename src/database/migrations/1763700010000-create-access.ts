import { TableColumn, type MigrationInterface, type QueryRunner, type TableColumnOptions } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

/** What apps have beside what they had: access rule, claims, subject, app accounts. */
const OF_CLIENTS: readonly TableColumnOptions[] = [
  optional(column.text('access_rule')),
  optional(column.text('access_contact')),
  optional(column.text('sector_identifier_uri')),
  optional(column.text('subject_expression')),
  optional(column.text('account_expression')),
];

/** And what every app has: as it is in those that are there already. */
const ALWAYS_OF_CLIENTS: readonly (readonly [options: TableColumnOptions, value: string])[] = [
  [column.text('id_token_claims'), "'[]'"],
  [column.varchar('subject_type', 16), "'public'"],
  [column.varchar('account_rule', 24), "'none'"],
  [column.boolean('require_account'), 'false'],
  [column.text('permissions_declared'), "''"],
];

/** What goes with a sign-in from the choice of an app account to the last refresh. */
const WITH_APP_ACCOUNT = ['interactions', 'authorization_codes', 'device_codes', 'refresh_tokens'];

/** Families that are there already were begun with the id of the account. */
const SUBJECT_OF_FAMILY = optional(column.varchar('subject', 255));

const TABLES = [
  'access_ends',
  'subjects',
  'custom_scopes',
  'app_accounts',
  'assignments',
  'roles',
  'group_members',
  'groups',
];

export class CreateAccess1763700010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const options of OF_CLIENTS) await runner.addColumn('clients', new TableColumn(options));
    for (const [options, value] of ALWAYS_OF_CLIENTS) {
      await runner.addColumn('clients', new TableColumn(optional(options)));
      await runner.query(`UPDATE clients SET ${options.name} = ${value}`);
      await runner.changeColumn('clients', options.name, new TableColumn(options));
    }
    for (const table of WITH_APP_ACCOUNT) {
      await runner.addColumn(table, new TableColumn(optional(column.id('app_account_id'))));
    }
    await runner.addColumn('refresh_tokens', new TableColumn(SUBJECT_OF_FAMILY));
    await createGroups(runner);
    await createAssignments(runner);
    await createWhatTokensSay(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.dropTable(table);
    await runner.dropColumn('refresh_tokens', SUBJECT_OF_FAMILY.name);
    for (const table of WITH_APP_ACCOUNT) await runner.dropColumn(table, 'app_account_id');
    for (const [{ name }] of ALWAYS_OF_CLIENTS) await runner.dropColumn('clients', name);
    for (const { name } of OF_CLIENTS) await runner.dropColumn('clients', name);
  }
}

async function createGroups(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'groups',
    columns: [
      column.id('id'),
      column.varchar('name', 200),
      column.varchar('name_key', 200),
      column.text('description'),
      column.varchar('kind', 16),
      optional(column.id('department_id')),
      column.boolean('include_descendants'),
      optional(column.id('directory_role_id')),
      column.time('created_at'),
      column.time('updated_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'uq_groups_name_key', columns: ['name_key'], unique: true },
      { name: 'ix_groups_department_id', columns: ['department_id'] },
      { name: 'ix_groups_directory_role_id', columns: ['directory_role_id'] },
    ],
  });
  await createTable(runner, {
    name: 'group_members',
    columns: [column.id('group_id'), column.id('account_id')],
    primaryKey: ['group_id', 'account_id'],
    indexes: [{ name: 'ix_group_members_account_id', columns: ['account_id'] }],
  });
}

async function createAssignments(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'roles',
    columns: [
      column.id('id'),
      column.id('client_id'),
      column.varchar('name', 100),
      column.text('description'),
      column.text('permissions'),
      column.time('created_at'),
      column.time('updated_at'),
    ],
    primaryKey: ['id'],
    indexes: [{ name: 'uq_roles_client_id_name', columns: ['client_id', 'name'], unique: true }],
  });
  await createTable(runner, {
    name: 'assignments',
    columns: [
      column.id('id'),
      column.id('client_id'),
      column.varchar('subject_type', 16),
      column.id('subject_id'),
      column.boolean('include_descendants'),
      column.id('role_id'),
      column.boolean('enabled'),
      optional(column.time('ends_at')),
      column.time('created_at'),
      column.time('updated_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      {
        name: 'uq_assignments_client_id_subject',
        columns: ['client_id', 'subject_type', 'subject_id', 'role_id'],
        unique: true,
      },
      { name: 'ix_assignments_subject', columns: ['subject_type', 'subject_id'] },
      { name: 'ix_assignments_role_id', columns: ['role_id'] },
    ],
  });
  await createTable(runner, {
    name: 'access_ends',
    columns: [
      column.id('id'),
      column.id('client_id'),
      column.id('account_id'),
      column.time('ended_at'),
      column.time('expires_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'uq_access_ends_client_id_account_id', columns: ['client_id', 'account_id'], unique: true },
      { name: 'ix_access_ends_expires_at', columns: ['expires_at'] },
    ],
  });
}

async function createWhatTokensSay(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'app_accounts',
    columns: [
      column.id('id'),
      column.id('client_id'),
      column.id('account_id'),
      column.varchar('username', 200),
      column.varchar('username_key', 200),
      optional(column.varchar('rule', 64)),
      optional(column.time('chosen_at')),
      column.time('created_at'),
      column.time('updated_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'uq_app_accounts_client_id_username_key', columns: ['client_id', 'username_key'], unique: true },
      { name: 'ix_app_accounts_account_id', columns: ['account_id', 'client_id'] },
    ],
  });
  await createTable(runner, {
    name: 'custom_scopes',
    columns: [
      column.varchar('name', 100),
      column.text('description_zh_cn'),
      column.text('description_en'),
      column.text('claims'),
      column.time('consent_since'),
      column.time('created_at'),
      column.time('updated_at'),
    ],
    primaryKey: ['name'],
  });
  await createTable(runner, {
    name: 'subjects',
    columns: [
      column.varchar('sector', 255),
      column.varchar('subject', 255),
      column.id('account_id'),
      column.varchar('rule', 64),
      column.time('created_at'),
    ],
    primaryKey: ['sector', 'subject'],
    indexes: [
      { name: 'uq_subjects_account_id', columns: ['sector', 'rule', 'account_id'], unique: true },
      { name: 'ix_subjects_account_id', columns: ['account_id'] },
      { name: 'ix_subjects_subject', columns: ['subject'] },
    ],
  });
}
