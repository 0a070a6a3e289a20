// A drill that is a test already: the same file, on the database that it needs.
import { join } from 'node:path';
import { root } from '../../scripts/processes.mjs';
import { atLeast, exactly } from './drill.mjs';
import { startProcess, tail } from './processes.mjs';

const VITEST = join('node_modules', 'vitest', 'vitest.mjs');

/**
 * @param {import('./drill.mjs').Drill} drill
 * @param {string} project of vitest.config.ts
 * @param {string[]} files
 * @param {'sqlite' | 'postgres'} [database]
 */
export async function runTestFiles(drill, project, files, database = 'sqlite') {
  const log = join(drill.folder, `tests-${project}-${database}.log`);
  const child = startProcess(process.execPath, [VITEST, 'run', '--project', project, ...files], {
    cwd: root,
    env: { CLINCH_TEST_DATABASE: database, NODE_ENV: 'test', NO_COLOR: '1', CI: '1' },
    log,
  });
  drill.onEnd(() => child.stop());
  const { code } = await child.exited;
  const counts = /Tests\s+(?:(\d+) failed \| )?(\d+) passed/.exec(tail(log, 30));
  drill.note(files.join(', '));
  drill.figure(`tests that passed, on ${database}`, Number(counts?.[2] ?? 0), atLeast(1));
  drill.figure(`tests that failed, on ${database}`, Number(counts?.[1] ?? 0), exactly(0));
  drill.figure('exit code', code, exactly(0));
  if (code !== 0) drill.note(tail(log, 15));
}
