// Programs the tests use that npm cannot install: PostgreSQL's server, Chromium, other Node versions.
// The `find…` functions look, the `get…` functions also try to install; neither throws when the program cannot be had.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { capture, npm, root } from './processes.mjs';

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const CHROMIUM_APPS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The folder that holds PostgreSQL's initdb, pg_ctl and postgres, or undefined. */
export function findPostgres() {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...newestFirst('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`),
    ...newestFirst('/opt/homebrew/opt', /^postgresql/).map((name) => `/opt/homebrew/opt/${name}/bin`),
    ...newestFirst('/usr/local/opt', /^postgresql/).map((name) => `/usr/local/opt/${name}/bin`),
  ];
  return folders.find(
    (folder) => folder && ['initdb', 'pg_ctl', 'postgres'].every((name) => existsSync(join(folder, name))),
  );
}

/** A Chromium or Chrome that starts, or undefined. `CHROMIUM_PATH` names one that lies elsewhere. */
export function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const candidates = [
    process.env.CHROMIUM_PATH,
    ...CHROMIUM_NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...CHROMIUM_APPS,
    ...playwrightDownloads(),
  ];
  // Asked for its version, because Ubuntu's /usr/bin/chromium-browser may be a note that says "install the snap".
  return candidates.find((path) => path && existsSync(path) && runs(path));
}

/** Finds PostgreSQL, installing it where apt-get may be used. Gives `{ path }` or `{ missing: sentence }`. */
export async function getPostgres() {
  const failed = findPostgres() ? undefined : await aptInstall('postgresql');
  const path = findPostgres();
  if (path) return { path };
  return {
    missing: `PostgreSQL's server is not here${failed}. Get it: apt-get install postgresql, or brew install postgresql`,
  };
}

/** Finds Chromium and Chinese fonts, installing both where apt-get may be used. Gives `{ path }` or `{ missing }`. */
export async function getChromium() {
  // Without fonts the Chinese pages are rows of boxes: nothing breaks, but the screenshots show nothing.
  if (!hasChineseFont()) await aptInstall('fonts-noto-cjk');
  const failed = findChromium() ? undefined : await aptInstall('chromium');
  const path = findChromium();
  if (path) return { path };
  return {
    missing: `Chromium is not here${failed}. Get it: apt-get install chromium, or set CHROMIUM_PATH to a Chrome or Chromium`,
  };
}

/**
 * Finds a program of Debian's, such as haproxy, installing its package where apt-get may be used.
 * Gives `{ path }` or `{ missing: sentence }`.
 */
export async function getProgram(name, debianPackage) {
  const find = () =>
    [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
      .map((folder) => join(folder, name))
      .find((path) => existsSync(path));
  const failed = find() ? undefined : await aptInstall(debianPackage);
  const path = find();
  if (path) return { path };
  return { missing: `${name} is not here${failed}. Get it: apt-get install ${debianPackage}` };
}

/** Gets another Node version into .cache. Gives `{ path }` of its binary or `{ missing: sentence }`. */
export async function getNode(major) {
  const folder = join(root, '.cache', `node-${major}`);
  const name = `node-${process.platform}-${process.arch}`;
  const path = join(folder, 'node_modules', name, 'bin', 'node');
  if (runs(path)) return { path };
  mkdirSync(folder, { recursive: true });
  const { command, args } = npm();
  const options = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@${major}`];
  const { output } = await capture(command, [...args, ...options]);
  if (runs(path)) return { path };
  return { missing: `Node ${major} could not be had as npm package ${name}@${major}: ${lastLine(output)}` };
}

// Gives why nothing was installed, to be put into a sentence. It works only for root, as on CI machines and in containers:
// nobody is asked for a password in the middle of a test run.
async function aptInstall(...packages) {
  if (process.getuid?.() !== 0) return ' and only root could install it';
  const apt = (args) =>
    capture('apt-get', ['-qq', ...args], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  const update = await apt(['update']);
  if (update.code === 127) return ' and there is no apt-get to install it with';
  const { code, output } = await apt(['install', '-y', '--no-install-recommends', ...packages]);
  return code === 0 ? '' : ` and apt-get could not install it (${lastLine(output)})`;
}

function hasChineseFont() {
  try {
    return execFileSync('fc-list', [':lang=zh'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) !== '';
  } catch {
    return process.platform !== 'linux';
  }
}

function playwrightDownloads() {
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH || join(homedir(), '.cache', 'ms-playwright');
  return newestFirst(cache, /^chromium-\d+$/).flatMap((name) =>
    ['chrome-linux', 'chrome-linux64'].map((folder) => join(cache, name, folder, 'chrome')),
  );
}

function newestFirst(folder, pattern = /./) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => pattern.test(name));
  return names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

function runs(path) {
  if (!existsSync(path)) return false;
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

function lastLine(output) {
  const lines = output.trim().split('\n');
  return lines.findLast?.((line) => /error|E:/i.test(line)) ?? lines.at(-1) ?? '';
}
