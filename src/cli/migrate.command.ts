import { migrate } from '../database/migrate.js';
import { loadMasterKeys } from '../keyring/master-key-file.js';
import type { Command } from './command.js';
import { UsageError } from './command.js';

/** The server does the same when it starts; by itself it is for a step before the nodes of a new version start. */
export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'brings the schema of the database up to date, and ends',
  help: [
    'Brings the schema of DATABASE_URL up to date: all migrations that it lacks, in one transaction, under a lock that',
    'lets one process do it at a time. Does nothing where there is nothing to do. Beside an embedded database that is not',
    'there yet it makes the master key file too, as the server does at its first start.',
  ].join('\n'),
  run: async (args, { config, say }) => {
    if (args.length > 0) throw new UsageError('migrate takes no arguments');
    const settings = config();
    // As the server does it: a database that is there without its key file is taken for one whose key was lost.
    loadMasterKeys(settings);
    await migrate(settings.database);
    say('The schema is up to date.');
    return 0;
  },
};
