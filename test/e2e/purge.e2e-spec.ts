import type { NestExpressApplication } from '@nestjs/platform-express';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../src/app.setup.js';
import { ServerLog } from '../../src/audit/server-log.js';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import { Database } from '../../src/database/database.js';
import { RetainedTables, type RetainedTable } from '../../src/database/retained-tables.js';
import { retentionOf, type RetentionRule } from '../../src/database/retention.js';
import { Purge } from '../../src/operations/purge.js';
import { anApp, aPerson } from '../support/builders.js';
import { createDatabase, type TestDatabase, testDatabaseKind } from '../support/postgres.js';
import { countRows, insertRows } from '../support/rows.js';
import { NODES_MASTER_KEY } from '../support/seed.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, UserAgent } from '../support/user-agent.js';

const KIND = testDatabaseKind();
const BATCH = KIND === 'postgres' ? 1_000 : 250;
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** Seconds that the rows of each table stay after `expires_at`, and why. */
const KEPT_FOR = {
  // For nodes whose clocks are behind.
  access_ends: 60,
  // The longest access token of a code lives a day; a replay must be told until then.
  authorization_codes: 86_460,
  console_sessions: 0,
  // A device that still polls hears expired_token.
  device_codes: 3_600,
  dingtalk_event_channels: 0,
  // A node that was away for a while finds that somebody else has it now.
  leases: 3_600,
  idempotency_keys: 0,
  dingtalk_sign_in_states: 0,
  // These say themselves how long they are of use: their `expires_at` is days away.
  directory_events: 0,
  directory_sync_differences: 0,
  directory_sync_due_times: 0,
  directory_sync_errors: 0,
  directory_sync_runs: 0,
  interactions: 0,
  logout_notices: 0,
  // Its row ends the access tokens of the grant, which may outlive it by a day.
  refresh_tokens: 86_460,
  // For nodes whose clocks are behind.
  revoked_tokens: 60,
  session_clients: 0,
  session_handovers: 0,
  // What came of one can be ended for as long as refresh tokens last by default.
  sessions: 2_592_000,
  sign_in_events: 0,
  used_assertions: 60,
};
const TABLES = Object.entries(KEPT_FOR);

/** Rows of these outlive their `expires_at` on purpose: an operator sees which secret has ended, and ends it. */
const KEPT_ON_PURPOSE = ['client_secrets'];

let database: TestDatabase;
/** A server that does not listen, so that its purge runs only when a test says so. */
let node: NestExpressApplication;
let dataSource: DataSource;
let purge: Purge;

beforeAll(async () => {
  database = await createDatabase();
  node = await nodeOn(database);
  dataSource = node.get(DataSource);
  purge = node.get(Purge);
});
afterAll(async () => {
  await node.close();
  await database.drop();
});
afterEach(async () => {
  vi.useRealTimers();
  for (const [table] of TABLES) await dataSource.query(`DELETE FROM ${table}`);
});

describe(`the retentions that the rooms declare, on ${KIND}`, () => {
  const rules = (): (readonly [string, RetentionRule | undefined])[] =>
    dataSource.entityMetadatas.map(({ target, tableName }) => [
      tableName,
      typeof target === 'string' ? undefined : retentionOf(target),
    ]);

  it('are there for every table whose rows expire, but for those that are kept on purpose', () => {
    const expiring = dataSource.entityMetadatas
      .filter(({ columns }) => columns.some(({ databaseName }) => databaseName === 'expires_at'))
      .map(({ tableName }) => tableName);
    const declared = rules().flatMap(([table, rule]) => (rule === undefined ? [] : [table]));
    expect(expiring.length).toBeGreaterThan(7);
    expect([...declared, ...KEPT_ON_PURPOSE].sort()).toEqual(expiring.sort());
  });

  it('are as long as they have to be', () => {
    const declared = rules().flatMap(([table, rule]) => (rule === undefined ? [] : [[table, rule.keepFor] as const]));
    expect(Object.fromEntries(declared)).toEqual(KEPT_FOR);
  });

  it('are by a column with an index of its own, so that no purge searches a table', () => {
    const without = dataSource.entityMetadatas.filter(({ target, indices }) => {
      const rule = typeof target === 'string' ? undefined : retentionOf(target);
      const indexed = indices.map(({ columns }) => columns[0]?.databaseName);
      return rule !== undefined && !indexed.includes(rule.column);
    });
    expect(without.map(({ tableName }) => tableName)).toEqual([]);
  });
});

describe(`the purge on ${KIND}`, () => {
  it.each(TABLES)('deletes rows of %s %i s after they have expired, and not a moment before', async (name, keptFor) => {
    const now = Date.now();
    const due = now - keptFor * SECOND;
    await insertRows(dataSource, name, 3, { expires_at: due });
    await insertRows(dataSource, name, 4, { expires_at: due + 1 });
    await insertRows(dataSource, name, 5, { expires_at: now + HOUR });
    expect(await tableOf(name).countDue(now)).toBe(3);
    expect(await tableOf(name).deleteBatch(now)).toBe(3);
    expect(await countRows(dataSource, name, `expires_at = ${due}`)).toBe(0);
    expect(await countRows(dataSource, name)).toBe(9);
    expect(await tableOf(name).countDue(now)).toBe(0);
  });

  it('goes through all tables', async () => {
    for (const [name, keptFor] of TABLES) {
      const due = Date.now() - keptFor * SECOND;
      await insertRows(dataSource, name, 2, { expires_at: due });
      await insertRows(dataSource, name, 3, { expires_at: due + HOUR });
    }
    expect(await purge.run()).toBe(true);
    for (const [name] of TABLES) expect(await countRows(dataSource, name), name).toBe(3);
  });

  it(`takes ${BATCH} rows at a time, the oldest first`, async () => {
    const now = Date.now();
    await insertRows(dataSource, 'interactions', BATCH, { expires_at: now - HOUR });
    await insertRows(dataSource, 'interactions', BATCH + 7, { expires_at: now - 2 * HOUR });
    expect(await tableOf('interactions').deleteBatch(now)).toBe(BATCH);
    expect(await countRows(dataSource, 'interactions', `expires_at = ${now - HOUR}`)).toBe(BATCH);
    const run = vi.spyOn(node.get(Database), 'run');
    await purge.run();
    const affected = await Promise.all(run.mock.results.map(({ value }) => value as Promise<number>));
    expect(affected.filter((rows) => rows > 0)).toEqual([BATCH, 7]);
  });

  it('ends cleanly in the middle of its work', async () => {
    const other = await createDatabase();
    const app = await nodeOn(other);
    const failure = vi.spyOn(app.get(ServerLog), 'failure');
    await insertRows(app.get(DataSource), 'interactions', 3 * BATCH, { expires_at: 1 });
    const round = app.get(Purge).run();
    await app.close();
    expect(await round).toBe(false);
    expect(failure).not.toHaveBeenCalled();
    expect(app.get(Purge).purged.get('interactions')).toBeLessThanOrEqual(BATCH);
    await other.drop();
  });
});

describe(`tidying on ${KIND}`, () => {
  const sealed = (condition = '1 = 1') =>
    countRows(dataSource, 'refresh_tokens', `sealed_token IS NOT NULL AND ${condition}`);
  const fresh = { sealed_token: 'sealed', expires_at: Date.now() + 100 * HOUR };

  it('empties what a refresh token keeps for its grace, in rows that were rotated two minutes ago', async () => {
    const now = Date.now();
    // More than a stretch, so that the next one must go on where this one ended.
    await insertRows(dataSource, 'refresh_tokens', BATCH + 20, { ...fresh, rotated_at: now - 120 * SECOND });
    await insertRows(dataSource, 'refresh_tokens', 30, { ...fresh, rotated_at: now - 60 * SECOND });
    await insertRows(dataSource, 'refresh_tokens', 5, { ...fresh, rotated_at: null });
    vi.useFakeTimers({ toFake: ['Date'], now });
    await purge['tidy']();
    expect(await sealed(`rotated_at = ${now - 120 * SECOND}`)).toBe(0);
    expect(await sealed()).toBe(35);
    expect(await countRows(dataSource, 'refresh_tokens')).toBe(BATCH + 55);
  });

  it('changes nothing else, and not more rows at a time than a batch', async () => {
    await insertRows(dataSource, 'refresh_tokens', 2 * BATCH + 1, { ...fresh, rotated_at: 1, scope: 'openid' });
    const run = vi.spyOn(node.get(Database), 'run');
    await purge['tidy']();
    const affected = await Promise.all(run.mock.results.map(({ value }) => value as Promise<number>));
    expect(affected).toEqual([BATCH, BATCH, 1]);
    expect(await countRows(dataSource, 'refresh_tokens', "scope = 'openid' AND rotated_at = 1")).toBe(2 * BATCH + 1);
  });
});

describe.skipIf(KIND === 'sqlite')('two nodes on one PostgreSQL', () => {
  const ROWS = 5_500;
  let second: NestExpressApplication;

  beforeAll(async () => {
    second = await nodeOn(database);
  });
  afterAll(() => second.close());

  it('share the work: each row is deleted once, and nothing fails', async () => {
    for (const [table] of TABLES) await insertRows(dataSource, table, ROWS, { expires_at: 1 });
    await insertRows(dataSource, 'interactions', 10, { expires_at: Date.now() + HOUR });
    const failures = [node, second].map((each) => vi.spyOn(each.get(ServerLog), 'failure'));
    const before = new Map(purge.purged);
    expect(await Promise.all([purge.run(), second.get(Purge).run()])).toEqual([true, true]);
    for (const failure of failures) expect(failure).not.toHaveBeenCalled();
    for (const [table] of TABLES) {
      const here = (purge.purged.get(table) ?? 0) - (before.get(table) ?? 0);
      const there = second.get(Purge).purged.get(table) ?? 0;
      expect(here + there, table).toBe(ROWS);
      expect(Math.min(here, there), table).toBeGreaterThan(0);
    }
    expect(await countRows(dataSource, 'interactions')).toBe(10);
  });

  it('leave a row that a request has in its hand, and do not wait for it', async () => {
    await insertRows(dataSource, 'refresh_tokens', 1, { grant_id: 'used', expires_at: 1 });
    await insertRows(dataSource, 'refresh_tokens', 2, { expires_at: 1 });
    await dataSource.transaction(async (request) => {
      await request.query("UPDATE refresh_tokens SET expires_at = $1 WHERE grant_id = 'used'", [Date.now() + HOUR]);
      const failure = vi.spyOn(second.get(ServerLog), 'failure');
      expect(await second.get(Purge).run()).toBe(true);
      expect(failure).not.toHaveBeenCalled();
    });
    expect(await countRows(dataSource, 'refresh_tokens')).toBe(1);
    await second.get(Purge).run();
    expect(await countRows(dataSource, 'refresh_tokens', "grant_id = 'used'")).toBe(1);
  });
});

describe('a code that is used twice (RFC 6749 §4.1.2)', () => {
  let clinch: TestClinch;

  beforeAll(async () => {
    clinch = await startClinch();
  });
  afterAll(() => clinch.stop());

  it('is told for a day after it has expired, purge or not, and then forgotten', async () => {
    const [app, person] = [await anApp(clinch), await aPerson(clinch)];
    const { headers, form } = credentials(app);
    const code = (await new UserAgent(clinch.url).authorize(authorizeUrl(clinch.url, app), person)).get('code') ?? '';
    const redeem = () => {
      const body = { grant_type: 'authorization_code', redirect_uri: app.redirectUri, ...form, code };
      return fetch(`${clinch.url}/oidc/token`, { method: 'POST', headers, body: new URLSearchParams(body) });
    };
    const [source, its] = [clinch.app.get(DataSource), clinch.app.get(Purge)];
    expect((await redeem()).status).toBe(200);
    const start = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: start + (60 + 86_400) * SECOND });
    await its.run();
    expect((await redeem()).status).toBe(400);
    expect(await countRows(source, 'revoked_tokens')).toBe(1);
    vi.setSystemTime(start + (60 + 86_460) * SECOND);
    await its.run();
    expect(await countRows(source, 'authorization_codes')).toBe(0);
  });
});

function tableOf(name: string): RetainedTable {
  const table = node.get(RetainedTables).all.find((each) => each.name === name);
  if (table === undefined) throw new Error(`${name} declares no retention`);
  return table;
}

async function nodeOn(database: TestDatabase): Promise<NestExpressApplication> {
  const environment = { CLINCH_MASTER_KEY: NODES_MASTER_KEY, CLINCH_LOG_LEVEL: 'silent' };
  return createApp(ClinchConfig.fromEnvironment({ DATABASE_URL: database.url, ...environment }));
}
