// SQLite on a disk of 64 MB that fills up under load: reads go on, writes are told to come again, nothing needs a restart.
import { execFile } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { conclude, firstSuccess } from '../lib/conclude.mjs';
import { atLeast, atMost, exactly, NotRun, told } from '../lib/drill.mjs';
import { Installation, statusOf } from '../lib/installation.mjs';
import { MixedLoad } from '../lib/mixed-load.mjs';

const run = promisify(execFile);
const SIZE_MB = 64;
const FULL_S = 15;

async function mountSmallDisk(drill) {
  const folder = join(drill.folder, 'disk');
  mkdirSync(folder);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m,mode=0700`, 'clinch-drill', folder]);
  } catch (error) {
    throw new NotRun(`a small disk could not be mounted, which takes root: ${error.stderr ?? error.message}`);
  }
  drill.onEnd(() => run('umount', [folder]));
  return folder;
}

/** Fills the disk to the last byte. @returns {() => void} that makes room again */
function fill(folder) {
  const ballast = join(folder, 'ballast');
  const file = openSync(ballast, 'w');
  const block = Buffer.alloc(4096, 1);
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
  }
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return () => rmSync(ballast);
}

/** What can still be read is asked for. */
async function reads(issuer) {
  const paths = ['/oidc/jwks', '/.well-known/openid-configuration', '/livez'];
  return Promise.all(paths.map((path) => statusOf(issuer + path)));
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D09',
  title: 'SQLite on a full disk',
  minutes: '1',
  async run(drill) {
    const folder = await mountSmallDisk(drill);
    const installation = await Installation.start(drill, { database: 'sqlite', folder });
    const [node] = installation.nodes;
    const load = new MixedLoad(drill, installation);
    await load.start();
    await sleep(drill.seconds(10, 2) * 1000);

    const token = load.journal.chains.find(({ accessTokens }) => accessTokens.length > 0)?.accessTokens[0];
    const makeRoom = fill(folder);
    const filledAt = Date.now();
    const bad = { reads: 0, introspections: 0 };
    while (Date.now() < filledAt + drill.seconds(FULL_S, 2) * 1000) {
      bad.reads += (await reads(installation.issuer)).filter((status) => status !== 200).length;
      const bearer = { headers: { authorization: `Bearer ${token}` } };
      const userinfo = await fetch(`${installation.issuer}/oidc/userinfo`, bearer);
      await userinfo.arrayBuffer();
      if (userinfo.status !== 200) bad.introspections++;
      await sleep(200);
    }
    const refused = load.errors(filledAt);
    const roomAt = Date.now();
    makeRoom();
    const recovered = await firstSuccess(load, roomAt, /\/oidc\/token/);
    await sleep(drill.seconds(10, 2) * 1000);

    const other = refused.filter(({ status }) => status !== 503).length;
    drill.figure('writes that were told to come again (503)', refused.length - other, atLeast(1));
    drill.figure('errors other than 503 while full', other, exactly(0));
    drill.figure(
      '503 without Retry-After',
      refused.filter(({ status, retryAfter }) => status === 503 && !retryAfter).length,
      exactly(0),
    );
    drill.figure('reads that failed while full (JWKS, discovery, /livez)', bad.reads, exactly(0));
    drill.figure('userinfo that failed while full', bad.introspections, exactly(0));
    drill.figure('first good answer after there was room', recovered, atMost(2), 's');
    drill.figure('the process lives, without a restart', node.alive, exactly(true));
    await conclude(drill, installation, load, { faultsLogged: true });
    await node.stop();
    const Database = createRequire(import.meta.url)('better-sqlite3');
    const database = new Database(join(folder, 'clinch.db'), { readonly: true });
    drill.figure('PRAGMA integrity_check', database.pragma('integrity_check', { simple: true }), exactly('ok'));
    drill.figure('signing keys', database.prepare('SELECT COUNT(*) AS n FROM signing_keys').get().n, told());
    database.close();
  },
};
