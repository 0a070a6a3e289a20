import { existsSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createApp } from '../../src/app.setup.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { runCommand } from '../../src/cli/run-command.js';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import { createDatabase, testDatabaseKind } from '../support/postgres.js';
import { TEST_MASTER_KEY } from '../support/another-node.js';

const SQLITE = testDatabaseKind() === 'sqlite';

it('`migrate` prepares a database that is not there yet, and the server starts on it', async () => {
  const database = await createDatabase();
  try {
    const environment = {
      DATABASE_URL: database.url,
      CLINCH_LOG_LEVEL: 'silent',
      ...(SQLITE ? {} : { CLINCH_MASTER_KEY: TEST_MASTER_KEY }),
    };
    let said = '';
    const streams = { out: (text: string) => void (said += text), err: (text: string) => void (said += text) };
    const migrate = () => runCommand(COMMANDS, ['migrate'], environment, streams, new AbortController().signal);
    const code = await migrate();
    expect({ code, said }).toEqual({ code: 0, said: 'The schema is up to date.\n' });
    expect(await migrate()).toBe(0);
    const keyFile = `${database.url.replace('sqlite:', '')}.master-key`;
    expect(existsSync(keyFile)).toBe(SQLITE);
    if (SQLITE) expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const app = await createApp(ClinchConfig.fromEnvironment(environment));
    await app.listen(0, '127.0.0.1');
    await app.close();
  } finally {
    await database.drop();
  }
});
