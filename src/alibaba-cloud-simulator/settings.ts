import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type OidcProvider, RamAccount, type RoleSettings } from './ram.js';
import type { TrustPolicy, TrustStatement } from './trust-policy.js';

/** Something in the command line, its surroundings or the file that whoever starts the simulator can put right. */
export class SettingsError extends Error {}

export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly allowLoopback: boolean;
  /** Undefined when the file names none: the usual one. */
  readonly accounts: readonly RamAccount[] | undefined;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * What the simulator is started with: PORT, HOST and `--settings FILE`, a JSON object with `allowLoopback` and `accounts`, each
 * with `accountId`, `alias`, `providers` and `roles` as they stand in RAM.
 *
 * @throws {SettingsError}
 */
export function readSettings(args: readonly string[], environment: NodeJS.ProcessEnv): Settings {
  const file = fileOf(args);
  const { PORT: port = '3005', HOST: host = '127.0.0.1' } = environment;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new SettingsError(`PORT is "${port}", which is no port.`);
  const { allowLoopback = false, accounts } = file === undefined ? {} : fromFile(file);
  if (typeof allowLoopback !== 'boolean') throw new SettingsError('allowLoopback is true or false.');
  if (accounts !== undefined && !isList(accounts)) throw new SettingsError('accounts is a list.');
  return { port: Number(port), host, allowLoopback, accounts: accounts?.map(readAccount) };
}

function fileOf(args: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { settings: { type: 'string' } } }).values.settings;
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : String(error));
  }
}

function fromFile(path: string): Values {
  try {
    const values: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isObject(values)) return values;
  } catch (error) {
    throw new SettingsError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new SettingsError(`${path} holds no JSON object.`);
}

function readAccount(value: unknown): RamAccount {
  const { accountId, alias, providers = [], roles = [] } = isObject(value) ? value : {};
  if (!isList(providers) || !isList(roles)) throw new SettingsError('providers and roles are lists.');
  try {
    const account = new RamAccount(text('accountId', accountId), optional('alias', alias, text));
    for (const provider of providers) account.addProvider(readProvider(provider));
    for (const role of roles) account.addRole(readRole(role));
    return account;
  } catch (error) {
    // What RAM would not take is a mistake in the file.
    throw error instanceof Error ? new SettingsError(error.message) : error;
  }
}

function readProvider(value: unknown): Partial<OidcProvider> & Pick<OidcProvider, 'name' | 'issuer'> {
  const { name, issuer, clientIds, fingerprints, issuanceLimitHours } = isObject(value) ? value : {};
  return {
    name: text('name', name),
    issuer: text('issuer', issuer),
    clientIds: optional('clientIds', clientIds, texts) ?? [],
    fingerprints: optional('fingerprints', fingerprints, texts) ?? [],
    issuanceLimitHours: optional('issuanceLimitHours', issuanceLimitHours, number) ?? 12,
  };
}

function readRole(value: unknown): RoleSettings {
  const { name, trustPolicy, maxSessionSeconds } = isObject(value) ? value : {};
  const policy = optional('trustPolicy', trustPolicy, readPolicy);
  const seconds = optional('maxSessionSeconds', maxSessionSeconds, number);
  return {
    name: text('name', name),
    ...(policy === undefined ? {} : { trustPolicy: policy }),
    ...(seconds === undefined ? {} : { maxSessionSeconds: seconds }),
  };
}

function readPolicy(name: string, value: unknown): TrustPolicy {
  const { Version, Statement } = isObject(value) ? value : {};
  if (!isList(Statement) || !Statement.every(isStatement)) throw new SettingsError(`${name} is no policy document.`);
  return { Version: text('Version', Version), Statement };
}

function isStatement(value: unknown): value is TrustStatement {
  if (!isObject(value)) return false;
  const { Effect, Action, Principal, Condition = {} } = value;
  const isValues = (each: unknown) =>
    typeof each === 'string' || (isList(each) && each.every((one) => typeof one === 'string'));
  const conditions = isObject(Condition) ? Object.values(Condition) : [undefined];
  return (
    typeof Effect === 'string' &&
    isValues(Action) &&
    isObject(Principal) &&
    (Principal['Federated'] === undefined || isValues(Principal['Federated'])) &&
    conditions.every((keys) => isObject(keys) && Object.values(keys).every(isValues))
  );
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new SettingsError(`${name} is a text.`);
}

function texts(name: string, value: unknown): string[] {
  if (isList(value)) return value.map((each) => text(`Each of ${name}`, each));
  throw new SettingsError(`${name} is a list.`);
}

function number(name: string, value: unknown): number {
  if (typeof value === 'number') return value;
  throw new SettingsError(`${name} is a number.`);
}

function optional<T>(name: string, value: unknown, read: (name: string, value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(name, value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
