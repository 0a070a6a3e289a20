// `npm test`: every stage runs even when one before it failed, so that one run shows all there is to mend.
// The last line is `N passed, N failed`; a stage that is no test run (lint, build, …) counts there only when it fails.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, install } from './prepare.mjs';
import { StepFailed, capture, npm, root, runInForeground } from './processes.mjs';
import { getChromium, getNode, getPostgres, getProgram } from './tools.mjs';

const RESULTS = join(root, '.cache', 'test-results');
const IN_CI = !['', '0', 'false'].includes((process.env.CI ?? '').toLowerCase());

// In the order they run. `needs` are stages that must have run for this one to mean anything; those that stand together
// and have the same `beside` run side by side, because none of them keeps all processors busy.
const STAGES = {
  install: { beside: 'download', run: quietly(install) },
  programs: { beside: 'download', run: quietly(getPrograms) },
  lint: { needs: ['install'], beside: 'compile', run: npmScript('lint') },
  build: { needs: ['install'], beside: 'compile', run: quietly(build) },
  unit: { needs: ['install'], run: () => vitest('unit', ['unit']) },
  'flows-sqlite': { needs: ['build'], run: () => vitest('flows-sqlite', ['flows', 'nodes']) },
  'flows-postgres': { needs: ['build'], run: flowsOnPostgres },
  browser: { needs: ['build'], run: inBrowser },
  'node-22': { needs: ['install'], beside: 'node', run: () => flowsOnNode(22) },
  'node-24': { needs: ['install'], beside: 'node', run: () => flowsOnNode(24) },
};

/**
 * Runs the named stages, or all, after those they need. Prints a table and the count of tests.
 * Gives the exit code: 0 when nothing failed, 2 for an unknown stage name. Throws StepFailed when interrupted.
 */
export async function runTests(names) {
  const unknown = names.filter((name) => !Object.hasOwn(STAGES, name));
  if (unknown.length > 0) {
    console.error(`No such stage: ${unknown.join(', ')}. There are: ${Object.keys(STAGES).join(', ')}`);
    return 2;
  }
  const wanted = names.length > 0 ? withNeeds(names) : new Set(Object.keys(STAGES));
  mkdirSync(RESULTS, { recursive: true });
  const results = [];
  for (const group of groupsOf(Object.keys(STAGES).filter((stage) => wanted.has(stage)))) {
    const finished = await Promise.all(group.map((name) => runStage(name, results)));
    results.push(...finished);
  }
  return summarize(results);
}

function groupsOf(names) {
  const groups = [];
  for (const name of names) {
    const last = groups.at(-1);
    const { beside } = STAGES[name];
    if (last !== undefined && beside !== undefined && STAGES[last[0]].beside === beside) last.push(name);
    else groups.push([name]);
  }
  return groups;
}

function withNeeds(names) {
  return new Set(names.flatMap((name) => [...withNeeds(STAGES[name].needs ?? []), name]));
}

async function runStage(name, earlier) {
  const broken = earlier.find((stage) => STAGES[name].needs?.includes(stage.name) && stage.failed > 0);
  console.log(`\n▶ ${name}`);
  const started = Date.now();
  const outcome = broken ? fault(`not run, because ${broken.name} failed`) : await STAGES[name].run().catch(asFault);
  const result = { name, passed: 0, failed: 0, skipped: 0, ...outcome, seconds: (Date.now() - started) / 1000 };
  console.log(`${mark(result)} ${name}, ${result.seconds.toFixed(1)} s${result.note ? `: ${result.note}` : ''}`);
  return result;
}

function asFault(error) {
  // Over 128 is a signal: somebody wants us to end, not to go on with the next stage.
  if (!(error instanceof StepFailed) || error.exitCode > 128) throw error;
  return fault(error.message);
}

function fault(note) {
  return { failed: 1, note };
}

function quietly(work) {
  return async () => {
    await work();
    return {};
  };
}

function npmScript(name) {
  return async () => {
    const { command, args } = npm();
    const { code, output } = await capture(command, [...args, 'run', '--silent', name]);
    if (code === 0) return {};
    console.log(output.trimEnd());
    return fault('see above');
  };
}

// While npm installs; what cannot be had is said by the stage that needs it. One by one: apt-get runs once at a time.
async function getPrograms() {
  await getPostgres();
  // In front of PostgreSQL while a standby takes over.
  await getProgram('haproxy', 'haproxy');
  await getChromium();
  await getNode(22);
  await getNode(24);
}

async function flowsOnPostgres() {
  const postgres = await getPostgres();
  if (postgres.missing) return notRun(postgres.missing);
  return vitest('flows-postgres', ['flows', 'nodes'], { env: { CLINCH_TEST_DATABASE: 'postgres' } });
}

async function inBrowser() {
  const chromium = await getChromium();
  if (chromium.missing) return notRun(chromium.missing);
  return vitest('browser', ['browser'], { env: { CHROMIUM_PATH: chromium.path } });
}

// A native better-sqlite3 is built for the Node that installed it, so these runs also try the fallback to node:sqlite.
async function flowsOnNode(major) {
  const node = await getNode(major);
  if (node.missing) return notRun(node.missing);
  return vitest(`node-${major}`, ['flows'], { node: node.path, env: { CLINCH_TEST_OTHER_NODE: 'true' } });
}

// A hole in the proof: named on a developer's machine, a failure where the run decides about a change.
function notRun(reason) {
  return IN_CI ? fault(`NOT RUN. ${reason}`) : { skipped: 1, note: `NOT RUN. ${reason}` };
}

async function vitest(stage, projects, { node = process.execPath, env = {} } = {}) {
  const report = join(RESULTS, `${stage}.json`);
  rmSync(report, { force: true });
  const code = await runInForeground(
    node,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { env: { ...process.env, CLINCH_TEST_DATABASE: 'sqlite', ...env }, wholeGroup: true, stopWhenInterrupted: true },
  );
  return count(report, code);
}

function count(report, code) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return fault(`vitest ended with code ${code} and left no report`);
  }
  // A file that does not load has no tests to fail, and an error outside a test belongs to none: each counts as one.
  const unloaded = result.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = result.numFailedTests + unloaded.length;
  return {
    failures: [...failedTests(result), ...unloaded.map(({ name, message }) => `${name}: ${firstLines(message)}`)],
    passed: result.numPassedTests,
    skipped: result.numPendingTests + result.numTodoTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    note: failed === 0 && code !== 0 ? `vitest ended with code ${code}, see above` : undefined,
  };
}

function failedTests({ testResults }) {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `${name}\n  ${fullName}\n  ${firstLines(failureMessages.join('\n'))}`),
  );
}

function firstLines(message = '') {
  return message.slice(0, 1500).split('\n').slice(0, 12).join('\n  ');
}

function summarize(results) {
  const width = Math.max(...results.map(({ name }) => name.length));
  console.log('');
  for (const result of results) {
    const { name, passed, failed, skipped, seconds, note } = result;
    const tests = [passed && `${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`];
    const columns = [mark(result), name.padEnd(width), `${seconds.toFixed(1)} s`.padStart(8)];
    console.log([...columns, note ?? tests.filter(Boolean).join(', ')].join('  ').trimEnd());
  }
  // Once more at the end: the place of a failure in the output of a whole run may be thousands of lines up.
  for (const { name, failures = [] } of results) {
    for (const failure of failures) console.log(`\n✘ ${name}: ${failure}`);
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
  return sum('failed') > 0 ? 1 : 0;
}

function mark({ failed, note }) {
  if (failed > 0) return '✘';
  return note ? '–' : '✔';
}
