// A million rows fall due at once beside live ones, while tokens are asked for.
import { runBenchProgram } from '../lib/bench-program.mjs';

const EXPIRED = 1_000_000;
const LIVE = 100_000;
const NODES = '2';

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D21',
  title: 'A million rows past their time',
  minutes: '6',
  async run(drill) {
    const counts = ['--expired', String(drill.count(EXPIRED)), '--live', String(drill.count(LIVE))];
    const lead = ['--lead', String(Math.round(drill.seconds(120, 60)))];
    const database = drill.wantedDatabase ?? 'pg';
    await runBenchProgram(drill, 'purge.mjs', [
      '--database',
      database,
      '--nodes',
      database === 'pg' ? NODES : '1',
      ...counts,
      ...lead,
    ]);
  },
};
