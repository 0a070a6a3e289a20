import { randomBytes } from 'node:crypto';
import { createApp } from '../../src/app.setup.js';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import type { TestClinch } from './start-clinch.js';

/** The master key of servers that run as processes on a seeded database. */
export const NODES_MASTER_KEY = randomBytes(32).toString('base64');

/**
 * Puts apps and people into a database before servers run on it. Migrates it, but makes no signing key: that is the
 * servers' own work.
 */
export async function seed<T>(databaseUrl: string, plant: (clinch: Pick<TestClinch, 'app'>) => Promise<T>): Promise<T> {
  const config = ClinchConfig.fromEnvironment({
    DATABASE_URL: databaseUrl,
    CLINCH_MASTER_KEY: NODES_MASTER_KEY,
    CLINCH_LOG_LEVEL: 'silent',
  });
  const app = await createApp(config);
  try {
    return await plant({ app });
  } finally {
    await app.close();
  }
}
