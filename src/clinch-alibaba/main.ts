#!/usr/bin/env node
/**
 * `clinch-alibaba`: temporary credentials of a RAM role of Alibaba Cloud for whoever signs in to Clinch. It is a stranger to
 * the server: it signs people in by device flow (RFC 8628), and takes the id_token to STS itself.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../device-sign-in/cli-error.js';
import { Screen, printable } from '../device-sign-in/screen.js';
import { type Asked, USAGE, UsageError, readCommandLine } from './command-line.js';
import { CredentialSource } from './credential-source.js';
import { type Given, merged, option, providerSettings, readSettingsFile, roleSettings } from './settings.js';

const folder = join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'clinch-alibaba');

// Standard output is for what programs read.
const people = new Screen(process.stderr);

type Work = (source: CredentialSource, given: Given, asked: Asked) => Promise<number> | number;

const WORK: Readonly<Record<Asked['command'], Work>> = {
  async credentials(source, given, { renew }) {
    const credentials = await source.credentials(roleSettings(given), renew);
    process.stdout.write(`${JSON.stringify({ mode: 'StsToken', ...credentials })}\n`);
    return 0;
  },

  async login(source) {
    const { name } = await source.login();
    people.say(`Signed in as ${people.strong(printable(name))}.`);
    return 0;
  },

  async logout(source) {
    people.say((await source.logout()) ? 'Signed out.' : 'You were not signed in.');
    return 0;
  },

  status: showStatus,
};

async function run(asked: Asked): Promise<number> {
  const given = settingsFor(asked);
  const source = new CredentialSource(providerSettings(given, folder), {
    screen: people,
    // Whose words are caught and shown later cannot be answered in time.
    mayAsk: asked.command === 'login' || (asked.login && people.isTerminal),
    showQr: asked.qr ?? people.isTerminal,
    loginCommand: loginCommand(asked),
    explain: (line) => void (asked.verbose && process.stderr.write(`${printable(line)}\n`)),
  });
  return WORK[asked.command](source, given, asked);
}

/** Nobody is asked, so it says what this machine knows. */
function showStatus(source: CredentialSource, { issuer, client_id: clientId }: Given): number {
  const screen = new Screen(process.stdout);
  const signIn = source.signedIn();
  if (!signIn) {
    screen.say('You are not signed in.');
    return 1;
  }
  screen.say(`Signed in as ${screen.strong(printable(signIn.name))}`);
  screen.table([
    ['Signed in to', issuer],
    ['as the app', clientId],
    ['Id (sub)', signIn.sub],
  ]);
  for (const [purpose, { access_key_id: id, expiration }] of Object.entries(signIn.credentials)) {
    const [, , role, session] = purpose.split(' ');
    screen.say();
    screen.table([
      ['Role', role],
      ['Session name', session],
      ['AccessKey id', id],
      ['Until', expiration],
    ]);
  }
  return 0;
}

function settingsFor({ settingsFile, given }: Asked): Given {
  const file = readSettingsFile(settingsFile ?? join(folder, 'settings.json'));
  if (settingsFile !== undefined && file === undefined) throw new CliError(`There is no file ${settingsFile}.`);
  return merged(given, file ?? {});
}

/** What brings the same sign-in as this run needs. */
function loginCommand({ settingsFile, given }: Asked): string {
  const own = (['issuer', 'client_id'] as const).flatMap((name) => (given[name] ? [option(name), given[name]] : []));
  return ['clinch-alibaba login', ...(settingsFile ? ['--settings', settingsFile] : []), ...own].join(' ');
}

async function main(): Promise<number> {
  try {
    const asked = readCommandLine(process.argv.slice(2));
    if (asked === undefined) {
      process.stdout.write(USAGE);
      return 0;
    }
    return await run(asked);
  } catch (error) {
    const reason = error instanceof CliError ? printable(error.message) : error instanceof Error ? error.stack : error;
    process.stderr.write(`${String(reason)}\n`);
    if (error instanceof UsageError) process.stderr.write(`\n${USAGE}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

// Whoever reads us may stop reading: `… | head`.
process.stdout.on('error', () => process.exit(0));
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.once(signal, () => process.exit(128 + number));
}

process.exitCode = await main();
