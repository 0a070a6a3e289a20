import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabaseKind } from '../support/postgres.js';
import { startProgram } from '../support/start-processes.js';

const SQLITE = testDatabaseKind() === 'sqlite';
const IN_CI = !['', '0', 'false'].includes((process.env.CI ?? '').toLowerCase());
/** The shortest that the drills go: a second or two for each of their phases. */
const SCALE = '0.02';
/** On a machine of its own D09 takes under 30 s and D29 under 60 s; others work here as well. */
const WITHIN_MS = 400_000;
/** Figures that other work on the machine makes worse, and that no rule of ours hangs on. */
const TIMING = /first |slowest|longest|p99|time of/;

interface Result {
  readonly state: 'passed' | 'failed' | 'not run';
  readonly figures: readonly { name: string; value: unknown; aim: string; met: boolean }[];
  readonly notes: readonly string[];
}

/** The short ones of `npm run drills`, as the command runs them; the others take longer than a test may. */
describe('drills at a small scale', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'clinch-drills-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(id: string): Promise<Result> {
    const out = join(folder, `${id}.json`);
    const drill = startProgram('drills/run.mjs', {}, [id, '--scale', SCALE, '--out', out]);
    await drill.exited;
    const { results } = JSON.parse(readFileSync(out, 'utf8')) as { results: Result[] };
    const [result] = results;
    if (result === undefined) throw new Error(drill.output());
    return result;
  }

  const missed = ({ figures }: Result) => figures.filter(({ met, name }) => !met && !TIMING.test(name));

  async function expectMet(id: string, skip: (note?: string) => void): Promise<void> {
    const result = await run(id);
    // A hole in the proof: named on a developer's machine, a failure where the run decides about a change.
    if (result.state === 'not run' && !IN_CI) return skip(result.notes.at(-1));
    expect([result.state, result.notes]).not.toEqual(['not run', expect.anything()]);
    expect(result.notes.filter((note) => note.startsWith('broke off'))).toEqual([]);
    expect(result.figures.length).toBeGreaterThan(5);
    expect(missed(result)).toEqual([]);
  }

  it.runIf(SQLITE)(
    'D09 a full disk: reads go on, writes are told to come again, nothing is lost',
    async ({ skip }) => {
      await expectMet('D09', skip);
    },
    WITHIN_MS,
  );

  it.skipIf(SQLITE)(
    'D29 a failover to a standby loses nothing that was acknowledged',
    async ({ skip }) => {
      await expectMet('D29', skip);
    },
    WITHIN_MS,
  );
});
