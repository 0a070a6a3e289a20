// The program of a worker thread. `node scripts/expression-worker.mjs` bundles it after every change of this room.
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { ExpressionFacts } from '../expression-facts.js';
import type { ExpressionUse } from '../expression-outcome.js';
import { variablesOf } from '../facts-in.js';
import { compile, run, type Compilation, type Result } from '../program.js';
import { expressionFault } from '../problem.js';
import { forgetPatterns } from '../regular-expressions.js';
import {
  AT_ITEM,
  MARK_LENGTH,
  THREAD_ID,
  type WorkerAnswer,
  type WorkerStart,
  type WorkerTask,
} from './evaluation-protocol.js';
import { systemThreadId } from './processor-time.js';

const KEPT = 200;
/** With more than that on the heap, in bytes, nothing is kept: the memory is for the expression that runs. */
const MOST_KEPT = 24 * 2 ** 20;
/** After so long, what is left of a task waits for its next turn. */
const TURN_MS = 20;
const programs = new Map<string, Compilation>();

function programOf(text: string, use: ExpressionUse): Compilation {
  const key = `${use} ${text}`;
  const known = programs.get(key);
  const program = known ?? compile(text, use);
  // Moved to the end: the first of the map is the one that was not used for longest.
  programs.delete(key);
  programs.set(key, program);
  const [oldest] = programs.keys();
  if (programs.size > KEPT && oldest !== undefined) programs.delete(oldest);
  return program;
}

/** As many of the items as fit into a turn, and at least the first. */
function perform({ use, items }: WorkerTask, mark: Int32Array): WorkerAnswer {
  const start = performance.now();
  const variables = new Map<ExpressionFacts, ReadonlyMap<string, unknown>>();
  const results: Result[] = [];
  for (const [index, { text, facts }] of items.entries()) {
    // Between two items: that there is much to say of a person is not the expression's doing.
    Atomics.store(mark, AT_ITEM, 0);
    const known = variables.get(facts) ?? variablesOf(use, facts);
    variables.set(facts, known);
    Atomics.store(mark, AT_ITEM, index + 1);
    results.push(resultOf(programOf(text, use), known));
    if (performance.now() - start > TURN_MS) break;
  }
  return results;
}

function resultOf(compilation: Compilation, variables: ReadonlyMap<string, unknown>): Result {
  if ('program' in compilation) return run(compilation.program, variables);
  return { failure: expressionFault(compilation.problem), kind: 'error' };
}

function tidyUp(): void {
  if (getHeapStatistics().used_heap_size <= MOST_KEPT) return;
  programs.clear();
  forgetPatterns();
}

/** The first evaluation of a thread takes many times as long as the next ones; nobody's should be that. */
const WARMING_UP = [
  'user.groups.map(g, g.name + user.username.lowerAscii()).join(",")',
  'user.username.matches("^[^0-9]+(a|b)*$") ? regexReplace(user.username, "(?i)[^0-9a-z]+", "$0") : toJson(user)',
  'has(user.email) && session.auth_time.getHours("Asia/Shanghai") > 0',
];

function warmUp(): void {
  const facts: ExpressionFacts = {
    user: { id: '1', username: 'Nobody at all', status: 'active', groups: [{ id: '1', name: 'none' }] },
    app: { id: '1' },
    session: { auth_time: new Date(0) },
  };
  // Without the mark: nobody's time runs yet.
  for (const text of WARMING_UP) perform({ use: 'claim', items: [{ text, facts }] }, new Int32Array(MARK_LENGTH));
  programs.clear();
}

// Nobody reads the stacks of the errors, of which a loop may make thousands.
Error.stackTraceLimit = 0;
const { mark } = workerData as WorkerStart;
Atomics.store(mark, THREAD_ID, systemThreadId());
warmUp();
parentPort?.on('message', (task: WorkerTask) => {
  const answer = perform(task, mark);
  Atomics.store(mark, AT_ITEM, 0);
  parentPort?.postMessage(answer, []);
  tidyUp();
});
