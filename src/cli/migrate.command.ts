import { migrate } from '../database/migrate.js';
import type { Command } from './command.js';
import { UsageError } from './command.js';

/** The server does the same when it starts; by itself it is for a step before the nodes of a new version start. */
export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'brings the schema of the database up to date, and ends',
  help: [
    'Brings the schema of DATABASE_URL up to date: all migrations that it lacks, in one transaction, under a lock that',
    'lets one process do it at a time. Does nothing where there is nothing to do.',
  ].join('\n'),
  run: async (args, { config, say }) => {
    if (args.length > 0) throw new UsageError('migrate takes no arguments');
    await migrate(config().database);
    say('The schema is up to date.');
    return 0;
  },
};
