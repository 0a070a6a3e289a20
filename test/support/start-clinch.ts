import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from '../../src/app.setup.js';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import { createDatabase, freePort, type TestDatabase } from './postgres.js';

const ATTEMPTS = 3;

/** The operators' client of every server that tests start. */
export const OPERATOR = { id: 'test-operators', secret: 'only-for-tests-0123456789' };

/** A server in this process, on a port and a database of its own. */
export interface TestClinch {
  /** The issuer, and the address of everything. */
  readonly url: string;
  readonly app: NestExpressApplication;
  /** As another node would be given it. */
  readonly databaseUrl: string;
  /** An access token for the admin API. */
  adminToken(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts Clinch as `main.ts` does, on the database that the run is for.
 *
 * @param environment more variables, as an operator would set them; `CLINCH_ISSUER` may hold `{port}`
 */
export async function startClinch(environment: Readonly<Record<string, string>> = {}): Promise<TestClinch> {
  const database = await createDatabase();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOn(database, environment);
    } catch (error) {
      // Between finding a port and listening on it, somebody else may have taken it, be it for a connection that leaves.
      if (!String(error).includes('EADDRINUSE') || attempt === ATTEMPTS) throw error;
    }
  }
}

async function startOn(database: TestDatabase, environment: Readonly<Record<string, string>>): Promise<TestClinch> {
  const port = await freePort();
  const issuer = environment['CLINCH_ISSUER']?.replace('{port}', String(port)) ?? `http://localhost:${port}`;
  const config = ClinchConfig.fromEnvironment({
    CLINCH_MASTER_KEY: 'dGVzdHMgb25seTogbm90IGEgc2VjcmV0IGF0IGFsbCE=',
    CLINCH_LOG_LEVEL: process.env['CLINCH_TEST_LOG_LEVEL'] ?? 'silent',
    CLINCH_ADMIN_CLIENT_ID: OPERATOR.id,
    CLINCH_ADMIN_CLIENT_SECRET: OPERATOR.secret,
    ...environment,
    CLINCH_ISSUER: issuer,
    DATABASE_URL: database.url,
    HOST: '127.0.0.1',
    PORT: String(port),
  });
  const app = await createApp(config);
  await app.listen(port, '127.0.0.1').catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  const url = `http://localhost:${port}${config.basePath}`;
  return {
    url,
    app,
    databaseUrl: database.url,
    adminToken: () => adminToken(url),
    stop: async () => {
      app.getHttpServer().closeAllConnections();
      await app.close();
      await database.drop();
    },
  };
}

async function adminToken(url: string): Promise<string> {
  const response = await fetch(`${url}/oidc/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${OPERATOR.id}:${OPERATOR.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'clinch:admin' }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}
