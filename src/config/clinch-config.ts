import { availableParallelism } from 'node:os';
import { isLoopbackHost } from '../protocol/loopback.js';
import { DRILL_KEY_TIMES_EXAMPLE, parseDrillKeyTimes, type DrillKeyTimes } from './drill-key-times.js';
import { cleanIssuer } from './issuer.js';
import { ConfigError, EnvironmentReader } from './environment-reader.js';
import { parseDestination, parseNetwork } from './network.js';
import { parseMasterKeys } from './master-keys.js';

/** Where Clinch keeps its data. */
export type DatabaseTarget =
  { readonly kind: 'sqlite'; readonly path: string } | { readonly kind: 'postgres'; readonly url: string };

/** The client that operators' scripts use, made or updated at start. */
export interface OperatorClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

const MOST_WORKERS = 128;
/** Seconds. */
const LONGEST_DRAIN = 60;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const LOCAL_SIGN_IN = ['auto', 'on', 'off'] as const;
/** Whether people may sign in with a password of ours; `auto`: while some active account has one. */
export type LocalSignInSetting = (typeof LOCAL_SIGN_IN)[number];

const KNOWN_VARIABLES = [
  'CLINCH_ISSUER',
  'CLINCH_MASTER_KEY',
  'CLINCH_MASTER_KEY_FILE',
  'CLINCH_ADMIN_CLIENT_ID',
  'CLINCH_ADMIN_CLIENT_SECRET',
  'CLINCH_ADMIN_CLIENT_SECRET_FILE',
  'CLINCH_TRUST_PROXY',
  'CLINCH_OUTBOUND_ALLOW',
  'CLINCH_LOG_LEVEL',
  'CLINCH_METRICS_TOKEN',
  'CLINCH_METRICS_TOKEN_FILE',
  'CLINCH_LOCAL_SIGN_IN',
  'CLINCH_DRILL_KEY_TIMES',
  'CLINCH_DRAIN_SECONDS',
  'CLINCH_WORKERS',
];

/** Secrets that appear in manuals and examples; whoever finds the server tries them first. */
const WELL_KNOWN_SECRETS = new Set(['changemechangeme', 'change-me-please', 'secretsecretsecret', 'passwordpassword']);

/**
 * The whole configuration, read once, validated and typed. Nothing else in the house reads the environment.
 */
export class ClinchConfig {
  /** The public address, exactly as it stands in `iss`, without a trailing slash. */
  readonly issuer: string;
  /** The issuer's path, '' or '/auth'. */
  readonly basePath: string;
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly database: DatabaseTarget;
  /** 32-byte keys; the first encrypts, all decrypt. Empty: kept in a file beside the embedded database. */
  readonly masterKeys: readonly Buffer[];
  readonly operatorClient: OperatorClient | undefined;
  /** Addresses or networks (CIDR) whose `X-Forwarded-*` are believed. */
  readonly trustProxy: readonly string[];
  /** Hosts or networks that outgoing requests may reach although they are private. */
  readonly outboundAllow: readonly string[];
  readonly logLevel: LogLevel;
  readonly metricsToken: string | undefined;
  readonly localSignIn: LocalSignInSetting;
  /** Signing keys that change within minutes; only where the issuer is on this machine. */
  readonly drillKeyTimes: DrillKeyTimes | undefined;
  /** Seconds for which a server that was asked to end still takes requests, while /readyz says that it is leaving. */
  readonly drainSeconds: number;
  /** Processes that serve. */
  readonly workers: number;

  private constructor(values: Omit<ClinchConfig, 'url' | 'basePath' | 'secure' | 'loopback'>) {
    Object.assign(this, values);
    const issuer = new URL(values.issuer);
    this.basePath = issuer.pathname === '/' ? '' : issuer.pathname;
    this.secure = issuer.protocol === 'https:';
  }

  /** An address of ours under the issuer: `url('/oidc/token')`. */
  url(path: string): string {
    return this.issuer + path;
  }

  /**
   * Reads the environment.
   *
   * @throws {ConfigError} with one line for each fault: the variable, what is wrong, and a good example
   */
  static fromEnvironment(environment: NodeJS.ProcessEnv): ClinchConfig {
    const read = new EnvironmentReader(environment);
    read.refuseUnknown('CLINCH_', KNOWN_VARIABLES);
    const database = readDatabase(read);
    const values = {
      issuer: read.text('CLINCH_ISSUER', 'http://localhost:3000', cleanIssuer, 'https://id.example.com') ?? '',
      host: read.text('HOST', '127.0.0.1', (text) => text, '127.0.0.1') ?? '',
      port: read.text('PORT', '3000', readPort, '3000') ?? 0,
      database,
      masterKeys: readMasterKeys(read, database),
      operatorClient: readOperatorClient(read),
      trustProxy: read.list('CLINCH_TRUST_PROXY', parseNetwork, '10.0.0.0/8,127.0.0.1'),
      outboundAllow: read.list('CLINCH_OUTBOUND_ALLOW', parseDestination, 'keys.intra.example,10.1.0.0/16'),
      logLevel: read.text('CLINCH_LOG_LEVEL', 'info', readLogLevel, 'info') ?? 'info',
      metricsToken: read.secret('CLINCH_METRICS_TOKEN', readSecret, 'the output of: openssl rand -hex 24'),
      localSignIn: read.text('CLINCH_LOCAL_SIGN_IN', 'auto', readLocalSignIn, 'off') ?? 'auto',
      drillKeyTimes: read.text('CLINCH_DRILL_KEY_TIMES', undefined, parseDrillKeyTimes, DRILL_KEY_TIMES_EXAMPLE),
      drainSeconds: read.text('CLINCH_DRAIN_SECONDS', '5', readDrainSeconds, '5') ?? 5,
      workers: readWorkers(read, database),
    };
    if (values.drillKeyTimes !== undefined && !isLoopbackHost(new URL(values.issuer || 'http://localhost').hostname)) {
      read.fault('CLINCH_DRILL_KEY_TIMES', 'is for drills with an issuer on this machine', DRILL_KEY_TIMES_EXAMPLE);
    }
    if (read.faults.length > 0) throw new ConfigError(read.faults);
    return new ClinchConfig(values);
  }

  /** True when the issuer itself is on this machine: a trial or a test, where loopback is a fair destination. */
  get loopback(): boolean {
    return isLoopbackHost(new URL(this.issuer).hostname);
  }
}

function readDatabase(read: EnvironmentReader): DatabaseTarget {
  const example = 'sqlite:data/clinch.db or postgres://clinch@db.example/clinch';
  const target = read.secret<DatabaseTarget>(
    'DATABASE_URL',
    (text) => {
      const sqlite = /^sqlite:(.+)$/.exec(text)?.[1];
      if (sqlite !== undefined) return { kind: 'sqlite', path: sqlite.replace(/^\/\//, '') };
      if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return { kind: 'postgres', url: text };
      throw new Error('is neither sqlite:PATH nor postgres://…');
    },
    example,
  );
  return target ?? { kind: 'sqlite', path: 'data/clinch.db' };
}

function readMasterKeys(read: EnvironmentReader, database: DatabaseTarget): readonly Buffer[] {
  const example = 'the output of: openssl rand -base64 32';
  const keys = read.secret('CLINCH_MASTER_KEY', parseMasterKeys, example);
  if (keys === undefined && database.kind !== 'sqlite' && !read.faulty('CLINCH_MASTER_KEY', 'CLINCH_MASTER_KEY_FILE')) {
    read.fault('CLINCH_MASTER_KEY', 'is required with a server database', example);
  }
  return keys ?? [];
}

function readOperatorClient(read: EnvironmentReader): OperatorClient | undefined {
  const clientId = read.text('CLINCH_ADMIN_CLIENT_ID', undefined, readClientId, 'clinch-operators');
  const secret = read.secret('CLINCH_ADMIN_CLIENT_SECRET', readSecret, 'the output of: openssl rand -base64 32');
  const given = [read.has('CLINCH_ADMIN_CLIENT_ID'), read.hasSecret('CLINCH_ADMIN_CLIENT_SECRET')];
  if (given[0] !== given[1]) {
    const missing = given[0] ? 'CLINCH_ADMIN_CLIENT_SECRET' : 'CLINCH_ADMIN_CLIENT_ID';
    const example = given[0] ? 'the output of: openssl rand -base64 32' : 'clinch-operators';
    read.fault(missing, 'is missing; the operators’ client needs both its id and its secret', example);
  }
  return clientId !== undefined && secret !== undefined ? { clientId, clientSecret: secret } : undefined;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65535) throw new Error('is not a port number from 0 to 65535');
  return port;
}

function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) throw new Error(`is not one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

function readLocalSignIn(text: string): LocalSignInSetting {
  const setting = LOCAL_SIGN_IN.find((known) => known === text);
  if (setting === undefined) throw new Error(`is not one of ${LOCAL_SIGN_IN.join(', ')}`);
  return setting;
}

/** SQLite has one writer: more processes would only wait for each other, and count their limits apart. */
function readWorkers(read: EnvironmentReader, database: DatabaseTarget): number {
  const workers = read.text('CLINCH_WORKERS', '1', readWorkerCount, '2 or cpus') ?? 1;
  if (workers > 1 && database.kind === 'sqlite') {
    read.fault('CLINCH_WORKERS', 'is more than 1, which takes PostgreSQL: an embedded database has one process', '1');
  }
  return workers;
}

function readWorkerCount(text: string): number {
  if (text === 'cpus') return availableParallelism();
  const count = Number(text);
  if (!/^\d{1,3}$/.test(text) || count < 1 || count > MOST_WORKERS) {
    throw new Error(`is neither a number from 1 to ${MOST_WORKERS} nor cpus`);
  }
  return count;
}

function readDrainSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,2}$/.test(text) || seconds > LONGEST_DRAIN) {
    throw new Error(`is not a number of seconds from 0 to ${LONGEST_DRAIN}`);
  }
  return seconds;
}

function readClientId(text: string): string {
  // 22 characters of that kind are an account's id, and a client that is called like a person could pass for one.
  if (/^[A-Za-z0-9_-]{22}$/.test(text)) throw new Error('may not have exactly 22 letters, digits and dashes');
  if (!/^(?=.*[A-Za-z0-9])[A-Za-z0-9._~-]{1,64}$/.test(text))
    throw new Error('may hold 1 to 64 letters, digits, dots, dashes and underscores');
  return text;
}

function readSecret(text: string): string {
  if (WELL_KNOWN_SECRETS.has(text.toLowerCase())) throw new Error('is a well-known sample value');
  if (text.length < 16) throw new Error('has fewer than 16 characters');
  if (new Set(text).size < 6) throw new Error('has fewer than 6 different characters');
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Error('may hold printable ASCII only, without spaces');
  return text;
}
