import type { MigrationInterface, QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

const TABLES = [
  'departments',
  'department_ancestors',
  'department_members',
  'directory_roles',
  'directory_role_members',
  'directory_sync_runs',
  'directory_sync_errors',
  'directory_sync_differences',
  'directory_sync_due_times',
  'directory_sync_departments',
  'directory_sync_people',
  'directory_sync_roles',
  'directory_sync_details',
];

export class CreateDirectory1763700006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createDepartments(runner);
    await createRoles(runner);
    await createRuns(runner);
    await createFindings(runner);
    await createStaging(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES.toReversed()) await runner.dropTable(table);
  }
}

async function createDepartments(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'departments',
    columns: [
      column.id('id'),
      column.id('source_id'),
      column.id('external_id'),
      optional(column.id('parent_id')),
      column.text('name'),
      optional({ name: 'sort_order', type: 'bigint' }),
      column.text('managers'),
      optional(column.time('removed_at')),
      column.time('created_at'),
      column.time('updated_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'uq_departments_external_id', columns: ['source_id', 'external_id'], unique: true },
      { name: 'ix_departments_parent_id', columns: ['parent_id'] },
    ],
  });
  await createTable(runner, {
    name: 'department_ancestors',
    columns: [column.id('department_id'), column.id('ancestor_id'), column.integer('depth')],
    primaryKey: ['department_id', 'ancestor_id'],
    indexes: [{ name: 'ix_department_ancestors_ancestor_id', columns: ['ancestor_id'] }],
  });
  await createTable(runner, {
    name: 'department_members',
    columns: [
      column.id('department_id'),
      column.id('account_id'),
      optional({ name: 'sort_order', type: 'bigint' }),
      column.boolean('leader'),
      column.text('title'),
      column.boolean('main'),
    ],
    primaryKey: ['department_id', 'account_id'],
    indexes: [{ name: 'ix_department_members_account_id', columns: ['account_id'] }],
  });
}

async function createRoles(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'directory_roles',
    columns: [
      column.id('id'),
      column.id('source_id'),
      column.id('external_id'),
      column.text('name'),
      column.text('group_name'),
      optional(column.time('removed_at')),
      column.time('created_at'),
      column.time('updated_at'),
    ],
    primaryKey: ['id'],
    indexes: [{ name: 'uq_directory_roles_external_id', columns: ['source_id', 'external_id'], unique: true }],
  });
  await createTable(runner, {
    name: 'directory_role_members',
    columns: [column.id('role_id'), column.id('account_id')],
    primaryKey: ['role_id', 'account_id'],
    indexes: [{ name: 'ix_directory_role_members_account_id', columns: ['account_id'] }],
  });
}

async function createRuns(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'directory_sync_runs',
    columns: [
      column.id('id'),
      column.id('source_id'),
      optional(column.id('active_key')),
      column.varchar('kind', 8),
      column.varchar('state', 24),
      column.varchar('requested_by', 200),
      column.boolean('approved'),
      column.integer('source_version'),
      column.varchar('applied_to', 200),
      column.text('progress'),
      optional(column.text('error')),
      column.integer('attempts'),
      optional(column.time('failing_since')),
      optional(column.time('next_attempt_at')),
      optional(column.id('node')),
      optional(column.time('lease_until')),
      optional(column.time('staged_until')),
      column.time('created_at'),
      optional(column.time('started_at')),
      optional(column.time('finished_at')),
      optional(column.time('expires_at')),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'ix_directory_sync_runs_source_id', columns: ['source_id', 'created_at'] },
      { name: 'uq_directory_sync_runs_active_key', columns: ['active_key'], unique: true },
      { name: 'ix_directory_sync_runs_expires_at', columns: ['expires_at'] },
    ],
  });
  await createTable(runner, {
    name: 'directory_sync_due_times',
    columns: [column.varchar('id', 100), column.time('expires_at')],
    primaryKey: ['id'],
    indexes: [{ name: 'ix_directory_sync_due_times_expires_at', columns: ['expires_at'] }],
  });
}

async function createFindings(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'directory_sync_errors',
    columns: [
      column.id('id'),
      column.id('run_id'),
      column.varchar('kind', 24),
      column.varchar('key', 200),
      column.text('message'),
      column.time('created_at'),
      column.time('expires_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'ix_directory_sync_errors_run_id', columns: ['run_id'] },
      { name: 'ix_directory_sync_errors_expires_at', columns: ['expires_at'] },
    ],
  });
  await createTable(runner, {
    name: 'directory_sync_differences',
    columns: [
      column.id('id'),
      column.id('run_id'),
      column.varchar('kind', 24),
      column.varchar('key', 200),
      column.text('name'),
      column.text('changes'),
      column.time('expires_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'ix_directory_sync_differences_run_id', columns: ['run_id'] },
      { name: 'ix_directory_sync_differences_expires_at', columns: ['expires_at'] },
    ],
  });
}

async function createStaging(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'directory_sync_departments',
    columns: [
      column.id('run_id'),
      { name: 'department_id', type: 'bigint' },
      optional({ name: 'parent_id', type: 'bigint' }),
      column.text('name'),
      optional({ name: 'sort_order', type: 'bigint' }),
      optional(column.text('managers')),
      column.varchar('subtree', 8),
      column.varchar('members', 8),
    ],
    primaryKey: ['run_id', 'department_id'],
  });
  await createTable(runner, {
    name: 'directory_sync_people',
    columns: [
      column.id('run_id'),
      column.varchar('userid', 128),
      { name: 'department_id', type: 'bigint' },
      column.varchar('unionid', 128),
      column.text('record'),
    ],
    primaryKey: ['run_id', 'userid', 'department_id'],
    indexes: [{ name: 'ix_directory_sync_people_unionid', columns: ['run_id', 'unionid'] }],
  });
  await createTable(runner, {
    name: 'directory_sync_roles',
    columns: [
      column.id('run_id'),
      { name: 'role_id', type: 'bigint' },
      column.text('name'),
      column.text('group_name'),
      optional(column.text('members')),
    ],
    primaryKey: ['run_id', 'role_id'],
  });
  await createTable(runner, {
    name: 'directory_sync_details',
    columns: [column.id('run_id'), column.varchar('userid', 128)],
    primaryKey: ['run_id', 'userid'],
  });
}
