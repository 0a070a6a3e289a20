// Bundles the few scripts that run in people's browsers, with what they use of dingtalk-jsapi, into one module of the
// server: so they are there however it is started. `node scripts/browser-scripts.mjs` after every change of them.
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = 'src/dingtalk/sign-in/browser';
const SCRIPTS = { IN_APP: 'in-app', EMBEDDED_CODE: 'embedded-code', OPEN_ELSEWHERE: 'open-elsewhere' };

/** The module that holds them all. */
export const BUNDLED = `${FOLDER}/bundled.ts`;

/** What that module should say. */
export async function bundleBrowserScripts() {
  const { version } = JSON.parse(readFileSync(`${root}/node_modules/dingtalk-jsapi/package.json`, 'utf8'));
  const parts = await Promise.all(
    Object.entries(SCRIPTS).map(async ([name, file]) => {
      const text = await bundle(file);
      return `// prettier-ignore\nexport const ${name} = ${JSON.stringify(text)};\n`;
    }),
  );
  const header = [
    '// Written by scripts/browser-scripts.mjs from the scripts beside it, in the form that browsers are given.',
    `// IN_APP holds dingtalk-jsapi ${version} (MIT licence).`,
  ];
  return [header.join('\n') + '\n', ...parts].join('\n');
}

async function bundle(file) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`${FOLDER}/${file}.js`],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    // Not strict as a whole: a part of the package finds `window` by `this`, or else by what our pages' policy forbids.
    tsconfigRaw: '{}',
    // The WebViews of older DingTalk clients.
    target: 'es2017',
    // There is none in a browser; the package looks for it to tell developers more.
    define: { process: 'undefined' },
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(`${root}/${BUNDLED}`, await bundleBrowserScripts());
}
