/**
 * A command line that signs people in without a browser of its own (RFC 8628), as a developer would write one. It knows
 * the issuer and its client id, and perhaps an API: from the environment, or from the demo that runs beside it.
 */
import { parseArgs } from 'node:util';
import { askForSignIn } from '../device-sign-in/ask-for-sign-in.js';
import { CliError } from '../device-sign-in/cli-error.js';
import { Provider, Refused, type Tokens, send } from '../device-sign-in/provider.js';
import { Screen, printable } from '../device-sign-in/screen.js';
import { type CliSettings, readSettings } from './sample-cli-settings.js';
import { SignInFile, type StoredSignIn } from './sample-cli-tokens.js';

const USAGE = `Usage: npm run demo:cli [-- sign-in | whoami | sign-out] [--qr | --no-qr]

  sign-in    shows an address and a code, waits until you have opened it, and says who you are
  whoami     says it again, without asking
  sign-out   gives the tokens back

  ISSUER, CLIENT_ID        another provider than the demo's, and what this program is called there
  API, RESOURCE            the address of an API to call, and what it is called at the provider (RFC 8707)
  CLINCH_SAMPLE_TOKENS     the file that keeps you signed in
`;

const SCOPE = 'openid profile email offline_access';
const AGAIN = 'Sign in with "npm run demo:cli".';

const screen = new Screen(process.stdout);

/** Shows where to go and with which code, waits, and keeps what comes of it. */
async function signIn(provider: Provider, settings: CliSettings, showQr: boolean): Promise<void> {
  const tokens = await askForSignIn(provider, screen, SCOPE, showQr);
  if (!tokens.idToken) throw new CliError('The provider let this program in without saying who you are.');
  const { sub } = await provider.verify(tokens.idToken);
  await keep(provider, settings, tokens, sub);
  await report(provider, settings, tokens, sub);
}

/** A sign-in that was there before is given back: nobody would remember to. */
async function keep(provider: Provider, settings: CliSettings, tokens: Tokens, sub: string): Promise<void> {
  const file = new SignInFile(settings);
  const former = file.read();
  if (tokens.refreshToken) file.write({ refreshToken: tokens.refreshToken, sub });
  if (former) await provider.revoke(former.refreshToken).catch(() => undefined);
}

/** Says who is signed in, by the stored refresh token. Nobody has to do anything. */
async function whoAmI(provider: Provider, settings: CliSettings): Promise<void> {
  const file = new SignInFile(settings);
  const stored = file.read();
  if (!stored) throw new CliError(`You are not signed in. ${AGAIN}`);
  const tokens = await renew(provider, file, stored).catch((error: unknown) => {
    if (!(error instanceof Refused) || error.code !== 'invalid_grant') throw error;
    file.delete();
    throw new CliError(`Your sign-in has ended. ${AGAIN}`, { cause: error });
  });
  await report(provider, settings, tokens, stored.sub);
}

async function signOut(provider: Provider, settings: CliSettings): Promise<void> {
  const file = new SignInFile(settings);
  const stored = file.read();
  if (!stored) return screen.say('You were not signed in.');
  // Given back before it is forgotten: what nobody knows any more, nobody can give back.
  await provider.revoke(stored.refreshToken).catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error;
  });
  file.delete();
  screen.say('Signed out.');
}

/** The old refresh token is spent with this, so the new one is kept before anything else. */
async function renew(provider: Provider, file: SignInFile, stored: StoredSignIn, resource?: string): Promise<Tokens> {
  const tokens = await provider.refresh(stored.refreshToken, resource);
  if (tokens.refreshToken) file.write({ ...stored, refreshToken: tokens.refreshToken });
  return tokens;
}

/** What userinfo says. An access token for an API is none for it; then the sign-in brings another one (RFC 8707 §2.2). */
async function userinfo(provider: Provider, settings: CliSettings, accessToken: string, sub: string): Promise<object> {
  const said = await provider.userinfo(accessToken, sub);
  const file = new SignInFile(settings);
  const stored = file.read();
  if (said || !settings.resource || !stored) return said ?? {};
  const own = await renew(provider, file, stored, settings.issuer).catch((error: unknown) => {
    if (error instanceof Refused) return undefined;
    throw error;
  });
  return (own && (await provider.userinfo(own.accessToken, sub))) ?? {};
}

/** Prints who the tokens are about, and what the API answers to them. */
async function report(provider: Provider, settings: CliSettings, tokens: Tokens, sub: string): Promise<void> {
  const claims = tokens.idToken ? await provider.verify(tokens.idToken) : { sub };
  if (claims.sub !== sub) throw new CliError('The provider now speaks of somebody else. Sign out, and in again.');
  const person: Record<string, unknown> = {
    ...claims,
    ...(await userinfo(provider, settings, tokens.accessToken, sub)),
  };
  const name = typeof person.name === 'string' ? person.name : sub;
  screen.say();
  screen.say(`Signed in as ${screen.strong(printable(name))}`);
  screen.table([
    ['User name', person.preferred_username],
    ['Email', person.email],
    ['Id (sub)', sub],
    ['Signed in to', settings.issuer],
  ]);
  if (settings.api) await callApi(settings.api, tokens.accessToken);
  screen.say();
}

async function callApi(api: string, accessToken: string): Promise<void> {
  const address = `${api.replace(/\/$/, '')}/whoami`;
  const { status, body } = await send(address, { headers: { authorization: `Bearer ${accessToken}` } });
  screen.say();
  screen.say(`GET ${address} answers ${screen.strong(String(status))}`);
  screen.table(Object.entries(body).map(([name, value]) => [printable(name), value]));
}

async function main(): Promise<void> {
  const { command, showQr } = readArguments();
  const settings = readSettings(process.env);
  const provider = await Provider.discover(settings);
  if (command === 'whoami') return whoAmI(provider, settings);
  if (command === 'sign-out') return signOut(provider, settings);
  return signIn(provider, settings, showQr ?? screen.isTerminal);
}

function readArguments(): { command: string; showQr: boolean | undefined } {
  try {
    const options = { qr: { type: 'boolean' }, 'no-qr': { type: 'boolean' }, help: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [command = 'sign-in', ...more] = positionals;
    if (values.help) end(0, USAGE);
    if (more.length > 0 || !['sign-in', 'whoami', 'sign-out'].includes(command)) end(2, USAGE);
    return { command, showQr: values['no-qr'] ? false : values.qr };
  } catch (error) {
    return end(2, `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function end(code: number, text: string): never {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}

// Whoever reads us may stop reading: `… | head`.
process.stdout.on('error', () => process.exit(0));
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.once(signal, () => end(128 + number, '\n  Given up.\n'));
}

try {
  await main();
} catch (error) {
  const reason = error instanceof CliError ? printable(error.message) : error instanceof Error ? error.stack : error;
  process.stderr.write(`\n  ${String(reason)}\n`);
  process.exitCode = 1;
}
