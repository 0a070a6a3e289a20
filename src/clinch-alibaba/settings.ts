import { readFileSync } from 'node:fs';
import { CliError } from '../device-sign-in/cli-error.js';

/** All that this program knows before it asks. The names of a settings file are those of the options, with underscores. */
export interface Settings {
  readonly issuer: string;
  readonly clientId: string;
  /** The folder that keeps sign-ins and credentials. */
  readonly folder: string;
}

/** The role to take, and where. */
export interface RoleSettings {
  readonly oidcProviderArn: string;
  readonly roleArn: string;
  /** Undefined: what the person is called at the provider. */
  readonly sessionName: string | undefined;
  readonly durationSeconds: number;
  readonly stsUrl: string;
}

export const SETTING_NAMES = [
  'issuer',
  'client_id',
  'oidc_provider_arn',
  'role_arn',
  'session_name',
  'duration',
  'sts_url',
] as const;

export type Given = Readonly<Partial<Record<(typeof SETTING_NAMES)[number], string>>>;

const DEFAULT_STS = 'https://sts.aliyuncs.com/';
const DEFAULT_DURATION_SECONDS = 3600;

/** What the options say, and where they are silent, the file. */
export function merged(options: Given, file: Given): Given {
  return { ...file, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) };
}

/**
 * Reads a settings file: a JSON object.
 *
 * @returns undefined when there is no such file
 * @throws {CliError} when it is no such object, or holds a name that nobody knows
 */
export function readSettingsFile(path: string): Given | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CliError(`${path} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
  const found = objectIn(text);
  if (found === undefined) throw new CliError(`${path} holds no JSON object.`);
  for (const [name, value] of Object.entries(found)) {
    if (!(SETTING_NAMES as readonly string[]).includes(name)) throw new CliError(`${path} knows no "${name}".`);
    if (!['string', 'number'].includes(typeof value))
      throw new CliError(`${path}: ${name} is neither text nor number.`);
  }
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, String(value)]));
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}

/** @throws {CliError} when something is missing, or is not what it has to be */
export function providerSettings(given: Given, folder: string): Settings {
  // Byte for byte as it is given, as it is compared (OpenID Connect Discovery 1.0 §4.3): an issuer may end in a slash.
  const issuer = secure(needed(given, 'issuer'), 'issuer');
  return { issuer, clientId: needed(given, 'client_id'), folder };
}

/** @throws {CliError} when something is missing, or is not what RAM and STS take (api-assumerolewithoidc) */
export function roleSettings(given: Given): RoleSettings {
  const oidcProviderArn = needed(given, 'oidc_provider_arn');
  const roleArn = needed(given, 'role_arn');
  const { session_name: sessionName, duration = String(DEFAULT_DURATION_SECONDS) } = given;
  must(/^acs:ram::\d+:oidc-provider\/[\w.-]{1,128}$/.test(oidcProviderArn), given, 'oidc_provider_arn');
  must(/^acs:ram::\d+:role\/[\w.-]{1,64}$/.test(roleArn), given, 'role_arn');
  must(sessionName === undefined || /^[\w.@-]{2,64}$/.test(sessionName), given, 'session_name');
  must(/^\d{3,5}$/.test(duration) && Number(duration) >= 900 && Number(duration) <= 43_200, given, 'duration');
  const stsUrl = secure(given.sts_url ?? DEFAULT_STS, 'sts_url');
  return { oidcProviderArn, roleArn, sessionName, durationSeconds: Number(duration), stsUrl };
}

const EXPECTED: Readonly<Partial<Record<(typeof SETTING_NAMES)[number], string>>> = {
  oidc_provider_arn: 'of the form acs:ram::ACCOUNT:oidc-provider/NAME',
  role_arn: 'of the form acs:ram::ACCOUNT:role/NAME',
  session_name: '2 to 64 of letters, digits and . @ - _',
  duration: 'between 900 and 43200 seconds',
};

function must(holds: boolean, given: Given, name: (typeof SETTING_NAMES)[number]): void {
  if (!holds) throw new CliError(`${option(name)} is "${given[name]}"; it has to be ${EXPECTED[name]}.`);
}

function needed(given: Given, name: (typeof SETTING_NAMES)[number]): string {
  const value = given[name];
  if (value) return value;
  throw new CliError(
    `${option(name)} is missing. Give it as an option or in a settings file; --help shows all of them.`,
  );
}

/** Tokens go there, so it has to be https, except on this very machine. */
function secure(address: string, name: 'issuer' | 'sts_url'): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const loopback = url !== undefined && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback)) return address;
  throw new CliError(`${option(name)} is "${address}"; it has to be an https address.`);
}

/** As it stands on the command line. */
export function option(name: string): string {
  return `--${name.replaceAll('_', '-')}`;
}
