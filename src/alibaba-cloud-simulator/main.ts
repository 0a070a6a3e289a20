/**
 * An Alibaba Cloud of our own as a program, for the demo and for trying things out; it is never part of the server. It has
 * STS, the console's sign-in and a console that shows who came in.
 * PORT (3005), HOST (127.0.0.1), and `--settings FILE` with what stands in RAM.
 */
import { type Settings, SettingsError, readSettings } from './settings.js';
import { AlibabaCloudSimulator } from './simulator.js';

async function start({ port, host, allowLoopback, accounts }: Settings): Promise<AlibabaCloudSimulator> {
  const simulator = new AlibabaCloudSimulator({ allowLoopback, ...(accounts && { accounts }) });
  await simulator.listen(port, host);
  return simulator;
}

function describe({ url, world }: AlibabaCloudSimulator, { allowLoopback }: Settings): string {
  const inAccount = world.accounts.map(
    ({ accountId, providers, roles }) =>
      `account ${accountId} with ${providers.length} OIDC providers and ${roles.length} roles`,
  );
  const loopback = allowLoopback ? '; unlike Alibaba Cloud it takes issuers at http://localhost' : '';
  return `The Alibaba Cloud simulator listens on ${url} (${inAccount.join(', ')})${loopback}`;
}

try {
  const settings = readSettings(process.argv.slice(2), process.env);
  const simulator = await start(settings);
  process.stdout.write(`${describe(simulator, settings)}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop());
} catch (error) {
  const isTheirs = error instanceof SettingsError || isListenError(error);
  process.stderr.write(`${error instanceof Error ? (isTheirs ? error.message : error.stack) : String(error)}\n`);
  process.exitCode = 2;
}

function isListenError(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'].includes(String(error.code))
  );
}
