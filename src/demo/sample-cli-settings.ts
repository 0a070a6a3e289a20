import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from '../device-sign-in/cli-error.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Where `npm run demo` leaves what the command line needs, in its data folder. */
export const SAMPLE_CLI_SETTINGS = 'sample-cli.json';

/** All that this program knows before it asks. */
export interface CliSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** The address of an API to call with the access token. */
  readonly api: string | undefined;
  /** What that API is called where tokens are issued (RFC 8707); without it, tokens are for the provider alone. */
  readonly resource: string | undefined;
  /** The file that keeps the refresh token. */
  readonly tokens: string;
}

/**
 * What the environment says, or else what the running demo has written down; never a mixture of the two.
 *
 * @throws {CliError} when neither says enough
 */
export function readSettings(env: NodeJS.ProcessEnv): CliSettings {
  const { ISSUER, CLIENT_ID, API, RESOURCE, CLINCH_SAMPLE_TOKENS } = env;
  if (ISSUER || CLIENT_ID) {
    if (!ISSUER || !CLIENT_ID) throw new CliError('ISSUER and CLIENT_ID belong together, and one of them is missing.');
    return {
      issuer: issuerOf(ISSUER),
      clientId: CLIENT_ID,
      api: API || undefined,
      resource: RESOURCE || undefined,
      tokens: CLINCH_SAMPLE_TOKENS || join(ROOT, 'data', 'sample-cli-tokens.json'),
    };
  }
  const folder = env.DEMO_DATA_DIR || join(ROOT, 'data', 'demo');
  const known = settingsOfDemo(join(folder, SAMPLE_CLI_SETTINGS));
  return { ...known, tokens: CLINCH_SAMPLE_TOKENS || join(folder, 'sample-cli-tokens.json') };
}

function settingsOfDemo(file: string): Omit<CliSettings, 'tokens'> {
  if (!existsSync(file)) {
    throw new CliError(
      'No demo has been started here. Start "npm run demo" in another terminal, or set ISSUER and CLIENT_ID.',
    );
  }
  const {
    issuer,
    client_id: clientId,
    api,
    resource,
  } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  if (typeof issuer !== 'string' || typeof clientId !== 'string') throw new CliError(`${file} is damaged.`);
  return {
    issuer,
    clientId,
    api: typeof api === 'string' ? api : undefined,
    resource: typeof resource === 'string' ? resource : undefined,
  };
}

/** People copy addresses with a slash at the end, and an issuer is compared byte for byte. */
function issuerOf(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new CliError(`ISSUER is "${text}", which is no address.`);
  return text.replace(/\/$/, '');
}
