import type { MigrationInterface, QueryRunner } from 'typeorm';
import { column, createTable, optional } from './table-builder.js';

export class CreateDirectoryEvents1763700008000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createEvents(runner);
    await createLeases(runner);
    await createChannels(runner);
    await createLogoutNotices(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['logout_notices', 'dingtalk_event_channels', 'dingtalk_leases', 'directory_events']) {
      await runner.dropTable(table);
    }
  }
}

async function createEvents(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'directory_events',
    columns: [
      column.id('id'),
      column.id('source_id'),
      column.varchar('event_id', 128),
      column.varchar('type', 64),
      column.varchar('subject_kind', 16),
      column.varchar('subject', 128),
      column.text('payload'),
      column.varchar('via', 16),
      column.time('received_at'),
      optional(column.time('born_at')),
      column.varchar('state', 16),
      column.integer('attempts'),
      optional(column.time('next_attempt_at')),
      optional(column.id('claim')),
      optional(column.time('finished_at')),
      optional(column.varchar('outcome', 64)),
      optional(column.text('error')),
      column.time('expires_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'ix_directory_events_source_id_next_attempt_at', columns: ['source_id', 'next_attempt_at'] },
      { name: 'ix_directory_events_source_id_received_at', columns: ['source_id', 'received_at'] },
      { name: 'ix_directory_events_source_id_subject', columns: ['source_id', 'subject'] },
      { name: 'ix_directory_events_claim', columns: ['claim'] },
      { name: 'ix_directory_events_expires_at', columns: ['expires_at'] },
    ],
  });
}

async function createLeases(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'dingtalk_leases',
    columns: [column.varchar('name', 250), column.id('holder'), column.time('expires_at')],
    primaryKey: ['name'],
    indexes: [{ name: 'ix_dingtalk_leases_expires_at', columns: ['expires_at'] }],
  });
}

async function createChannels(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'dingtalk_event_channels',
    columns: [
      column.id('id'),
      column.id('source_id'),
      column.varchar('kind', 16),
      column.varchar('node', 200),
      optional(column.time('connected_since')),
      optional(column.time('last_seen_at')),
      optional(column.time('last_event_at')),
      column.integer('events'),
      column.integer('failures'),
      optional(column.time('last_failure_at')),
      optional(column.text('last_failure')),
      column.time('updated_at'),
      column.time('expires_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'ix_dingtalk_event_channels_source_id', columns: ['source_id'] },
      { name: 'ix_dingtalk_event_channels_expires_at', columns: ['expires_at'] },
    ],
  });
}

/** The departures that events lead to are told to the apps. */
async function createLogoutNotices(runner: QueryRunner): Promise<void> {
  await createTable(runner, {
    name: 'logout_notices',
    columns: [
      column.id('id'),
      column.id('account_id'),
      optional(column.id('session_id')),
      column.id('client_id'),
      column.varchar('cause', 200),
      column.varchar('state', 16),
      column.time('created_at'),
      column.time('expires_at'),
    ],
    primaryKey: ['id'],
    indexes: [
      { name: 'ix_logout_notices_account_id', columns: ['account_id'] },
      { name: 'ix_logout_notices_expires_at', columns: ['expires_at'] },
    ],
  });
}
