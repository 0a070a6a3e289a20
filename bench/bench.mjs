#!/usr/bin/env node
// Entry of the benchmark: makes sure that bench/node_modules is there, then hands over to lib/run.mjs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseOptions, usage } from './lib/options.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Installs the bench's own dependencies when they are missing. */
function ensureDependencies() {
  if (existsSync(join(here, 'node_modules', 'oidc-provider', 'package.json'))) return;
  console.error('bench: installing its dependencies (npm ci in bench/)');
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: ['ignore', 2, 2] });
  if (done.status === 0) return;
  console.error('bench: `npm ci` in bench/ failed; without its dependencies nothing can be measured.');
  process.exit(1);
}

const options = parseOptions(process.argv.slice(2));
if (options.help) {
  console.log(usage());
} else if (options.fault) {
  console.error(`bench: ${options.fault}\n\n${usage()}`);
  process.exitCode = 2;
} else {
  ensureDependencies();
  const { run } = await import('./lib/run.mjs');
  process.exitCode = await run(options);
}
