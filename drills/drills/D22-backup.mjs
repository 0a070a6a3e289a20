// A backup that is taken under load, and an installation that is started from it: what still holds, and what counts again.
import { createRequire } from 'node:module';
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { basicOf } from '../../bench/lib/virtual-user.mjs';
import { Client } from '../lib/client.mjs';
import { atMost, exactly, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { MixedLoad } from '../lib/mixed-load.mjs';

const LOAD_S = 15;

/** By pg_dump, into a second database of the same server. */
async function throughPgDump(drill, { postgres }) {
  const folder = join(drill.folder, 'backup');
  mkdirSync(folder);
  if (process.getuid?.() === 0)
    chownSync(folder, Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' })), 0);
  const file = join(folder, 'clinch.dump');
  await postgres.program('pg_dump', ['-Fc', '-f', file, '-d', postgres.url()]);
  return {
    text: () => execText(postgres, file),
    async restore() {
      await postgres.createDatabase('restored');
      await postgres.program('pg_restore', ['--exit-on-error', '-d', postgres.url('restored'), file]);
      return postgres.url('restored');
    },
  };
}

const execText = (postgres, file) => postgres.program('pg_restore', ['-f', '-', file]);

/** By SQLite's own online backup, from another process's connection. */
async function throughSqlite(drill) {
  const Database = createRequire(import.meta.url)('better-sqlite3');
  const source = new Database(join(drill.folder, 'clinch.db'), { readonly: true });
  const file = join(drill.folder, 'backup.db');
  await source.backup(file);
  source.close();
  return { text: async () => readFileSync(file, 'latin1'), restore: async () => `sqlite:${file}` };
}

/** What was answered so far, as it stands at this moment. */
const copied = (chains) =>
  chains
    .filter(({ accessTokens, revoked, unsure }) => accessTokens.length > 0 && !revoked && !unsure)
    .map((chain) => ({
      ...chain,
      accessTokens: [...chain.accessTokens],
      refreshTokens: [...chain.refreshTokens],
      live: chain,
    }));

/** What of all that was answered before and after the backup the restored server takes. */
async function tryAll(installation, before) {
  const client = new Client(installation.issuer, undefined, 4);
  const found = { tokens: 0, lost: 0, codes: 0, rooted: 0, rootedAlive: 0, newer: 0, newerAlive: 0, twoLeaves: 0 };
  for (const { app, code, verifier, accessTokens, refreshTokens, live } of before) {
    const basic = basicOf(installation.seed.apps[app]);
    for (const token of accessTokens) {
      found.tokens++;
      const { json } = await client.post('/oidc/introspect', basic, { token });
      if (json.active !== true) found.lost++;
    }
    const newest = live.refreshTokens.at(-1);
    const refresh = async (token) =>
      (await client.post('/oidc/token', basic, { grant_type: 'refresh_token', refresh_token: token })).status === 200;
    if (newest === refreshTokens.at(-1)) continue;
    // Rotated after the backup: there the token of then is the newest again.
    found.rooted++;
    const old = await refresh(refreshTokens.at(-1));
    found.newer++;
    const later = await refresh(newest);
    if (old) found.rootedAlive++;
    if (later) found.newerAlive++;
    if (old && later) found.twoLeaves++;
    const form = {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: 'https://app.example/cb',
    };
    if ((await client.post('/oidc/token', basic, form)).status === 200) found.codes++;
  }
  await client.close();
  return found;
}

async function onDatabase(drill, database) {
  const installation = await Installation.start(drill, { database });
  const [node] = installation.nodes;
  const load = new MixedLoad(drill, installation);
  await load.start();
  await sleep(drill.seconds(LOAD_S) * 1000);
  const before = copied(load.journal.chains);
  const begun = Date.now();
  const backup = database === 'pg' ? await throughPgDump(drill, installation) : await throughSqlite(drill);
  drill.figure(`${database}: the backup took`, (Date.now() - begun) / 1000, told(), 's');
  await sleep(drill.seconds(LOAD_S) * 1000);
  await load.stop();
  drill.figure(`${database}: requests that failed during it`, load.errors().length, exactly(0));
  const text = await backup.text();
  const secrets = [
    node.env.CLINCH_MASTER_KEY,
    node.env.CLINCH_ADMIN_CLIENT_SECRET,
    ...installation.seed.people.map(({ password }) => password),
    ...Object.values(installation.seed.apps).map(({ secret }) => secret),
    ...before.flatMap(({ refreshTokens }) => refreshTokens),
  ];
  drill.figure(
    `${database}: secrets in the clear in it`,
    secrets.filter((secret) => text.includes(secret)).length,
    exactly(0),
  );
  drill.figure(
    `${database}: private keys in the clear in it`,
    /"d":"[\w-]{20,}"|PRIVATE KEY/.test(text),
    exactly(false),
  );

  // Codes that were spent after the backup are unspent in it; they die of their age, 60 s.
  await sleep(62_000);
  await node.stop();
  const restoring = Date.now();
  node.env = { ...node.env, DATABASE_URL: await backup.restore() };
  await node.start();
  drill.figure(`${database}: restored and ready after`, (Date.now() - restoring) / 1000, atMost(300), 's');
  const found = await tryAll(installation, before);
  drill.figure(`${database}: access tokens from before the backup`, found.tokens, told());
  drill.figure(`${database}: of them lost`, found.lost, exactly(0));
  drill.figure(`${database}: spent codes that are taken again`, found.codes, exactly(0));
  drill.figure(`${database}: families that were rotated after the backup`, found.rooted, told());
  drill.figure(`${database}: whose token of then is taken once more`, found.rootedAlive, told());
  drill.figure(`${database}: whose later token is taken as well: two leaves`, found.twoLeaves, exactly(0));
  await node.stop();
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D22',
  title: 'Backup under load, and a start from it',
  minutes: '5',
  async run(drill) {
    for (const database of ['pg', 'sqlite']) {
      if ((drill.wantedDatabase ?? database) === database) await onDatabase(drill, database);
    }
  },
};
