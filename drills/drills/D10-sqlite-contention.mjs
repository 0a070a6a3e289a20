// Somebody else holds the lock of the SQLite file for ten seconds, under load.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answersWithin, conclude, firstSuccess } from '../lib/conclude.mjs';
import { atLeast, atMost, exactly } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { MixedLoad } from '../lib/mixed-load.mjs';

const HELD_S = 10;

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D10',
  title: 'SQLite locked by somebody else',
  minutes: '1',
  async run(drill) {
    const installation = await Installation.start(drill, { database: 'sqlite' });
    const load = new MixedLoad(drill, installation, { actors: 40, pauseMs: 50 });
    await load.start();
    await sleep(5_000);
    const Database = createRequire(import.meta.url)('better-sqlite3');
    const other = new Database(join(drill.folder, 'clinch.db'), { timeout: 10_000 });
    other.exec('BEGIN IMMEDIATE');
    const begun = Date.now();
    await sleep(HELD_S * 1000);
    other.exec('ROLLBACK');
    const released = Date.now();
    other.close();
    const recovered = await firstSuccess(load, released, /\/oidc\/token/);
    const within = answersWithin(load, begun, released);
    const told = load.errors(begun, released).filter(({ status }) => status === 503).length;
    drill.figure('writes that were told to come again (503)', told, atLeast(1));
    drill.figure('errors other than 503', within.otherErrors, exactly(0));
    drill.figure('503 without Retry-After', within.notWithRetryAfter, exactly(0));
    drill.figure('requests without an answer', within.noAnswer, exactly(0));
    drill.figure('slowest answer', within.slowest, atMost(6), 's');
    drill.figure('first token after the lock was gone', recovered, atMost(2), 's');
    await sleep(3_000);
    await conclude(drill, installation, load, { faultsLogged: true });
    const log = installation.logs();
    drill.figure('transactions within a transaction', log.split('within a transaction').length - 1, exactly(0));
  },
};
