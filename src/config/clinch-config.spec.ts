import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ClinchConfig } from './clinch-config.js';
import { ConfigError } from './environment-reader.js';

const KEY = randomBytes(32).toString('base64');

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    ClinchConfig.fromEnvironment(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe('the configuration', () => {
  it('lets signing keys change within minutes only where the issuer is on this machine', () => {
    const CLINCH_DRILL_KEY_TIMES = 'rotation=60,announcement=15,keep=40,jwksMaxAge=10';
    const times = { rotation: 60, announcement: 15, keep: 40, jwksMaxAge: 10 };
    expect(ClinchConfig.fromEnvironment({ CLINCH_DRILL_KEY_TIMES }).drillKeyTimes).toEqual(times);
    const CLINCH_ISSUER = 'https://id.example.com';
    expect(faultsOf({ CLINCH_DRILL_KEY_TIMES, CLINCH_ISSUER })).toHaveLength(1);
    for (const text of [
      'rotation=60',
      'rotation=0,announcement=15,keep=40,jwksMaxAge=10',
      'x',
      `${CLINCH_DRILL_KEY_TIMES},a=1`,
    ])
      expect(faultsOf({ CLINCH_DRILL_KEY_TIMES: text }), text).toHaveLength(1);
    expect(ClinchConfig.fromEnvironment({}).drillKeyTimes).toBeUndefined();
  });

  it('needs nothing at all', () => {
    const config = ClinchConfig.fromEnvironment({});
    expect(config).toMatchObject({ issuer: 'http://localhost:3000', host: '127.0.0.1', port: 3000, logLevel: 'info' });
    expect(config.database).toEqual({ kind: 'sqlite', path: 'data/clinch.db' });
    expect(config.url('/oidc/token')).toBe('http://localhost:3000/oidc/token');
  });

  it('keeps the issuer as it was written, and knows its path', () => {
    const config = ClinchConfig.fromEnvironment({ CLINCH_ISSUER: 'https://id.example/auth' });
    expect(config.issuer).toBe('https://id.example/auth');
    expect(config.basePath).toBe('/auth');
    expect(config.secure).toBe(true);
  });

  it.each([
    ['CLINCH_ISSUER', 'id.example.com', 'absolute URL'],
    ['CLINCH_ISSUER', 'http://id.example.com', 'https'],
    ['CLINCH_ISSUER', 'https://id.example.com/', 'slash'],
    ['CLINCH_ISSUER', 'https://id.example.com?x=1', 'query'],
    ['CLINCH_ISSUER', 'https://ID.example.com', 'normal form'],
    ['PORT', '70000', 'port'],
    ['PORT', '3000x', 'port'],
    ['DATABASE_URL', 'mysql://db/clinch', 'sqlite:PATH'],
    ['CLINCH_MASTER_KEY', 'c2hvcnQ=', '32'],
    ['CLINCH_MASTER_KEY', Buffer.alloc(32).toString('base64'), 'sample'],
    ['CLINCH_MASTER_KEY', Buffer.from([...Array(32).keys()]).toString('base64'), 'sample'],
    ['CLINCH_MASTER_KEY', 'not base64!', 'base64'],
    ['CLINCH_MASTER_KEY_FILE', '/no/such/file', 'cannot be read'],
    ['CLINCH_TRUST_PROXY', '10.0.0.0/33', 'network'],
    ['CLINCH_LOG_LEVEL', 'loud', 'one of'],
    ['CLINCH_METRICS_TOKEN', 'short', '16'],
  ])('refuses %s=%s in one line that names the variable, the fault and an example', (name, value, problem) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name} .*${problem}.* Example: .+`));
  });

  describe('what is secret, in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'clinch-config-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    const file = (text: string): string => {
      const path = join(folder, randomBytes(4).toString('hex'));
      writeFileSync(path, `${text}\n`);
      return path;
    };

    it('is read from there, as if it were in the variable', () => {
      const config = ClinchConfig.fromEnvironment({
        DATABASE_URL_FILE: file('postgres://clinch:p%40ss@db/clinch'),
        CLINCH_MASTER_KEY_FILE: file(KEY),
        CLINCH_ADMIN_CLIENT_ID: 'ops',
        CLINCH_ADMIN_CLIENT_SECRET_FILE: file('a-secret-of-the-operators'),
        CLINCH_METRICS_TOKEN_FILE: file('0123456789abcdef'),
      });
      expect(config.database).toEqual({ kind: 'postgres', url: 'postgres://clinch:p%40ss@db/clinch' });
      expect(config.masterKeys).toHaveLength(1);
      expect(config.operatorClient).toEqual({ clientId: 'ops', clientSecret: 'a-secret-of-the-operators' });
      expect(config.metricsToken).toBe('0123456789abcdef');
    });

    it.each(['DATABASE_URL', 'CLINCH_MASTER_KEY', 'CLINCH_ADMIN_CLIENT_SECRET', 'CLINCH_METRICS_TOKEN'])(
      'may not be beside %s, and has to be there and right',
      (name) => {
        const id: Record<string, string> = name.startsWith('CLINCH_ADMIN') ? { CLINCH_ADMIN_CLIENT_ID: 'ops' } : {};
        const both = faultsOf({ ...id, [name]: 'x', [`${name}_FILE`]: file('x') });
        expect(both).toEqual([expect.stringMatching(`^${name}_FILE is set beside ${name}; .* Example: /run/secrets/`)]);
        const absent = faultsOf({ ...id, [`${name}_FILE`]: join(folder, 'nothing') });
        expect(absent).toEqual([expect.stringMatching(`^${name}_FILE names a file that cannot be read`)]);
        const wrong = faultsOf({ ...id, [`${name}_FILE`]: file('wrong-thing') });
        expect(wrong).toEqual([expect.stringMatching(`^${name}_FILE .* Example: /run/secrets/`)]);
        expect(wrong.join()).not.toContain('wrong-thing');
      },
    );
  });

  it('never repeats a secret in a fault', () => {
    const secret = 'short-but-secret';
    expect(faultsOf({ CLINCH_MASTER_KEY: secret }).join()).not.toContain(secret);
  });

  it('refuses a misspelt variable and names the nearest one', () => {
    expect(faultsOf({ CLINCH_MASTERKEY: KEY })[0]).toContain('not a variable');
    expect(faultsOf({ CLINCH_ADMIN_CLIENT_SECRETS: 'x' })[0]).toContain('CLINCH_ADMIN_CLIENT');
  });

  it('reports all faults at once', () => {
    expect(faultsOf({ PORT: 'x', CLINCH_ISSUER: 'x', CLINCH_UNKNOWN: 'x' })).toHaveLength(3);
  });

  it('requires a master key with a server database', () => {
    expect(faultsOf({ DATABASE_URL: 'postgres://db/clinch' })[0]).toContain('CLINCH_MASTER_KEY is required');
    expect(faultsOf({ DATABASE_URL: 'postgres://db/clinch', CLINCH_MASTER_KEY: KEY })).toEqual([]);
  });

  it('reads several master keys, the first of which encrypts', () => {
    const other = randomBytes(32).toString('base64');
    expect(ClinchConfig.fromEnvironment({ CLINCH_MASTER_KEY: `${KEY}, ${other}` }).masterKeys).toHaveLength(2);
  });

  it('wants both halves of the operators’ client, and no weak secret', () => {
    expect(faultsOf({ CLINCH_ADMIN_CLIENT_ID: 'ops' })[0]).toContain('CLINCH_ADMIN_CLIENT_SECRET is missing');
    expect(faultsOf({ CLINCH_ADMIN_CLIENT_ID: 'ops', CLINCH_ADMIN_CLIENT_SECRET: 'changeme' })).toHaveLength(1);
  });
});
