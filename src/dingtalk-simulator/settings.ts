import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type AppSettings, type CallbackSettings, PERMISSIONS } from './app.js';
import { isObject, jsonObject } from './exchange.js';

/** Something in the command line or its surroundings that whoever starts the simulator can put right. */
export class SettingsError extends Error {}

export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly people: number;
  readonly departments: number;
  readonly apps: readonly AppSettings[];
  readonly faults: Readonly<Record<string, unknown>>;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * What the simulator is started with: `--people`, `--departments` and `--settings FILE`, and variables. The file's apps
 * stand above the app that the variables describe. Throws SettingsError.
 */
export function readSettings(args: readonly string[], environment: NodeJS.ProcessEnv): Settings {
  const { people, departments, settings } = options(args);
  const file = settings === undefined ? {} : fromFile(settings);
  const listed: readonly unknown[] = Array.isArray(file.apps) ? file.apps : [];
  return {
    port: whole('PORT', environment.PORT ?? '3004', 0, 65_535),
    host: environment.HOST ?? '127.0.0.1',
    people: whole('--people', people ?? file.people ?? 0, 0, 200_000),
    departments: whole('--departments', departments ?? file.departments ?? 0, 0, 20_000),
    apps: listed.length > 0 ? listed.map(readApp) : [readApp(fromEnvironment(environment))],
    faults: isObject(file.faults) ? file.faults : {},
  };
}

function options(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({ args: [...args], options: { people: text, departments: text, settings: text } }).values;
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : String(error));
  }
}

function fromFile(path: string): Values {
  try {
    const values = jsonObject(readFileSync(path, 'utf8'));
    if (values) return values;
  } catch (error) {
    throw new SettingsError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new SettingsError(`${path} holds no JSON object.`);
}

function fromEnvironment(environment: NodeJS.ProcessEnv): Values {
  const list = (value: string | undefined) => value?.split(',').map((each) => each.trim());
  const { CALLBACK_URL: url, CALLBACK_TOKEN: token, CALLBACK_AES_KEY: aesKey } = environment;
  return {
    clientId: environment.CLIENT_ID,
    clientSecret: environment.CLIENT_SECRET,
    redirectUris: list(environment.REDIRECT_URIS),
    inAppHosts: list(environment.APP_HOSTS),
    mobileHomeUrl: environment.HOME_URL,
    pcHomeUrl: environment.PC_HOME_URL ?? environment.HOME_URL,
    callback: url === undefined ? undefined : { url, token, aesKey },
  };
}

const TEXTS = new Set(['clientId', 'clientSecret', 'corpId', 'name', 'mobileHomeUrl', 'pcHomeUrl', 'unifiedAppId']);
const LISTS = new Set(['redirectUris', 'inAppHosts']);
const FLAGS = new Set(['published', 'egressAllowed', 'stream']);

function readApp(value: unknown): AppSettings {
  if (!isObject(value)) throw new SettingsError('An app is a JSON object.');
  const settings: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(value)) {
    if (given === undefined) continue;
    settings[name] = readField(name, given);
  }
  return settings;
}

function readField(name: string, given: unknown): unknown {
  const isTexts = (list: unknown): list is string[] =>
    Array.isArray(list) && list.every((each) => typeof each === 'string');
  const known = PERMISSIONS as readonly string[];
  if (TEXTS.has(name) && typeof given === 'string') return given;
  if (FLAGS.has(name) && typeof given === 'boolean') return given;
  if (LISTS.has(name) && isTexts(given)) return given;
  if (name === 'agentId' && Number.isSafeInteger(given)) return given;
  if (name === 'permissions' && isTexts(given) && given.every((each) => known.includes(each))) return given;
  if (name === 'scope' && isObject(given) && isTexts(given.users) && Array.isArray(given.departments)) return given;
  if (name === 'callback') return readCallback(given);
  throw new SettingsError(`An app cannot have ${name} with the value ${JSON.stringify(given)}.`);
}

function readCallback(given: unknown): CallbackSettings {
  const { url, token, aesKey } = isObject(given) ? given : {};
  if (typeof url !== 'string' || !URL.canParse(url) || typeof token !== 'string' || typeof aesKey !== 'string') {
    throw new SettingsError('A callback has a url, a token and an aesKey.');
  }
  if (!/^[A-Za-z0-9]{43}$/.test(aesKey)) throw new SettingsError('An aesKey is 43 letters and digits.');
  return { url, token, aesKey };
}

function whole(name: string, given: unknown, least: number, most: number): number {
  const number = typeof given === 'string' && /^\d{1,7}$/.test(given) ? Number(given) : given;
  const fits = typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most;
  if (!fits) throw new SettingsError(`${name} is a whole number from ${least} to ${most}.`);
  return number;
}
