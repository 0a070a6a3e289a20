// 50,000 people are read from the directory; syncs are killed, an empty list and poisoned people come.
import { runBenchProgram } from '../lib/bench-program.mjs';
import { runTestFiles } from '../lib/test-file.mjs';

const PEOPLE = 50_000;
const DEPARTMENTS = 2_000;

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D13',
  title: 'A large directory, a killed sync, poisoned people',
  minutes: '8',
  async run(drill) {
    const sizes = ['--people', String(drill.count(PEOPLE, 500)), '--departments', String(drill.count(DEPARTMENTS, 20))];
    await runBenchProgram(drill, 'sync.mjs', ['--database', drill.wantedDatabase ?? 'pg', ...sizes]);
    await runTestFiles(drill, 'nodes', ['test/nodes/directory-sync.nodes-spec.ts']);
    await runTestFiles(drill, 'flows', ['test/e2e/directory-sync-safety.e2e-spec.ts']);
  },
};
