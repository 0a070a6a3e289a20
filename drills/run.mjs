#!/usr/bin/env node
// `npm run drills`: what goes wrong in an installation, brought about on purpose. Each drill is a file in `drills/`.
// Exit code 1: an aim was missed; 2: the options are wrong.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadavg } from 'node:os';
import { machineFacts } from '../bench/lib/machine.mjs';
import { Drill, NotRun } from './lib/drill.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const HELP = `npm run drills -- [ids] [options]      all drills when no id is given
  --scale N       multiplies counts and times (1); 0.2 for a quick look
  --database D    pg or sqlite, for the drills that can do either
  --out FILE      writes the figures there too, as JSON
  --list          says which drills there are`;

/**
 * @typedef {object} Plan
 * @property {string} id
 * @property {string} title
 * @property {string} minutes how long it takes at full scale, about
 * @property {(drill: Drill) => Promise<void>} run
 */

/** @returns {Promise<Plan[]>} */
async function allPlans() {
  const files = readdirSync(join(here, 'drills')).filter((name) => name.endsWith('.mjs'));
  const modules = await Promise.all(files.sort().map((name) => import(`./drills/${name}`)));
  return modules.map(({ plan }) => plan);
}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        scale: { type: 'string', default: '1' },
        database: { type: 'string' },
        out: { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const scale = Number(values.scale);
    const known = [undefined, 'pg', 'sqlite'].includes(values.database);
    return { ...values, scale, ids: positionals.map((id) => id.toUpperCase()), faulty: !(scale > 0) || !known };
  } catch {
    return { ids: [], help: false, list: false, scale: 1, database: undefined, faulty: true };
  }
}

/** @type {Drill | undefined} */
let current;

/** @param {Plan} plan */
async function runOne(plan, options) {
  console.log(`\n${plan.id} ${plan.title}`);
  const begun = Date.now();
  const drill = new Drill(plan, options);
  current = drill;
  let state = 'failed';
  try {
    await plan.run(drill);
    state = drill.passed ? 'passed' : 'failed';
  } catch (error) {
    if (error instanceof NotRun) state = 'not run';
    drill.note(error instanceof NotRun ? `not run: ${error.message}` : `broke off: ${error.stack}`);
  } finally {
    await drill.end();
    current = undefined;
  }
  const seconds = Math.round((Date.now() - begun) / 1000);
  console.log(`${plan.id} ${state}, ${seconds} s`);
  return {
    id: plan.id,
    title: plan.title,
    state,
    seconds,
    figures: drill.figures,
    notes: drill.notes,
    load: loadavg(),
  };
}

function report(results, options) {
  const folder = join(here, 'results');
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString();
  const all = { at, scale: options.scale, machine: machineFacts(undefined), results };
  const files = [join(folder, `${at.replaceAll(':', '-')}.json`), ...(options.out ? [options.out] : [])];
  for (const file of files) writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  console.log(`\n| drill | result | seconds | missed, or why not |\n| --- | --- | --- | --- |`);
  for (const { id, title, state, seconds, figures, notes } of results) {
    const missed = figures
      .filter(({ met }) => !met)
      .map(({ name, value, unit, aim }) => `${name}: ${value} ${unit} (aim ${aim})`);
    const why =
      state === 'passed' ? '' : [...missed, ...notes.filter((note) => /^(not run|broke off)/.test(note))].join('; ');
    console.log(`| ${id} ${title} | ${state} | ${seconds} | ${why.split('\n')[0]} |`);
  }
}

async function main() {
  const options = readOptions();
  const plans = await allPlans();
  const unknown = options.ids.filter((id) => !plans.some((plan) => plan.id === id));
  if (options.help || options.faulty || unknown.length > 0) {
    if (unknown.length > 0) console.error(`No such drill: ${unknown.join(', ')}`);
    console.log(HELP);
    return options.help ? 0 : 2;
  }
  if (options.list) {
    for (const { id, title, minutes } of plans) console.log(`${id}  ${title} (${minutes} min)`);
    return 0;
  }
  const results = [];
  const wanted = options.ids.length === 0 ? plans : plans.filter(({ id }) => options.ids.includes(id));
  for (const plan of wanted) results.push(await runOne(plan, options));
  report(results, options);
  return results.some(({ state }) => state === 'failed') ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => void (current?.end() ?? Promise.resolve()).finally(() => process.exit(130)));
}
process.exitCode = await main();
// Connections that a broken-off drill has left open must not keep the command alive.
process.exit();
