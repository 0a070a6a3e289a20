// A drill that is a program of the bench already: its exit code is the verdict, its last lines are the note.
import { join } from 'node:path';
import { root } from '../../scripts/processes.mjs';
import { exactly } from './drill.mjs';
import { startProcess, tail } from './processes.mjs';

/**
 * @param {import('./drill.mjs').Drill} drill
 * @param {string} program in `bench/`
 * @param {string[]} args
 */
export async function runBenchProgram(drill, program, args) {
  const log = join(drill.folder, `${program}.log`);
  const child = startProcess(process.execPath, [join('bench', program), ...args], { cwd: root, log });
  drill.onEnd(() => child.stop());
  const { code } = await child.exited;
  drill.figure(`node bench/${program} ${args.join(' ')}: exit code`, code, exactly(0));
  for (const line of tail(log, 20).split('\n'))
    if (/aim|grace|missed|met/.test(line)) drill.note(line.replace(/^[-| ]+/, ''));
  if (code !== 0) drill.note(tail(log, 5));
}
