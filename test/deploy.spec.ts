import { validate } from 'dockerfile-utils';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { KEPT_OUTSIDE } from '../scripts/outside.mjs';
import { ClinchConfig } from '../src/config/clinch-config.js';
import { ConfigError } from '../src/config/environment-reader.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(root + path, 'utf8');

/** What a file of YAML holds: each document as plain values. It fails on what is not YAML, and on keys that stand twice. */
function documents(path: string): Record<string, unknown>[] {
  return parseAllDocuments(read(path), { uniqueKeys: true }).map((document) => {
    expect([...document.errors, ...document.warnings], path).toEqual([]);
    return document.toJS() as Record<string, unknown>;
  });
}

/** The value at a path such as `spec.template.spec`. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

const MANIFESTS = readdirSync(`${root}deploy/kubernetes`).map((name) => `deploy/kubernetes/${name}`);
const OPERATIONS = ['/livez', '/readyz', '/metrics'];

/** Whether the server knows a variable. */
function isKnown(name: string): boolean {
  if (['HOST', 'PORT', 'DATABASE_URL', 'DATABASE_URL_FILE'].includes(name)) return true;
  try {
    ClinchConfig.fromEnvironment({ [name]: '-' });
    return name.startsWith('CLINCH_');
  } catch (error) {
    return error instanceof ConfigError && !error.message.includes('is not a variable');
  }
}

describe('the image', () => {
  const dockerfile = read('deploy/Dockerfile');
  const instructions = dockerfile
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM')));
  const sources = (lines: readonly string[]) =>
    lines
      .filter((line) => line.startsWith('COPY') && !line.includes('--from='))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));

  it('is made by a Dockerfile without a fault', () => {
    expect(validate(dockerfile)).toEqual([]);
    // The linter finds what is wrong.
    expect(validate('FORM node\nRUN').length).toBeGreaterThan(0);
  });

  it('is the current long-term Node, without a compiler or packages of development', () => {
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:24-bookworm-slim$/m);
    expect(
      instructions.filter((line) => line.startsWith('FROM')).every((line) => line.startsWith('FROM ${NODE_IMAGE}')),
    ).toBe(true);
    expect(dockerfile).toMatch(/npm ci --omit=dev/);
    expect(last.join('\n')).not.toMatch(/npm|apt/);
  });

  it('runs as a user without rights, by Node itself, and is asked for its health', () => {
    const places = (word: string) => last.findIndex((line) => line.startsWith(`${word} `));
    expect(last[places('USER')]).toBe('USER node');
    // Whatever is put there after that, the server could change.
    expect(last.slice(places('USER')).some((line) => /^(COPY|ADD|RUN)/.test(line))).toBe(false);
    expect(last.join('\n')).not.toContain('--chown');
    expect(last.at(-1)).toBe('CMD ["node", "dist/server/main.js"]');
    expect(last[places('HEALTHCHECK')]).toContain('health-check.mjs');
    expect(read('deploy/health-check.mjs')).toContain("'/livez'");
  });

  it('copies what is there, and what is not kept out', () => {
    const wanted = sources(instructions);
    expect(wanted.filter((path) => !existsSync(root + path))).toEqual([]);
    const ignore = read('deploy/Dockerfile.dockerignore').split('\n');
    expect(ignore.find((line) => line !== '' && !line.startsWith('#'))).toBe('*');
    for (const path of wanted) expect(ignore, path).toContain(`!${path.replace(/^\.\//, '')}`);
  });

  it('has the packages that the bundle asks for while it runs', () => {
    const folder = mkdtempSync(join(tmpdir(), 'clinch-image-'));
    cpSync(`${root}package-lock.json`, join(folder, 'package-lock.json'));
    const prune = spawnSync(process.execPath, [`${root}scripts/prune-to-outside.mjs`], {
      cwd: folder,
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    const kept = prune.stdout.trim().split('\n');
    for (const name of [...KEPT_OUTSIDE, '@nestjs/swagger', 'bindings', 'pg-pool', 'libphonenumber-js'])
      expect(kept).toContain(`node_modules/${name}`);
    expect(kept).not.toContain('node_modules/typeorm');
  });

  it('holds no secret', () => {
    expect(dockerfile).not.toMatch(/^(ARG|ENV)\b.*(SECRET|PASSWORD|TOKEN|MASTER_KEY|postgres:)/im);
  });

  it('sets what the server knows', () => {
    const names = [...last.join('\n').matchAll(/\b([A-Z][A-Z_]+)=/g)].map(([, name]) => name ?? '');
    expect(names.filter((name) => name !== 'NODE_ENV' && !isKnown(name))).toEqual([]);
  });
});

describe('compose.yaml', () => {
  const [compose] = documents('deploy/compose.yaml');
  const clinch = at(compose, 'services.clinch') as Record<string, unknown>;
  const database = at(compose, 'services.database') as Record<string, unknown>;

  it('gives the server variables that it has, and its secrets as files', () => {
    const environment = clinch['environment'] as Record<string, string>;
    expect(Object.keys(environment).filter((name) => !isKnown(name))).toEqual([]);
    const given = clinch['secrets'] as string[];
    const files = Object.values({ ...environment, ...(database['environment'] as Record<string, string>) }).filter(
      (value) => value.startsWith('/run/secrets/'),
    );
    const names = files.map((path) => path.slice('/run/secrets/'.length));
    expect(names.toSorted()).toEqual([...given, ...(database['secrets'] as string[])].toSorted());
    expect(names.toSorted()).toEqual(Object.keys(at(compose, 'secrets') as object).toSorted());
    for (const name of names) expect(read('deploy/make-secrets.sh')).toContain(`\nmake ${name} `);
  });

  it('starts the server when the database answers, with code that nobody can change', () => {
    expect(at(clinch, 'depends_on.database.condition')).toBe('service_healthy');
    expect(database['healthcheck']).toBeDefined();
    expect(database['volumes']).toHaveLength(1);
    expect(clinch).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(clinch['ports']).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
    expect(
      existsSync(`${root}deploy/${String(at(clinch, 'build.context'))}/${String(at(clinch, 'build.dockerfile'))}`),
    ).toBe(true);
  });
});

describe('make-secrets.sh', () => {
  /** Runs it in a folder of its own, with another `openssl` where there is one. */
  function makeSecrets(openssl?: string, before: Record<string, string> = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'clinch-secrets-'));
    cpSync(`${root}deploy/make-secrets.sh`, join(folder, 'make-secrets.sh'));
    mkdirSync(join(folder, 'secrets'));
    for (const [name, text] of Object.entries(before)) writeFileSync(join(folder, 'secrets', name), text);
    mkdirSync(join(folder, 'bin'));
    if (openssl !== undefined) writeFileSync(join(folder, 'bin', 'openssl'), openssl, { mode: 0o755 });
    const PATH = `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
    const { status } = spawnSync('sh', [join(folder, 'make-secrets.sh')], { env: { PATH } });
    const names = readdirSync(join(folder, 'secrets'));
    const made = names.map((name) => [name, readFileSync(join(folder, 'secrets', name), 'utf8')] as const);
    rmSync(folder, { recursive: true });
    return { status, made: Object.fromEntries(made) };
  }
  const WORKS = '#!/bin/sh\necho "of openssl: $*"\n';

  it('makes nothing where openssl fails or prints nothing', () => {
    for (const openssl of ['#!/bin/sh\nexit 1\n', '#!/bin/sh\necho half\nexit 1\n', '#!/bin/sh\nexit 0\n']) {
      const { status, made } = makeSecrets(openssl);
      expect(status).not.toBe(0);
      expect(made).toEqual({});
    }
  });

  it('fills what is empty, and keeps what is there', () => {
    const { status, made } = makeSecrets(WORKS, { 'clinch-master-key': '', 'database-password': 'kept\n' });
    expect(status).toBe(0);
    expect(made).toEqual({
      'clinch-admin-client-secret': 'of openssl: rand -hex 24\n',
      'clinch-master-key': 'of openssl: rand -base64 32\n',
      'database-password': 'kept\n',
      'database-url': 'postgres://clinch:kept@database:5432/clinch\n',
    });
  });
});

describe('the manifests of Kubernetes', () => {
  const all = MANIFESTS.flatMap(documents);
  const kinds = (kind: string) => all.filter((each) => each['kind'] === kind);
  const workloads = [...kinds('Deployment'), ...kinds('Job')];
  const pods = workloads.map((each) => at(each, 'spec.template.spec') as Record<string, unknown>);
  const containers = pods.flatMap((pod) => pod['containers'] as Record<string, unknown>[]);

  it('are all there, each with a name in one namespace', () => {
    const wanted = [
      'ConfigMap',
      'Deployment',
      'Ingress',
      'Job',
      'Namespace',
      'NetworkPolicy',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Secret',
      'Service',
    ];
    expect(all.map((each) => String(each['kind'])).toSorted()).toEqual(wanted);
    for (const each of all) {
      expect(each['apiVersion']).toMatch(/^(v1|[a-z0-9.]+\/v1)$/);
      if (each['kind'] !== 'Namespace') expect(at(each, 'metadata.namespace')).toBe('clinch');
    }
  });

  it('give the server variables that it has, and its secrets as files', () => {
    const values = at(kinds('ConfigMap')[0], 'data') as Record<string, string>;
    expect(Object.keys(values).filter((name) => !isKnown(name))).toEqual([]);
    const keys = Object.keys(at(kinds('Secret')[0], 'stringData') as object).toSorted();
    const files = Object.values(values).filter((value) => value.startsWith('/run/secrets/clinch/'));
    expect(files.map((path) => path.slice('/run/secrets/clinch/'.length)).toSorted()).toEqual(keys);
    expect(Object.values(at(kinds('Secret')[0], 'stringData') as object)).toEqual(keys.map(() => ''));
    for (const container of containers) {
      expect(container['volumeMounts']).toContainEqual({
        name: 'secrets',
        mountPath: '/run/secrets/clinch',
        readOnly: true,
      });
    }
  });

  it('let it do nothing that it need not', () => {
    for (const pod of pods) {
      expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
      expect(at(pod, 'securityContext.seccompProfile.type')).toBe('RuntimeDefault');
    }
    for (const container of containers) {
      expect(container['securityContext']).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(at(container, 'resources.requests.memory')).toBeDefined();
      expect(at(container, 'resources.limits.memory')).toBeDefined();
    }
  });

  it('ask for paths that are there, of the port that is', () => {
    const [server] = containers;
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const { path, port } = at(server, `${probe}.httpGet`) as { path: string; port: string };
      expect(OPERATIONS).toContain(path);
      expect(port).toBe('http');
    }
    expect(at(server, 'readinessProbe.httpGet.path')).toBe('/readyz');
    expect(at(server, 'livenessProbe.httpGet.path')).toBe('/livez');
    expect(at(server, 'ports')).toEqual([{ name: 'http', containerPort: 3000 }]);
    expect(at(kinds('Service')[0], 'spec.ports')).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
    const routes = read('src/operations/health.controller.ts') + read('src/operations/metrics.controller.ts');
    for (const path of OPERATIONS) expect(routes).toContain(`@Get('${path}')`);
  });

  it('choose the same pods everywhere', () => {
    const labels = at(kinds('Deployment')[0], 'spec.template.metadata.labels');
    expect(at(kinds('Deployment')[0], 'spec.selector.matchLabels')).toEqual(labels);
    expect(at(kinds('Service')[0], 'spec.selector')).toEqual(labels);
    expect(at(kinds('PodDisruptionBudget')[0], 'spec.selector.matchLabels')).toEqual(labels);
    expect(at(kinds('NetworkPolicy')[0], 'spec.podSelector.matchLabels')).toEqual(labels);
  });

  it('let the migration speak to the database only, and hold it to a policy as well', () => {
    const [nodes, migration] = kinds('NetworkPolicy');
    const labels = at(kinds('Job')[0], 'spec.template.metadata.labels');
    expect(at(migration, 'spec.podSelector.matchLabels')).toEqual(labels);
    expect(at(migration, 'spec.policyTypes')).toEqual(['Ingress', 'Egress']);
    expect(at(migration, 'spec.ingress')).toBeUndefined();
    expect(at(migration, 'spec.egress')).toEqual((at(nodes, 'spec.egress') as unknown[]).slice(0, 2));
  });

  it('migrate by a command that exists', () => {
    const command = at(kinds('Job')[0], 'spec.template.spec.containers.0.command');
    expect(command).toEqual(['node', 'dist/server/clinch.js', 'migrate']);
    expect(read('src/cli/migrate.command.ts')).toContain("name: 'migrate'");
    expect(read('scripts/bundle.mjs')).toContain("clinch: 'dist/src/clinch.js'");
  });
});

describe('the unit of systemd', () => {
  const path = `${root}deploy/systemd/clinch.service`;
  const unit = read('deploy/systemd/clinch.service');

  it('sets what the server knows, and keeps it in', () => {
    const names = [...unit.matchAll(/^Environment=([A-Z_]+)=/gm)].map(([, name]) => name ?? '');
    expect(names.filter((name) => name !== 'NODE_ENV' && !isKnown(name))).toEqual([]);
    for (const line of [
      'DynamicUser=yes',
      'ProtectSystem=strict',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
      'KillSignal=SIGTERM',
    ])
      expect(unit.split('\n')).toContain(line);
  });

  it('has a line for the embedded database, in the only folder that it can write to', () => {
    const line = /^#Environment=(DATABASE_URL)=(.+)$/m.exec(unit) ?? [];
    const { database } = ClinchConfig.fromEnvironment({ [line[1] ?? '']: line[2] });
    const folder = `/var/lib/${/^StateDirectory=(.+)$/m.exec(unit)?.[1] ?? ''}`;
    expect(database).toEqual({ kind: 'sqlite', path: `${folder}/clinch.db` });
  });

  it.runIf(hasSystemd())('is one, as systemd reads it', () => {
    expect(verified(path)).toEqual([]);
    const wrong = join(mkdtempSync(join(tmpdir(), 'clinch-unit-')), 'wrong.service');
    writeFileSync(wrong, unit.replace('ProtectSystem=strict', 'ProtectSystems=strict'));
    expect(verified(wrong)).toHaveLength(1);
    rmSync(dirname(wrong), { recursive: true });
  });
});

function hasSystemd(): boolean {
  return spawnSync('systemd-analyze', ['--version'], { stdio: 'ignore' }).status === 0;
}

/** What systemd says against a unit. Where the program is that it starts, is for the machine that it runs on. */
function verified(path: string): string[] {
  const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
  return stderr.split('\n').filter((line) => line.includes('.service') && !line.includes('is not executable'));
}
