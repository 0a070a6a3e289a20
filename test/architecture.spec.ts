import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/**
 * The staircase: who may import whom, top to bottom. A room imports only from the rooms on its line, and those stand
 * above it. ARCHITECTURE.md says what each room is for.
 */
const STAIRCASE: readonly (readonly [room: string, mayImport: string])[] = [
  ['protocol', ''],
  ['config', 'protocol'],
  ['ui', ''],
  ['keyring', 'config'],
  ['measurements', ''],
  ['database', 'protocol config keyring measurements'],
  ['audit', 'config measurements database'],
  ['workers', ''],
  ['settings', 'database audit'],
  ['audit-trail', 'measurements database audit settings'],
  ['outbound', 'config'],
  ['expressions', 'measurements audit'],
  ['http', 'protocol config ui keyring measurements database audit settings'],
  ['token-signing', 'protocol config keyring measurements database audit settings http'],
  ['admin', 'protocol config keyring database audit http token-signing'],
  ['accounts', 'protocol measurements database audit admin'],
  ['sign-in-history', 'protocol ui database audit accounts'],
  ['directory', 'protocol database admin accounts'],
  ['groups', 'protocol database audit admin accounts directory'],
  ['person-facts', 'database expressions accounts groups'],
  ['api-resource', 'protocol config database audit admin'],
  ['app-registry', 'protocol config keyring database audit outbound http token-signing admin api-resource'],
  ['audit-reading', 'ui audit http admin accounts app-registry'],
  [
    'audit-export',
    'protocol config keyring measurements database audit audit-trail outbound admin accounts audit-reading',
  ],
  ['client-registration', 'protocol config keyring audit http admin app-registry'],
  ['app-accounts', 'protocol database audit expressions admin accounts person-facts app-registry'],
  ['custom-scopes', 'protocol database audit expressions admin app-registry'],
  ['access', 'protocol database audit expressions admin accounts groups person-facts app-registry app-accounts'],
  ['subjects', 'protocol keyring database audit outbound expressions admin accounts person-facts app-registry access'],
  ['session', 'protocol keyring database settings http accounts app-registry'],
  ['claims', 'protocol audit expressions admin accounts person-facts app-registry custom-scopes'],
  ['grant', 'protocol accounts app-registry'],
  ['refresh-token', 'protocol config keyring database audit token-signing accounts app-registry grant'],
  [
    'back-channel-logout',
    'protocol config measurements database audit outbound token-signing admin accounts app-registry subjects',
  ],
  ['sign-out', 'database audit admin accounts session refresh-token back-channel-logout'],
  [
    'access-enforcement',
    'protocol database audit token-signing admin accounts app-registry access back-channel-logout',
  ],
  [
    'interaction',
    'protocol config ui keyring database audit http accounts api-resource app-registry app-accounts custom-scopes access subjects session claims sign-out',
  ],
  [
    'token-composition',
    'protocol config expressions accounts person-facts app-registry app-accounts access claims grant',
  ],
  [
    'token-endpoint',
    'protocol measurements audit http token-signing app-registry subjects claims grant refresh-token token-composition',
  ],
  [
    'claim-lab',
    'protocol config audit admin accounts app-registry custom-scopes subjects claims grant interaction token-composition',
  ],
  [
    'authorization-code',
    'protocol config ui keyring database audit http token-signing accounts app-registry session grant interaction',
  ],
  [
    'device-flow',
    'protocol config ui keyring database audit http accounts api-resource app-registry app-accounts custom-scopes access session grant interaction',
  ],
  ['client-credentials', 'protocol config admin app-registry grant'],
  ['consents', 'audit admin refresh-token access-enforcement interaction authorization-code device-flow'],
  ['access-token', 'database token-signing accounts app-registry subjects'],
  ['userinfo', 'protocol audit http token-signing claims token-composition access-token'],
  ['revocation', 'protocol audit http token-signing app-registry refresh-token'],
  [
    'logout',
    'protocol config ui database http token-signing accounts app-registry subjects session sign-out interaction',
  ],
  [
    'introspection',
    'protocol config http token-signing accounts api-resource app-registry subjects refresh-token access-token',
  ],
  ['discovery', 'protocol config ui http app-registry custom-scopes claims grant interaction'],
  ['operations', 'protocol config measurements database audit workers settings http admin app-registry'],
  ['keys', 'protocol keyring measurements database audit token-signing admin'],
  ['departures', 'database audit session refresh-token back-channel-logout'],
  ['dingtalk/source', 'keyring database'],
  ['dingtalk/api', 'keyring measurements audit outbound dingtalk/source'],
  ['dingtalk/people', 'protocol database audit admin accounts departures dingtalk/source dingtalk/api'],
  [
    'dingtalk/directory',
    'protocol measurements database audit admin accounts directory dingtalk/source dingtalk/api dingtalk/people',
  ],
  [
    'dingtalk/events',
    'protocol keyring measurements database audit outbound http admin dingtalk/source dingtalk/api dingtalk/people dingtalk/directory',
  ],
  [
    'dingtalk/administration',
    'config keyring database audit outbound admin dingtalk/source dingtalk/api dingtalk/people',
  ],
  [
    'dingtalk/sign-in',
    'protocol config ui keyring database audit http accounts interaction dingtalk/source dingtalk/api dingtalk/people dingtalk/directory',
  ],
  [
    'app-templates',
    'protocol measurements audit token-signing admin accounts app-registry app-accounts access subjects session claims token-composition',
  ],
  ['alibaba-cloud', 'protocol config outbound token-signing admin accounts person-facts app-registry app-templates'],
  [
    'launch',
    'protocol config ui keyring database audit settings http accounts app-registry app-accounts access subjects session interaction dingtalk/sign-in app-templates',
  ],
  [
    'portal',
    'protocol config ui audit settings http accounts sign-in-history api-resource app-registry custom-scopes access session refresh-token sign-out interaction consents dingtalk/people app-templates launch',
  ],
  [
    'console',
    'protocol config ui keyring database audit http admin app-registry audit-reading dingtalk/source dingtalk/directory dingtalk/events dingtalk/administration app-templates',
  ],
  [
    'cli',
    'protocol config keyring measurements database audit settings audit-trail token-signing admin audit-export keys dingtalk/source dingtalk/sign-in',
  ],
  ['device-sign-in', ''],
  // Strangers: they speak to the server over HTTP only.
  ['demo', 'device-sign-in'],
  ['clinch-alibaba', 'device-sign-in'],
  ['dingtalk-simulator', ''],
  ['alibaba-cloud-simulator', ''],
];

const WING = 'dingtalk';

/** Programs of their own, and the room that reads the server's. */
const READ_THE_ENVIRONMENT = new Set([
  'demo',
  'clinch-alibaba',
  'dingtalk-simulator',
  'alibaba-cloud-simulator',
  'config',
]);

const order = STAIRCASE.map(([room]) => room);
const allowed = new Map(STAIRCASE.map(([room, list]) => [room, list.split(' ').filter((name) => name !== '')]));

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.spec\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The modules that a file imports or re-exports, as TypeScript's own parser sees them. */
function importsOf(file: string): string[] {
  return ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The folder below `src`; in the wing of DingTalk, which is too large for one room, the folder below that. */
function roomOf(file: string): string | undefined {
  const [first, second, ...rest] = relative(SRC, file).split(sep);
  if (first === undefined || second === undefined) return undefined;
  return first === WING && rest.length > 0 ? `${first}/${second}` : first;
}

const inRooms = sourceFiles(SRC).filter((file) => roomOf(file) !== undefined);

describe('the staircase of rooms', () => {
  it('points upward only', () => {
    for (const [room, list] of allowed) {
      for (const name of list) expect(order.indexOf(name), `${room} → ${name}`).toBeGreaterThanOrEqual(0);
      for (const name of list) expect(order.indexOf(name), `${room} → ${name}`).toBeLessThan(order.indexOf(room));
    }
  });

  it('names every room that there is', () => {
    const rooms = new Set(inRooms.map(roomOf));
    expect([...rooms].filter((room) => !order.includes(room ?? ''))).toEqual([]);
  });

  it('is kept by every import', () => {
    const foreign = inRooms.flatMap((file) => {
      const room = roomOf(file) ?? '';
      return importsOf(file)
        .filter((name) => name.startsWith('.'))
        .map((name) => roomOf(resolve(dirname(file), name)))
        .filter((target) => target !== room && !(allowed.get(room) ?? []).includes(target ?? ''))
        .map((target) => `${relative(SRC, file)} imports from ${target ?? 'the top of src'}`);
    });
    expect(foreign).toEqual([]);
  });

  it('holds no line that nobody needs', () => {
    const used = new Map(order.map((room) => [room, new Set<string | undefined>()]));
    for (const file of inRooms) {
      for (const name of importsOf(file).filter((each) => each.startsWith('.'))) {
        used.get(roomOf(file) ?? '')?.add(roomOf(resolve(dirname(file), name)));
      }
    }
    const idle = [...allowed].flatMap(([room, list]) =>
      list.filter((name) => used.get(room)?.has(name) !== true).map((name) => `${room} → ${name}`),
    );
    expect(idle).toEqual([]);
  });
});

describe('the conventions that a program can check', () => {
  it('keeps protocol plain: no framework, no database', () => {
    const packages = inRooms
      .filter((file) => roomOf(file) === 'protocol')
      .flatMap((file) => importsOf(file).filter((name) => !name.startsWith('.') && !name.startsWith('node:')));
    expect(packages).toEqual([]);
  });

  it('has no barrels and no drawers for everything', () => {
    expect(sourceFiles(SRC).filter((file) => /[/\\]index\.tsx?$/.test(file))).toEqual([]);
    const drawers = ['common', 'shared', 'utils', 'helpers', 'interfaces', 'dto'];
    expect(inRooms.filter((file) => drawers.some((name) => file.split(sep).includes(name)))).toEqual([]);
  });

  it('reads the environment in one place', () => {
    const readers = inRooms
      .filter((file) => !READ_THE_ENVIRONMENT.has(roomOf(file) ?? ''))
      .filter((file) => readFileSync(file, 'utf8').includes('process.env'));
    expect(readers).toEqual([]);
  });

  it('spends single-use values by statement, never by a read and a save', () => {
    const offenders = inRooms.filter(
      (file) => file.endsWith('-store.ts') && /\.save\(/.test(readFileSync(file, 'utf8')),
    );
    expect(offenders).toEqual([]);
  });
});
