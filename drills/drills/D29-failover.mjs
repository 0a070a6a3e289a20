// A real failover: the primary is killed, its standby promoted, and haproxy moves the address. Every commit has waited for
// the standby to apply it (synchronous_commit=remote_apply), so nothing that was acknowledged may be missing there.
import { setTimeout as sleep } from 'node:timers/promises';
import { answersWithin, conclude, firstSuccess } from '../lib/conclude.mjs';
import { atMost, exactly, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { MixedLoad } from '../lib/mixed-load.mjs';

const BEFORE_S = 20;
const AFTER_S = 20;

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D29',
  title: 'Failover: primary killed, standby promoted, address moved',
  minutes: '2',
  async run(drill) {
    const settings = { wal_level: 'replica', max_wal_senders: 5, hot_standby: 'on' };
    const installation = await Installation.start(drill, { nodes: 2, proxy: true, databaseProxy: true, settings });
    const { postgres: primary, databaseProxy } = installation;
    const standby = await primary.standby(drill, 'standby');
    // From here on: before that there was nobody to wait for.
    await primary.query(`ALTER SYSTEM SET synchronous_standby_names = 'standby'`, 'postgres');
    await primary.query(`ALTER SYSTEM SET synchronous_commit = 'remote_apply'`, 'postgres');
    await primary.query('SELECT pg_reload_conf()', 'postgres');
    await sleep(1_000);
    const [{ sync_state: state }] = await primary.query('SELECT sync_state FROM pg_stat_replication', 'postgres');
    drill.figure('the standby is', state, exactly('sync'));

    const load = new MixedLoad(drill, installation);
    await load.start();
    await sleep(drill.seconds(BEFORE_S, 2) * 1000);
    const killedAt = Date.now();
    await primary.kill();
    await sleep(2_000);
    await standby.promote();
    await databaseProxy.moveTo(standby.port);
    const movedAt = Date.now();
    const recovered = await firstSuccess(load, movedAt);
    await sleep(drill.seconds(AFTER_S, 2) * 1000);
    installation.postgres = standby;

    const within = answersWithin(load, killedAt, movedAt + recovered * 1000);
    drill.figure('without a database for', (movedAt - killedAt) / 1000, told(), 's');
    drill.figure('first good answer after the address had moved', recovered, atMost(2), 's');
    drill.figure('answers meanwhile', within.all, told());
    drill.figure('errors other than 503', within.otherErrors, exactly(0));
    drill.figure('503 without Retry-After', within.notWithRetryAfter, exactly(0));
    drill.figure('slowest answer', within.slowest, atMost(6), 's');
    drill.figure('nodes alive', installation.nodes.filter(({ alive }) => alive).length, exactly(2));
    await conclude(drill, installation, load, { faultsLogged: true });
  },
};
