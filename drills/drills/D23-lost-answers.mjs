// Apps refresh through a proxy that throws 5 % of the answers away, and try again with the token that they have.
import { runBenchProgram } from '../lib/bench-program.mjs';

// More would sign in at once than the queue of passwords takes.
const CLIENTS = '16';
const REFRESHES = 20_000;

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D23',
  title: 'Answers to refreshes get lost',
  minutes: '4',
  run: (drill) =>
    runBenchProgram(drill, 'lost-answers.mjs', ['--clients', CLIENTS, '--refreshes', String(drill.count(REFRESHES))]),
};
