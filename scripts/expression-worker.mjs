// Bundles the program of the threads that evaluate expressions, with the packages that it uses, into one module of the
// server: so it is there however the server is started. `node scripts/expression-worker.mjs` after every change of
// src/expressions and of those packages.
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = 'src/expressions/worker';
const PACKAGES = ['@marcbachmann/cel-js', 're2js', 'ipaddr.js'];

/** The module that holds it. */
export const BUNDLED_WORKER = `${FOLDER}/bundled.ts`;

/** What that module should say. */
export async function bundleExpressionWorker() {
  const packages = PACKAGES.map((name) => {
    const { version, license } = JSON.parse(readFileSync(`${root}/node_modules/${name}/package.json`, 'utf8'));
    return `// ${name} ${version} (${license})`;
  });
  const header = [
    '// Written by scripts/expression-worker.mjs from the program beside it, in the form that a worker thread is given.',
    '// It holds:',
    ...packages,
  ];
  const text = JSON.stringify(await bundle());
  return `${header.join('\n')}\n\n// prettier-ignore\nexport const EVALUATION_WORKER = ${text};\n`;
}

async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`${FOLDER}/evaluation-worker.ts`],
    bundle: true,
    minify: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    mainFields: ['module', 'main'],
    tsconfigRaw: '{}',
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(`${root}/${BUNDLED_WORKER}`, await bundleExpressionWorker());
}
