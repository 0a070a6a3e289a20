import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { aCli, DEVICE_CODE_GRANT } from '../../support/device.js';
import type { TestClinch } from '../../support/start-clinch.js';
import { startProgram, type RunningProcess } from '../../support/start-processes.js';

const SHOWN_WITHIN_MS = 20_000;

/** The demo's sample command line: a public client without a browser that knows only its issuer. */
export interface SampleCli {
  readonly name: string;
  /** Starts it with these arguments, in a terminal of its own. */
  run(...args: string[]): RunningProcess;
  /** Starts a sign-in and waits until it shows its code. */
  signIn(): Promise<ShownCodes & { program: RunningProcess }>;
  /** Ends what still runs, and forgets who was signed in. */
  close(): Promise<void>;
}

/** What stands on its screen. */
export interface ShownCodes {
  readonly address: string;
  readonly code: string;
  readonly both: string;
}

/** Registers the app; the built program is started once for each run. */
export async function aSampleCli(clinch: TestClinch): Promise<SampleCli> {
  const folder = mkdtempSync(join(tmpdir(), 'clinch-cli-'));
  const name = 'Sample command line';
  const { clientId } = await aCli(clinch, {
    clientName: name,
    grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
    scope: 'openid profile email offline_access',
  });
  const env = { ISSUER: clinch.url, CLIENT_ID: clientId, CLINCH_SAMPLE_TOKENS: join(folder, 'tokens.json') };
  const programs: RunningProcess[] = [];
  const run = (...args: string[]) => {
    const program = startProgram('dist/src/demo/sample-cli.js', env, args);
    programs.push(program);
    return program;
  };
  return {
    name,
    run,
    async signIn() {
      const program = run();
      return { program, ...(await shownBy(program)) };
    },
    async close() {
      await Promise.all(programs.map((program) => program.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function shownBy(program: RunningProcess): Promise<ShownCodes> {
  const deadline = Date.now() + SHOWN_WITHIN_MS;
  while (!program.output().includes('Waiting for your answer')) {
    if (Date.now() > deadline) throw new Error(`the command line shows no code:\n${program.output()}`);
    await delay(30);
  }
  const beside = (label: string) => new RegExp(`^ +${label} +(\\S+)$`, 'm').exec(program.output())?.[1] ?? '';
  return { address: beside('Address'), code: beside('Code'), both: beside('Both in one') };
}
