// Set-up that every command shares: the right Node, the packages of package-lock.json, an up-to-date dist.
// Each step is skipped without a word when there is nothing to do, and is one line otherwise.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StepFailed, capture, npm, root } from './processes.mjs';

const INSTALLED = join(root, 'node_modules', '.clinch-installed');
const BUILT = join(root, 'dist', '.clinch-built');
const BUILD_INPUTS = [
  'src',
  'ormconfig.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
  'package-lock.json',
  'scripts/bundle.mjs',
  'scripts/outside.mjs',
];

/** Throws StepFailed with one clear sentence when this Node is too old for Clinch. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new StepFailed(
    `Clinch needs Node.js 20.19 or newer, and this is ${process.versions.node}. See https://nodejs.org/`,
  );
}

/** Installs the packages of package-lock.json unless they are in place. Throws StepFailed with npm's output. */
export async function install() {
  // Native packages are built for one Node ABI: another Node on the same checkout has to install again.
  const builtFor = `${process.platform} ${process.arch} ABI ${process.versions.modules}\n`;
  if (!matchesLock() || (read(INSTALLED) ?? builtFor) !== builtFor) {
    const { command, args } = npm();
    // Building needs the development packages even where NODE_ENV=production is set.
    const options = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
    await step('Installing packages (about two minutes, once)', () => capture(command, [...args, ...options]));
  }
  if (read(INSTALLED) !== builtFor) writeFileSync(INSTALLED, builtFor);
}

/** Compiles src to dist unless dist is newer than all it is made from. Throws StepFailed with the compiler's output. */
export async function build() {
  const wanted = buildFingerprint();
  if (read(BUILT) === wanted) return;
  const nest = join(root, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const bundle = join(root, 'scripts', 'bundle.mjs');
  await step('Building', async () => {
    const built = await capture(process.execPath, [nest, 'build']);
    return built.code === 0 ? capture(process.execPath, [bundle]) : built;
  });
  writeFileSync(BUILT, wanted);
}

/**
 * Prints a title, runs the work, prints the time it took. The work gives `{ code, output }`.
 * Throws StepFailed, after printing the output, when the code is not 0.
 */
export async function step(title, work) {
  // Standard error, because standard output of `npm start` is the server's log and nothing else.
  process.stderr.write(`${title} … `);
  const started = Date.now();
  const { code, output } = await work();
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  process.stderr.write(code === 0 ? `${seconds} s\n` : `failed after ${seconds} s\n`);
  if (code === 0) return;
  process.stderr.write(`${output.trimEnd()}\n`);
  throw new StepFailed(`${title}: failed, see above.`);
}

// npm writes the second file when all is in place, also after an `npm install` by hand; it is compared with the first by
// content, because a checkout gives files the time of the checkout.
function matchesLock() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !present) return false;
  // Optional packages may be missing: they are for other platforms, or could not be built here.
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || present[path]?.version === version || optional || devOptional,
  );
}

function packagesOf(lockfile) {
  const text = read(lockfile);
  return text && JSON.parse(text).packages;
}

// Taken before the build starts, so that a file saved while it runs makes the next build run again.
function buildFingerprint() {
  const files = BUILD_INPUTS.flatMap((path) => filesIn(join(root, path))).filter((path) => !/\.spec\.tsx?$/.test(path));
  const hash = createHash('sha256');
  for (const path of files) {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path}:${mtimeMs}:${size}\n`);
  }
  return hash.digest('hex');
}

function filesIn(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
