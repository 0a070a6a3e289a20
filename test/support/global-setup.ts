import type { TestProject } from 'vitest/node';
import { startPostgresCluster, testDatabaseKind } from './postgres.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The throw-away cluster's superuser, on its `postgres` database; null when the tests run on SQLite. */
    postgresAdminUrl: string | null;
  }
}

/**
 * Before all tests of a run: starts one PostgreSQL cluster if CLINCH_TEST_DATABASE=postgres. Gives the function that ends
 * it. Throws when PostgreSQL cannot be found or started, or the variable holds something else.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (testDatabaseKind() === 'sqlite') {
    project.provide('postgresAdminUrl', null);
    return async () => undefined;
  }
  const cluster = await startPostgresCluster();
  project.provide('postgresAdminUrl', cluster.adminUrl);
  return () => cluster.stop();
}
