import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openDataSource, dataSourceOptions } from '../../src/database/data-source.js';
import { MIGRATIONS } from '../../src/database/migrations.js';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import { createDatabase, freePort, testDatabaseKind, type TestDatabase } from '../support/postgres.js';
import { NODES_MASTER_KEY } from '../support/seed.js';
import { type RunningServer, startProgram, startServer } from '../support/start-processes.js';

const SQLITE = testDatabaseKind() === 'sqlite';
/** An embedded database is for one node; two on one file happen only by mistake, or while one takes over. */
const NODES = SQLITE ? 2 : 3;
const ROUNDS = 5;
/** 15 s on a machine of its own; this one runs all of them at once, and other work beside them. */
const READY_WITHIN_MS = 30_000;
const OPERATOR = { CLINCH_ADMIN_CLIENT_ID: 'operators', CLINCH_ADMIN_CLIENT_SECRET: 'only-for-tests-0123456789' };

/** On SQLite the key is left to the servers: they have to agree on one file. */
function environment(database: TestDatabase): Record<string, string> {
  return {
    DATABASE_URL: database.url,
    CLINCH_LOG_LEVEL: 'info',
    ...OPERATOR,
    ...(SQLITE ? {} : { CLINCH_MASTER_KEY: NODES_MASTER_KEY }),
  };
}

async function withDatabase(action: (database: TestDatabase) => Promise<void>): Promise<void> {
  const database = await createDatabase();
  try {
    await action(database);
  } finally {
    await database.drop();
  }
}

/** All in the same tick; when one does not come up, none is left. */
async function startAll(count: number, env: Record<string, string>): Promise<RunningServer[]> {
  const starts = await Promise.allSettled(
    Array.from({ length: count }, () => startServer({ env, readyWithinMs: READY_WITHIN_MS })),
  );
  const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed === undefined) return servers;
  await stopAll(servers);
  throw failed.reason;
}

async function stopAll(servers: readonly RunningServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}

async function keysOf({ url }: RunningServer): Promise<{ keys: { kid: string }[] }> {
  return (await fetch(`${url}/oidc/jwks`)).json() as Promise<{ keys: { kid: string }[] }>;
}

async function clientCredentials({ url }: RunningServer): Promise<number> {
  const pair = `${OPERATOR.CLINCH_ADMIN_CLIENT_ID}:${OPERATOR.CLINCH_ADMIN_CLIENT_SECRET}`;
  const answer = await fetch(`${url}/oidc/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(pair)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'clinch:admin' }),
  });
  return answer.status;
}

/** What the start left behind, read past the servers. */
async function rowsOf(database: TestDatabase, sql: string): Promise<Record<string, unknown>[]> {
  const target = ClinchConfig.fromEnvironment({ DATABASE_URL: database.url, CLINCH_MASTER_KEY: NODES_MASTER_KEY });
  const dataSource = await openDataSource(dataSourceOptions(target.database));
  try {
    return await dataSource.query(sql);
  } finally {
    await dataSource.destroy();
  }
}

function keyFile(database: TestDatabase): string {
  return `${database.url.replace('sqlite:', '')}.master-key`;
}

describe(`${NODES} nodes started at once on an empty database`, () => {
  it.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
    'all are ready, and agree on one schema, one key for each algorithm and one operators’ client (round %i)',
    async () => {
      await withDatabase(async (database) => {
        const servers = await startAll(NODES, environment(database));
        try {
          const keySets = await Promise.all(servers.map(keysOf));
          expect(keySets[0]?.keys).toHaveLength(4);
          for (const keySet of keySets) expect(keySet).toEqual(keySets[0]);
          expect(await Promise.all(servers.map(clientCredentials))).toEqual(servers.map(() => 200));
          const applied = await rowsOf(database, 'SELECT name FROM migrations ORDER BY id');
          expect(applied.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name));
          expect(await rowsOf(database, 'SELECT kid FROM signing_keys')).toHaveLength(4);
          expect(await rowsOf(database, 'SELECT id FROM client_secrets')).toHaveLength(1);
          // ADMIN-15: whoever comes first makes it, and nobody a second one.
          expect(await rowsOf(database, 'SELECT client_id FROM clients')).toEqual([{ client_id: 'operators' }]);
          if (SQLITE) expect(statSync(keyFile(database)).mode & 0o777).toBe(0o600);
        } finally {
          await stopAll(servers);
        }
      });
    },
  );
});

describe('the master key at start', () => {
  /** Starts a server that must not come up, and gives what it said. */
  async function refusal(env: Record<string, string>): Promise<string> {
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const server = startProgram('dist/server/main.js', {
      CLINCH_ISSUER: url,
      CLINCH_DRAIN_SECONDS: '0',
      HOST: '127.0.0.1',
      PORT: port,
      ...env,
    });
    const { code, signal } = await server.exited;
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    return server.output();
  }

  it('another key stops the start, names both key ids, and makes no new signing key', async () => {
    await withDatabase(async (database) => {
      const env = environment(database);
      await stopAll([await startServer({ env })]);
      const sealed = await rowsOf(
        database,
        'SELECT kid, sealed_private_jwk FROM signing_keys ORDER BY created_at, kid',
      );
      const [, keyId = ''] = String(sealed[0]?.['sealed_private_jwk']).split('.');
      const wrong = randomBytes(32).toString('base64');
      const output = await refusal({ ...env, CLINCH_MASTER_KEY: wrong });
      expect(output).toContain(`encrypted under the master key ${keyId}, but the keys at hand are `);
      expect(output).toContain(String(sealed[0]?.['kid']));
      expect(output).not.toContain(wrong);
      expect(
        await rowsOf(database, 'SELECT kid, sealed_private_jwk FROM signing_keys ORDER BY created_at, kid'),
      ).toEqual(sealed);
      // The right key still opens everything.
      await stopAll([await startServer({ env })]);
    });
  });

  it('a new key before the old one reads what the old one wrote', async () => {
    await withDatabase(async (database) => {
      const env = environment(database);
      const first = await startServer({ env });
      const before = await keysOf(first);
      await first.stop();
      const old = SQLITE ? readFileSync(keyFile(database), 'utf8').trim() : NODES_MASTER_KEY;
      const rotated = `${randomBytes(32).toString('base64')},${old}`;
      const second = await startServer({ env: { ...env, CLINCH_MASTER_KEY: rotated } });
      expect(await keysOf(second)).toEqual(before);
      expect(await clientCredentials(second)).toBe(200);
      await second.stop();
    });
  });

  it.runIf(SQLITE)('a missing key file beside an existing database stops the start, and none is made', async () => {
    await withDatabase(async (database) => {
      const env = environment(database);
      await stopAll([await startServer({ env })]);
      rmSync(keyFile(database));
      const output = await refusal(env);
      expect(output).toContain(`its master key ${keyFile(database)} does not`);
      expect(output).toContain('CLINCH_MASTER_KEY');
      expect(existsSync(keyFile(database))).toBe(false);
    });
  });

  it.runIf(SQLITE)('the key file is readable by its owner only, whatever the umask', async () => {
    await withDatabase(async (database) => {
      const before = process.umask(0);
      try {
        await stopAll([await startServer({ env: environment(database) })]);
      } finally {
        process.umask(before);
      }
      expect(statSync(keyFile(database)).mode & 0o777).toBe(0o600);
      chmodSync(keyFile(database), 0o400);
      await stopAll([await startServer({ env: environment(database) })]);
    });
  });

  it.skipIf(SQLITE)(
    'a server database without a master key stops the start and says which variable it lacks',
    async () => {
      await withDatabase(async (database) => {
        const output = await refusal({ DATABASE_URL: database.url });
        expect(output).toContain('CLINCH_MASTER_KEY is required with a server database');
      });
    },
  );
});
