import { DataSource, type EntityManager } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditChain } from '../../src/audit-trail/audit-chain.js';
import { ChainWorker } from '../../src/audit-trail/chain-worker.js';
import { verifyChain, type ChainReport } from '../../src/audit-trail/verify-chain.js';
import { AuditLog, type AuditRecord } from '../../src/audit/audit-log.js';
import { hashOf, NO_HASH, type AuditRow } from '../../src/audit/audit-row.js';
import { AuditWriter } from '../../src/audit/audit-writer.js';
import type { ServerLog } from '../../src/audit/server-log.js';
import { auditVerifyCommand } from '../../src/cli/audit-verify.command.js';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import { Database } from '../../src/database/database.js';
import { Departures } from '../../src/departures/departures.js';
import { Leases } from '../../src/database/leases.js';
import { Measurements } from '../../src/measurements/measurements.js';
import { Settings } from '../../src/settings/settings.js';
import { aPerson } from '../support/builders.js';
import { testDatabaseKind } from '../support/postgres.js';
import { countRows } from '../support/rows.js';
import { NODES_MASTER_KEY } from '../support/seed.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

const KIND = testDatabaseKind();
const DAY = 24 * 3_600_000;

let clinch: TestClinch;
let dataSource: DataSource;
let audit: AuditLog;
let worker: ChainWorker;

beforeAll(async () => {
  clinch = await startClinch();
  dataSource = clinch.app.get(DataSource);
  audit = clinch.app.get(AuditLog);
  worker = clinch.app.get(ChainWorker);
});
afterAll(() => clinch.stop());

async function happen(count: number): Promise<void> {
  for (let each = 0; each < count; each++) audit.record('group.created', { clientId: 'test' }, { group: `g${each}` });
  await worker.settled();
}

interface ChainedRow extends AuditRow {
  readonly seq: number;
  readonly previous_hash: string;
  readonly hash: string;
}

async function rowsOf(condition: string): Promise<ChainedRow[]> {
  return dataSource.query(`SELECT * FROM audit_events WHERE ${condition} ORDER BY seq`);
}

async function verify(): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const config = () =>
    ClinchConfig.fromEnvironment({ DATABASE_URL: clinch.databaseUrl, CLINCH_MASTER_KEY: NODES_MASTER_KEY });
  const { signal } = new AbortController();
  const code = await auditVerifyCommand.run([], { config, say: (line) => lines.push(line), signal });
  return { code, said: lines.join('\n') };
}

async function switchGuard(on: boolean): Promise<void> {
  if (KIND === 'postgres') {
    await dataSource.query(`ALTER TABLE audit_events ${on ? 'ENABLE' : 'DISABLE'} TRIGGER ALL`);
    return;
  }
  const names = ['audit_events_no_change', 'audit_events_no_deletion'];
  for (const name of on ? [] : names) {
    const [{ sql }]: [{ sql: string }] = await dataSource.query(`SELECT sql FROM sqlite_master WHERE name = '${name}'`);
    guards.push(sql);
    await dataSource.query(`DROP TRIGGER ${name}`);
  }
  if (on) for (const sql of guards.splice(0)) await dataSource.query(sql);
}
const guards: string[] = [];

describe(`the trail of audit events on ${KIND}`, () => {
  it('has every event, each with the hash of the one before', async () => {
    await happen(250);
    const rows = await rowsOf('seq IS NOT NULL');
    expect(rows.length).toBeGreaterThanOrEqual(250);
    let previous = NO_HASH;
    for (const [index, row] of rows.entries()) {
      expect(row.seq).toBe(index + 1);
      expect(row.previous_hash).toBe(previous);
      expect(row.hash).toBe(hashOf(previous, index + 1, row));
      previous = row.hash;
    }
    expect(await clinch.app.get(AuditChain).countUnchained()).toBe(0);
  });

  it('keeps of an event what the specifications of the trail ask for', async () => {
    const actor = { clientId: 'ops', address: '192.0.2.7', userAgent: 'Robot/1', traceId: 'trace-1', flowId: 'flow-1' };
    audit.record('app.changed', actor, { app: 'crm', reason: 'because', before: { name: 'a\u0000\u2028\ud800b' } });
    await worker.settled();
    const [row] = await rowsOf(`trace_id = 'trace-1'`);
    expect(row).toMatchObject({
      event: 'app.changed',
      outcome: 'success',
      client_id: 'ops',
      address: '192.0.2.7',
      user_agent: 'Robot/1',
      subject_kind: 'app',
      subject_id: 'crm',
      app: 'crm',
      flow_id: 'flow-1',
      reason: 'because',
      node: expect.stringMatching(/.:\d+$/) as string,
    });
    expect(JSON.parse(row?.details ?? '')).toEqual({ app: 'crm', before: { name: 'a\ufffd\ufffd\ufffdb' } });
  });

  it('has a change that was made, and not one that was rolled back; the log and the sinks neither', async () => {
    const heard: AuditRecord[] = [];
    audit.declareSink((record) => void (record.event === 'scope.deleted' && heard.push(record)));
    const attempt = dataSource.transaction(async (manager) => {
      await audit.recordIn(manager, 'scope.deleted', {}, { scope: 'undone' });
      throw new Error('rolled back');
    });
    await expect(attempt).rejects.toThrow('rolled back');
    await dataSource.transaction(async (manager) => {
      await audit.recordIn(manager, 'scope.deleted', {}, { scope: 'done' });
      expect(heard).toEqual([]);
    });
    expect(heard.map(({ details }) => details['scope'])).toEqual(['done']);
    expect((await rowsOf(`event = 'scope.deleted'`)).map((row) => row.subject_id)).toEqual(['done']);
  });

  it('has what a change is noted with, or the change is not made', async () => {
    const person = await aPerson(clinch);
    const depart = async () => clinch.app.get(Departures).depart(person.id, { source: 'acme', by: 'event 1' });
    const insertIn = vi.spyOn(clinch.app.get(AuditWriter), 'insertIn').mockRejectedValueOnce(new Error('refused'));
    await expect(depart()).rejects.toThrow('refused');
    insertIn.mockRestore();
    expect(await countRows(dataSource, 'accounts', `id = '${person.id}' AND status = 'active'`)).toBe(1);
    expect(await depart()).toBe(true);
    // Only the first time counts.
    expect(await depart()).toBe(false);
    expect(await rowsOf(`event = 'account.departed' AND subject_id = '${person.id}'`)).toHaveLength(1);
  });

  it('announces nothing of a savepoint that was rolled back', async () => {
    const heard: unknown[] = [];
    audit.declareSink(({ event, details }) => void (event === 'role.deleted' && heard.push(details['role'])));
    const note = async (manager: EntityManager, role: string) => audit.recordIn(manager, 'role.deleted', {}, { role });
    await dataSource.transaction(async (manager) => {
      await note(manager, 'outer');
      await manager.transaction(async (inner) => note(inner, 'kept'));
      const undone = manager.transaction(async (inner) => {
        await inner.transaction(async (innermost) => note(innermost, 'undone with what is around it'));
        await note(inner, 'undone');
        throw new Error('rolled back');
      });
      await expect(undone).rejects.toThrow('rolled back');
    });
    expect(heard).toEqual(['outer', 'kept']);
    expect((await rowsOf(`event = 'role.deleted'`)).map((row) => row.subject_id)).toEqual(['outer', 'kept']);
  });

  it('loses one event that the database does not take, and no others', async () => {
    const ids = ['a', 'b', 'c', 'd'].map((name) => `one-bad-${name}`);
    const database = clinch.app.get(Database);
    const run = database.run.bind(database);
    // What it is does not matter: a row that is refused, alone or among others.
    database.run = async (command, ...values) => {
      if (JSON.stringify(values).includes(ids[1] ?? '')) throw new Error('refused');
      return run(command, ...values);
    };
    for (const group of ids) audit.record('group.changed', {}, { group });
    await worker.settled();
    database.run = run;
    const there = (await rowsOf(`event = 'group.changed'`)).map((row) => row.subject_id);
    expect(there).toEqual([ids[0], ids[2], ids[3]]);
  });

  it('gives every event one place when several nodes chain at once', async () => {
    for (let each = 0; each < 300; each++) audit.record('group.deleted', {}, { group: `parallel-${each}` });
    const chains = [0, 1, 2, 3].map(() => new AuditChain(clinch.app.get(Database)));
    await worker.settled();
    await Promise.all(chains.map(async (chain) => chain.extend().catch(() => undefined)));
    await worker.settled();
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it('finds what waits for its place by an index that holds nothing else', async () => {
    const query = 'SELECT id FROM audit_events WHERE seq IS NULL ORDER BY at, id LIMIT 100';
    const plan = await dataSource.transaction(async (manager) => {
      // A table this small would be read as it lies.
      if (KIND === 'postgres') await manager.query('SET LOCAL enable_seqscan = off');
      return JSON.stringify(await manager.query(`EXPLAIN ${KIND === 'postgres' ? '' : 'QUERY PLAN '}${query}`));
    });
    expect(plan).toContain('ix_audit_events_unchained');
    expect(plan).not.toMatch(/sort|temp b-tree/i);
  });

  it.each([
    ['changed', `UPDATE audit_events SET reason = 'x' WHERE seq = 3`],
    ['moved', 'UPDATE audit_events SET seq = 100000 WHERE seq = 3'],
    ['deleted', 'DELETE FROM audit_events WHERE seq = 3'],
    ['deleted with all others', 'DELETE FROM audit_events'],
    ['emptied', KIND === 'postgres' ? 'TRUNCATE audit_events' : 'DELETE FROM audit_events WHERE 1 = 1'],
  ] as const)('cannot be %s, not even by a statement', async (_, sql) => {
    await happen(5);
    await expect(dataSource.query(sql)).rejects.toThrow(/audit events cannot be/);
  });
});

describe(`npx clinch audit verify, on ${KIND}`, () => {
  beforeAll(async () => {
    await happen(20);
    await worker.beforeApplicationShutdown();
    await switchGuard(false);
  });
  afterAll(() => switchGuard(true));
  afterEach(async () => {
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it('finds an event that was changed', async () => {
    const [row] = await rowsOf('seq = 7');
    await dataSource.query(`UPDATE audit_events SET client_id = 'somebody else' WHERE seq = 7`);
    const { code, said } = await verify();
    await dataSource.query(`UPDATE audit_events SET client_id = '${row?.client_id}' WHERE seq = 7`);
    expect(code).toBe(1);
    expect(said).toContain(`BROKEN: event 7 (${row?.id}) was changed.`);
  });

  it('finds a gap where an event was deleted', async () => {
    const [row] = await rowsOf('seq = 8');
    await dataSource.query('DELETE FROM audit_events WHERE seq = 8');
    const { code, said } = await verify();
    await putBack(row);
    expect(code).toBe(1);
    expect(said).toContain('BROKEN: event 8 is missing.');
  });

  it('finds that the newest were cut off', async () => {
    const { lastSeq } = await clinch.app.get(AuditChain).state();
    const rows = await rowsOf(`seq > ${lastSeq - 3}`);
    await dataSource.query(`DELETE FROM audit_events WHERE seq > ${lastSeq - 3}`);
    const { code, said } = await verify();
    for (const row of rows) await putBack(row);
    expect(code).toBe(1);
    expect(said).toContain(`BROKEN: event ${lastSeq - 2} is missing, and all up to ${lastSeq}.`);
  });

  it('finds two events that changed places', async () => {
    const swap = async () => {
      await dataSource.query('UPDATE audit_events SET seq = -1 WHERE seq = 4');
      await dataSource.query('UPDATE audit_events SET seq = 4 WHERE seq = 5');
      await dataSource.query('UPDATE audit_events SET seq = 5 WHERE seq = -1');
    };
    await swap();
    const { code, said } = await verify();
    await swap();
    expect(code).toBe(1);
    expect(said).toMatch(/BROKEN: event 4 \(.*\) does not follow the one before it\./);
  });

  it('finds an event that was put in, in the middle, behind the end or before the beginning', async () => {
    const { lastSeq } = await clinch.app.get(AuditChain).state();
    const [row] = await rowsOf('seq = 6');
    for (const seq of [lastSeq + 1, 0]) {
      await putBack(row && { ...row, id: 'put-in', seq });
      const { code, said } = await verify();
      await dataSource.query(`DELETE FROM audit_events WHERE id = 'put-in'`);
      expect(code).toBe(1);
      expect(said).toContain(`BROKEN: event ${seq} (put-in)`);
    }
    await dataSource.query('UPDATE audit_events SET seq = -seq WHERE seq > 6');
    await dataSource.query('UPDATE audit_events SET seq = 1 - seq WHERE seq < 0');
    await putBack(row && { ...row, id: 'put-in', seq: 7 });
    const { code, said } = await verify();
    await dataSource.query(`DELETE FROM audit_events WHERE id = 'put-in'`);
    await dataSource.query('UPDATE audit_events SET seq = -seq WHERE seq > 6');
    await dataSource.query('UPDATE audit_events SET seq = -1 - seq WHERE seq < 0');
    expect(code).toBe(1);
    expect(said).toContain('BROKEN: event 7 (put-in)');
  });
});

describe(`the retention of audit events on ${KIND}`, () => {
  it('deletes what is past its time, and the rest can still be verified', async () => {
    // The chain of this server has stopped, so that only this test moves it on.
    const chain = clinch.app.get(AuditChain);
    expect(await chain.shorten(30)).toBe(0);
    const { anchorSeq, lastSeq } = await chain.state();
    expect(anchorSeq).toBe(0);
    // By the clock of the database they are young: whoever says that it is later may not delete them either.
    await expect(chain.shorten(30, Date.now() + 31 * DAY)).rejects.toThrow('before their time');
    await switchGuard(false);
    await dataSource.query(`UPDATE audit_events SET at = at - ${31 * DAY} WHERE seq <= 5`);
    await relink();
    await switchGuard(true);
    expect(await chain.shorten(40)).toBe(0);
    // The clock of the database may be an hour behind.
    expect(await chain.shorten(31)).toBe(0);
    expect((await verifyWhile(() => chain.shorten(30))).anchor).toBe(5);
    expect(await chain.shorten(30)).toBe(0);
    expect(await countRows(dataSource, 'audit_events', 'seq <= 5')).toBe(0);
    const { code, said } = await verify();
    expect(said).toContain('Events up to 5 were deleted when their time was over.');
    expect(said).toContain(`6 to ${lastSeq}.`);
    expect(code).toBe(0);
  });

  it('is not tried again at once where the database refuses', async () => {
    const steps = new AuditChain(clinch.app.get(Database));
    let asked = 0;
    steps.shorten = async () => {
      asked += 1;
      throw new Error('refused');
    };
    const { app } = clinch;
    const log = { failure: () => undefined } as unknown as ServerLog;
    const writer = app.get(AuditWriter);
    const refused = new ChainWorker(steps, app.get(Leases), app.get(Settings), writer, log, new Measurements());
    await refused.run();
    await refused.run();
    expect(asked).toBe(1);
  });
});

/** Verifies, and has something done once the anchor was read and before the first events are. */
async function verifyWhile(work: () => Promise<unknown>): Promise<ChainReport> {
  const database = new Database(dataSource);
  let isDone = false;
  database.all = async (query, ...values) => {
    if (query.name === 'audit_chain_verify' && !isDone) {
      isDone = true;
      await work();
    }
    return Database.prototype.all.call(database, query, ...values) as Promise<never[]>;
  };
  const report = await verifyChain(database);
  expect(report.fault).toBeUndefined();
  return report;
}

/** Makes every hash anew, as the server would have: this is what the noted end elsewhere is for. */
async function relink(): Promise<void> {
  let previous = NO_HASH;
  for (const row of await rowsOf('seq IS NOT NULL')) {
    const hash = hashOf(previous, row.seq, row);
    await dataSource.query(
      `UPDATE audit_events SET previous_hash = '${previous}', hash = '${hash}' WHERE id = '${row.id}'`,
    );
    previous = hash;
  }
  await dataSource.query(`UPDATE audit_chain SET last_hash = '${previous}'`);
}

async function putBack(row: object | undefined): Promise<void> {
  const columns = Object.entries(row ?? {});
  const values = columns.map(([, value]) =>
    value === null ? 'NULL' : typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`,
  );
  await dataSource.query(
    `INSERT INTO audit_events (${columns.map(([name]) => name).join(', ')}) VALUES (${values.join(', ')})`,
  );
}
