import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { fileURLToPath } from 'node:url';
import { ClinchConfig } from './src/config/clinch-config.js';
import { dataSourceOptions } from './src/database/data-source.js';

/**
 * For TypeORM's command line: `npm run build && npm run typeorm -- migration:show`. The server does not use this file;
 * it gathers its entities from the rooms, here they are found by name.
 */
const { database } = ClinchConfig.fromEnvironment(process.env);

export default new DataSource({
  ...dataSourceOptions(database, 'migrations'),
  entities: [fileURLToPath(new URL('./src/**/*.entity.js', import.meta.url))],
});
