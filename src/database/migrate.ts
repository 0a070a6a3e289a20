import type { DatabaseTarget } from '../config/clinch-config.js';
import { dataSourceOptions, openDataSource } from './data-source.js';
import { withStartLock } from './start-lock.js';

/**
 * Brings the schema up to date, all pending migrations in one transaction, under the start lock. A connection of its
 * own, because a migration may take longer than any request.
 */
export async function migrate(target: DatabaseTarget): Promise<void> {
  await withStartLock(target, async () => {
    const dataSource = await openDataSource(dataSourceOptions(target, 'migrations'));
    try {
      await dataSource.runMigrations();
    } finally {
      await dataSource.destroy();
    }
  });
}
