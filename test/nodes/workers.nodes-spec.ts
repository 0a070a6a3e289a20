import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, freePort, type TestDatabase } from '../support/postgres.js';
import { NODES_MASTER_KEY } from '../support/seed.js';
import { OPERATOR } from '../support/start-clinch.js';
import { type RunningServer, startProgram, startServer } from '../support/start-processes.js';

let database: TestDatabase;
let env: Record<string, string>;
let server: RunningServer;

beforeAll(async () => {
  database = await createDatabase();
  const port = String(await freePort());
  env = {
    DATABASE_URL: database.url,
    CLINCH_MASTER_KEY: NODES_MASTER_KEY,
    CLINCH_LOG_LEVEL: 'error',
    CLINCH_ISSUER: `http://127.0.0.1:${port}`,
    CLINCH_ADMIN_CLIENT_ID: OPERATOR.id,
    CLINCH_ADMIN_CLIENT_SECRET: OPERATOR.secret,
    CLINCH_WORKERS: '2',
    PORT: port,
  };
  // Three processes start, one after the other.
  server = await startServer({ env, readyWithinMs: 110_000 });
});
afterAll(async () => {
  await server?.kill();
  await database?.drop();
});

/** The processes that a process has started. */
function workersOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not come true within 30 s');
    await delay(50);
  }
}

async function metrics(): Promise<string> {
  return (await fetch(`${server.url}/metrics`)).text();
}

async function token(): Promise<number> {
  const { status } = await fetch(`${server.url}/oidc/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${OPERATOR.id}:${OPERATOR.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return status;
}

describe('CLINCH_WORKERS=2', () => {
  it('serves with two processes, whose figures are shown together whichever is asked', async () => {
    await until(async () => /nodejs_version_info\{.*worker="2"/.test(await metrics()));
    expect(workersOf(server.pid)).toHaveLength(2);
    for (let round = 0; round < 4; round++) {
      const text = await metrics();
      for (const worker of ['1', '2']) {
        expect(text).toMatch(new RegExp(`^process_resident_memory_bytes\\{worker="${worker}"\\} `, 'm'));
        expect(text).toMatch(new RegExp(`^clinch_build_info\\{.*worker="${worker}"\\} 1$`, 'm'));
      }
      // What all of them share stands once, and every measurement has one head, as the format asks.
      expect(text.match(/^clinch_rows_past_due\{table="interactions"\} /gm)).toHaveLength(1);
      const heads = text.match(/^# TYPE \S+/gm) ?? [];
      expect(new Set(heads).size).toBe(heads.length);
    }
  });

  it('goes on when a worker dies, and has another one in its place', async () => {
    const [victim = 0] = workersOf(server.pid);
    process.kill(victim, 'SIGKILL');
    await until(() => !workersOf(server.pid).includes(victim));
    for (let round = 0; round < 10; round++) expect(await token()).toBe(200);
    await until(() => workersOf(server.pid).length === 2);
    expect(server.output()).toMatch(/Worker \d ended with SIGKILL; another one is started in 0\.5 s\./);
    await until(async () => new Set((await metrics()).match(/worker="\d+"/g)).size === 2);
  });

  it('ends all of them on SIGTERM, with 0, one that has only just begun to start too', async () => {
    const [, victim = 0] = workersOf(server.pid);
    process.kill(victim, 'SIGKILL');
    await until(() => !workersOf(server.pid).includes(victim));
    await until(() => workersOf(server.pid).length === 2);
    const workers = workersOf(server.pid);
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('ends with 0 when not even the first one serves yet', async () => {
    const program = startProgram('dist/server/main.js', { ...env, HOST: '127.0.0.1' });
    await until(() => workersOf(program.pid).length === 1);
    expect(await program.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('says once what is wrong at the start, and ends', async () => {
    const { CLINCH_MASTER_KEY: _, ...rest } = env;
    const other = Buffer.alloc(32, 'another key').toString('base64');
    const program = startProgram('dist/server/main.js', { ...rest, CLINCH_MASTER_KEY: other, HOST: '127.0.0.1' });
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.output().match(/Clinch cannot start/g)).toHaveLength(1);
  });

  it('is refused with an embedded database', async () => {
    const program = startProgram('dist/server/main.js', { CLINCH_WORKERS: '2', DATABASE_URL: 'sqlite:unused.db' });
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.output()).toContain('CLINCH_WORKERS is more than 1, which takes PostgreSQL');
  });
});
