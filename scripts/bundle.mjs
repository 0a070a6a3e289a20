// Puts the built server and its packages into a few files, dist/server/. Node opens and links some 2,500 files otherwise,
// which is most of the time that a start takes. The unbundled build stays beside it, for TypeORM's command line and tests.
import { build } from 'esbuild';
import { chmod } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { KEPT_OUTSIDE } from './outside.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Packages that Nest and TypeORM would use if they were there: they look for them and do without. */
const ABSENT =
  /^(@nestjs\/(microservices|websockets|platform-fastify|mongoose)|@fastify\/|@mikro-orm\/|class-transformer\/storage|pg-native|pg-query-stream|mysql2?$|mssql|oracledb|mongodb|redis|ioredis|sql\.js|sqlite3|expo-sqlite|@google-cloud\/spanner|@sap\/hana-client|hdb-pool|typeorm-aurora|react-native|pino-pretty)/;

const leaveOutside = {
  name: 'leave outside',
  setup(bundler) {
    bundler.onResolve({ filter: /^[^./]/ }, ({ path }) => {
      if (builtinModules.includes(path) || path.startsWith('node:')) return { path, external: true };
      const outside = KEPT_OUTSIDE.some((name) => path === name || path.startsWith(`${name}/`));
      return outside || ABSENT.test(path) ? { path, external: true } : undefined;
    });
  },
};

await build({
  absWorkingDir: root,
  entryPoints: { main: 'dist/src/main.js', clinch: 'dist/src/clinch.js' },
  outdir: 'dist/server',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  mainFields: ['module', 'main'],
  // Nest and TypeORM know classes by their names.
  keepNames: true,
  // Decorators in a piece that both programs share must not run before it: pieces are in no order of their own.
  inject: [fileURLToPath(import.meta.resolve('reflect-metadata'))],
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  legalComments: 'linked',
  plugins: [leaveOutside],
  banner: {
    js: [
      "import { createRequire as createRequireOfBundle } from 'node:module';",
      "import { fileURLToPath as pathOfBundle } from 'node:url';",
      'const require = createRequireOfBundle(import.meta.url);',
      'const __filename = pathOfBundle(import.meta.url);',
      "const __dirname = pathOfBundle(new URL('.', import.meta.url));",
    ].join(' '),
  },
  logLevel: 'warning',
});

// The command line for Alibaba Cloud, in one file: it is for people's own machines, which have Node and nothing of ours.
await build({
  absWorkingDir: root,
  entryPoints: { 'clinch-alibaba': 'dist/src/clinch-alibaba/main.js' },
  outdir: 'dist/clinch-alibaba',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  mainFields: ['module', 'main'],
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'inline',
  banner: {
    js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
  },
  logLevel: 'warning',
});
await chmod(`${root}/dist/clinch-alibaba/clinch-alibaba.mjs`, 0o755);
