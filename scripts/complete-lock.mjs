// Adds to package-lock.json the optional packages of other platforms that the registry in use did not offer. npm leaves
// them out of the lock then, and `npm ci` refuses such a lock elsewhere. Run it after `npm install` has changed the lock:
//   node scripts/complete-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const { packages } = lock;

/** What a package for one platform says of itself, read off its name: …/binding-linux-x64-musl. */
function platformEntry(name, version, owner) {
  const [os, cpu, kind = ''] = name
    .split('/')
    .pop()
    .replace(/^binding-/, '')
    .split('-');
  const libc = kind.startsWith('musl') ? ['musl'] : os === 'linux' && kind.startsWith('gnu') ? ['glibc'] : undefined;
  return {
    version,
    cpu: [cpu],
    ...(owner.dev ? { dev: true } : {}),
    ...(libc ? { libc } : {}),
    ...(owner.license ? { license: owner.license } : {}),
    optional: true,
    os: [os],
    ...(owner.engines ? { engines: owner.engines } : {}),
  };
}

let added = 0;
for (const [path, owner] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const at = `node_modules/${name}`;
    if (path === '' || packages[at] || !/^\d+\.\d+\.\d+$/.test(version)) continue;
    packages[at] = platformEntry(name, version, owner);
    added++;
  }
}
const byName = ([a], [b]) => (a === '' ? -1 : b === '' ? 1 : a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(Object.entries(packages).sort(byName));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} packages added\n`);
