// For an image: leaves in node_modules of the current folder only what the bundled server loads from there, a third of it.
// All else is in the bundle. Never in a checkout: it has no way back but `npm ci`.
import { readFileSync, rmSync } from 'node:fs';
import { KEPT_OUTSIDE } from './outside.mjs';

/** Needed by an installation only: they fetch or compile native code. */
const FOR_INSTALLING = new Set(['prebuild-install']);
/** The sources that better-sqlite3 was or could be compiled from, and what a compiler leaves. */
const SOURCES = ['deps', 'src', 'build/Release/obj', 'build/Release/obj.target', 'build/Release/test_extension.node'];

/** Of these only the place is asked for, to find another package from there: what they load they need not. */
const ASKED_FOR = ['@nestjs/swagger'];

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));

/** Where Node finds a package that is asked for from there, or undefined: one for another platform, or an absent option. */
function found(name, from) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (path in packages) return path;
    if (at === '') return undefined;
  }
}

const kept = new Set(ASKED_FOR.map((name) => found(name, '')));
const open = KEPT_OUTSIDE.map((name) => found(name, ''));
for (let path = open.pop(); path !== undefined || open.length > 0; path = open.pop()) {
  if (path === undefined || kept.has(path)) continue;
  kept.add(path);
  const { dependencies, optionalDependencies, peerDependencies } = packages[path];
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
    if (!FOR_INSTALLING.has(name)) open.push(found(name, path));
  }
}
for (const path of Object.keys(packages)) {
  const isWithin = [...kept].some((other) => other.startsWith(`${path}/`));
  if (path !== '' && !kept.has(path) && !isWithin) rmSync(path, { recursive: true, force: true });
}
for (const folder of SOURCES) rmSync(`node_modules/better-sqlite3/${folder}`, { recursive: true, force: true });
console.log([...kept].toSorted().join('\n'));
