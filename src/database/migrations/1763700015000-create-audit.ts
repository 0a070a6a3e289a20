import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { column, createTable, optional, type TableShape } from './table-builder.js';

const EVENTS: TableShape = {
  name: 'audit_events',
  columns: [
    column.id('id'),
    column.time('at'),
    column.varchar('event', 64),
    column.varchar('outcome', 16),
    optional(column.id('client_id')),
    optional(column.id('account_id')),
    optional(column.id('address')),
    optional(column.varchar('user_agent', 300)),
    optional(column.varchar('subject_kind', 32)),
    optional(column.varchar('subject_id', 250)),
    optional(column.id('app')),
    optional(column.id('trace_id')),
    optional(column.id('flow_id')),
    column.varchar('node', 250),
    optional(column.varchar('reason', 250)),
    column.text('details'),
    optional(column.time('seq')),
    optional(column.id('previous_hash')),
    optional(column.id('hash')),
  ],
  primaryKey: ['id'],
  // Each holds only the rows that somebody looks for by it: most events are routine, and every index costs each of them.
  indexes: [
    { name: 'ix_audit_events_at', columns: ['at', 'id'] },
    { name: 'ix_audit_events_unchained', columns: ['at', 'id'], where: 'seq IS NULL' },
    { name: 'ix_audit_events_event', columns: ['event', 'at'] },
    { name: 'ix_audit_events_outcome', columns: ['outcome', 'at'], where: "outcome = 'failure'" },
    { name: 'ix_audit_events_client_id', columns: ['client_id', 'at'], where: 'client_id IS NOT NULL' },
    { name: 'ix_audit_events_account_id', columns: ['account_id', 'at'], where: 'account_id IS NOT NULL' },
    { name: 'ix_audit_events_subject_id', columns: ['subject_id', 'at'], where: 'subject_id IS NOT NULL' },
    { name: 'ix_audit_events_app', columns: ['app', 'at'], where: 'app IS NOT NULL' },
    { name: 'ix_audit_events_trace_id', columns: ['trace_id'], where: 'trace_id IS NOT NULL' },
    { name: 'ix_audit_events_flow_id', columns: ['flow_id'], where: 'flow_id IS NOT NULL' },
    { name: 'ux_audit_events_seq', columns: ['seq'], unique: true, where: 'seq IS NOT NULL' },
  ],
};

const CHAIN: TableShape = {
  name: 'audit_chain',
  columns: [
    column.id('id'),
    column.time('last_seq'),
    column.id('last_hash'),
    column.time('anchor_seq'),
    column.id('anchor_hash'),
    column.integer('retention_days'),
  ],
  primaryKey: ['id'],
};

const EXPORTS: TableShape = {
  name: 'audit_exports',
  columns: [
    column.id('id'),
    column.varchar('name', 100),
    column.varchar('kind', 16),
    column.text('address'),
    column.varchar('format', 16),
    optional(column.text('secret')),
    column.boolean('enabled'),
    column.time('position'),
    column.integer('failures'),
    optional(column.time('next_attempt_at')),
    optional(column.time('last_sent_at')),
    optional(column.text('last_error')),
    column.time('created_at'),
    column.time('updated_at'),
  ],
  primaryKey: ['id'],
};

const RETENTION = { ...column.integer('audit_retention_days'), default: 180 };

/** Members of an event that are never changed, whether it has its place in the chain or not. */
const CONTENT = EVENTS.columns
  .map(({ name }) => name)
  .filter((name) => !['seq', 'previous_hash', 'hash'].includes(name));

/** Why a trigger refuses. */
const CHANGED = 'audit events cannot be changed';
const DELETED = 'audit events cannot be deleted before their time';

/**
 * The trail. It is append-only by triggers: an event is given its place in the chain once, and nothing else of it changes;
 * it is deleted only once the chain has been anchored behind it, and it is older than the retention. The triggers look at
 * no table of other rooms: SQLite refuses to rebuild a table that a trigger elsewhere names.
 */
export class CreateAudit1763700015000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const shape of [EVENTS, CHAIN, EXPORTS]) await createTable(runner, shape);
    const none = '0'.repeat(64);
    await runner.query(
      `INSERT INTO audit_chain (id, last_seq, last_hash, anchor_seq, anchor_hash, retention_days)
       VALUES ('clinch', 0, '${none}', 0, '${none}', 180)`,
    );
    for (const statement of triggersOf(runner)) await runner.query(statement);
    await runner.addColumn('settings', new TableColumn(RETENTION));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('settings', RETENTION.name);
    for (const { name } of [EVENTS, CHAIN, EXPORTS]) await runner.dropTable(name);
    if (runner.dataSource.options.type === 'postgres') await runner.query('DROP FUNCTION audit_events_guard()');
  }
}

function triggersOf(runner: QueryRunner): string[] {
  return runner.dataSource.options.type === 'postgres' ? ofPostgres() : ofSqlite();
}

function ofSqlite(): string[] {
  const touched = CONTENT.map((name) => `NEW.${name} IS NOT OLD.${name}`).join(' OR ');
  const now = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";
  const early = `OLD.seq IS NULL OR OLD.seq > (SELECT anchor_seq FROM audit_chain)
    OR OLD.at > ${now} - (SELECT retention_days FROM audit_chain) * 86400000`;
  return [
    `CREATE TRIGGER audit_events_no_change BEFORE UPDATE ON audit_events WHEN OLD.seq IS NOT NULL OR ${touched}
     BEGIN SELECT RAISE(ABORT, '${CHANGED}'); END`,
    `CREATE TRIGGER audit_events_no_deletion BEFORE DELETE ON audit_events WHEN ${early}
     BEGIN SELECT RAISE(ABORT, '${DELETED}'); END`,
  ];
}

function ofPostgres(): string[] {
  const touched = CONTENT.map((name) => `NEW.${name} IS DISTINCT FROM OLD.${name}`).join(' OR ');
  const now = 'floor(extract(epoch FROM clock_timestamp()) * 1000)';
  return [
    `CREATE FUNCTION audit_events_guard() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF TG_OP = 'UPDATE' THEN
         IF OLD.seq IS NOT NULL OR ${touched} THEN RAISE EXCEPTION '${CHANGED}'; END IF;
         RETURN NEW;
       END IF;
       IF TG_OP = 'DELETE' THEN
         IF OLD.seq IS NOT NULL AND OLD.seq <= (SELECT anchor_seq FROM audit_chain)
           AND OLD.at <= ${now} - (SELECT retention_days FROM audit_chain)::bigint * 86400000 THEN
           RETURN OLD;
         END IF;
       END IF;
       RAISE EXCEPTION '${DELETED}';
     END $$`,
    `CREATE TRIGGER audit_events_guard_rows BEFORE UPDATE OR DELETE ON audit_events
     FOR EACH ROW EXECUTE FUNCTION audit_events_guard()`,
    `CREATE TRIGGER audit_events_guard_table BEFORE TRUNCATE ON audit_events
     FOR EACH STATEMENT EXECUTE FUNCTION audit_events_guard()`,
  ];
}
