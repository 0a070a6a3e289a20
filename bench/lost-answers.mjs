#!/usr/bin/env node
// The drill: a proxy throws away 5 % of the answers to apps that refresh, and the apps try again with the same token.
// Nobody may be signed out by that while an app has its grace (`refresh_token_grace`). Exit code 1: somebody was;
// 2: the drill could not be done.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLosingProxy } from './lib/losing-proxy.mjs';
import { missingFrom } from './lib/offered.mjs';
import { freePort } from './lib/ports.mjs';
import { close } from './lib/processes.mjs';
import { RefreshingClient } from './lib/refreshing-client.mjs';
import { startServer } from './lib/servers.mjs';
import { APPS } from './lib/settings.mjs';
import { makeUsers, makeWorld } from './lib/world.mjs';
import { clinch } from './targets/clinch.mjs';

const SHARE = 0.05;
const USAGE = 'node bench/lost-answers.mjs [--clients 16] [--refreshes 2000]';

/**
 * So many refreshes in all, by all clients at once. Who is signed out signs in again and goes on.
 * @param {import('./lib/virtual-user.mjs').World} world
 * @param {string} app
 * @param {number} refreshes
 */
async function drill(world, app, refreshes) {
  const proxy = await startLosingProxy(world.issuer, SHARE);
  const users = makeUsers(world);
  const clients = users.map((user) => new RefreshingClient(user, app, proxy.port));
  let begun = 0;
  let signedOut = 0;
  const keepRefreshing = async (client) => {
    await client.signIn();
    while (begun++ < refreshes) {
      if (await client.refresh()) continue;
      signedOut++;
      await client.signIn();
    }
  };
  try {
    await Promise.all(clients.map(keepRefreshing));
  } finally {
    proxy.close();
    for (const user of users) user.connection.close();
  }
  return { lost: proxy.lost(), signedOut };
}

/** @param {string} folder */
async function startClinch(folder) {
  const target = clinch('clinch-sqlite', 'sqlite');
  const reason = target.unavailable();
  if (reason) throw new Error(reason);
  const launch = await target.prepare({ folder, port: await freePort() });
  await startServer({ target, launch, log: join(folder, 'server.log') }, target.readyPath);
  const seed = await target.seed(launch.issuer);
  if (!seed.apps.refresh.refused) {
    seed.apps.strict = await target.addApp(launch.issuer, 'strict', APPS.refresh, { refresh_token_grace: 0 });
  }
  return { issuer: launch.issuer, seed };
}

/** @returns {Promise<number>} exit code */
async function main({ clients, refreshes }, folder) {
  const world = await makeWorld({ ...(await startClinch(folder)), users: clients });
  for (const app of ['refresh', 'strict']) {
    const missing = missingFrom({ app: 'refresh', grant: 'refresh_token' }, world) ?? world.seed.apps[app].refused;
    if (missing) throw new Error(`this server cannot be put through it: ${missing}`);
  }
  const tell = (grace, { lost, signedOut }) =>
    console.log(`grace ${grace} s: ${refreshes} refreshes, ${lost} answers thrown away, ${signedOut} signed out`);
  const usual = await drill(world, 'refresh', refreshes);
  tell(10, usual);
  tell(0, await drill(world, 'strict', refreshes));
  return usual.signedOut > 0 ? 1 : 0;
}

const { values } = parseArgs({ options: { clients: { type: 'string' }, refreshes: { type: 'string' } } });
const options = { clients: Number(values.clients ?? 16), refreshes: Number(values.refreshes ?? 2000) };
if (!(options.clients >= 1 && options.clients <= 64 && options.refreshes >= 1)) {
  console.error(USAGE);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'clinch-drill-'));
const cleanUp = async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
}
try {
  process.exitCode = await main(options, folder);
} catch (error) {
  console.error(`lost-answers: ${error.message}`);
  process.exitCode = 2;
} finally {
  await cleanUp();
}
