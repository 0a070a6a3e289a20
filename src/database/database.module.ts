import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import { ClinchConfig } from '../config/clinch-config.js';
import { Keyring } from '../keyring/keyring.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { Database } from './database.js';
import { DatabaseFigures } from './database-figures.js';
import { dataSourceOptions, openDataSource } from './data-source.js';
import { LeaseEntity } from './lease.entity.js';
import { Leases } from './leases.js';
import { migrate } from './migrate.js';
import { RetainedTables } from './retained-tables.js';

/**
 * Owns the connection and the schema's history: which SQLite, which settings, turns between requests, migrations
 * under a lock. Hands on TypeORM's repositories, `Database`, the prepared statements of the hot path, and
 * `RetainedTables`, what the rooms declare about how long rows are kept, and `Leases`, for what one node does at a time.
 * Entities live in their rooms.
 */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      imports: [KeyringModule],
      // The keyring comes first: the key file must be there before the database file is.
      inject: [ClinchConfig, Keyring],
      useFactory: (config: ClinchConfig) => ({
        ...dataSourceOptions(config.database),
        autoLoadEntities: true,
        retryAttempts: 0,
        manualInitialization: true,
      }),
      dataSourceFactory: openMigrated,
    }),
    TypeOrmModule.forFeature([LeaseEntity]),
  ],
  providers: [Database, DatabaseFigures, RetainedTables, Leases],
  exports: [Database, RetainedTables, Leases],
})
@Global()
export class DatabaseModule {}

async function openMigrated(options?: DataSourceOptions) {
  if (options === undefined) throw new Error('the data source has no options');
  if (options.type === 'better-sqlite3') await migrate({ kind: 'sqlite', path: options.database });
  else if (options.type === 'postgres') await migrate({ kind: 'postgres', url: options.url ?? '' });
  return openDataSource(options);
}
