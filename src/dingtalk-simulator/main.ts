/**
 * A DingTalk of our own as a program, for the demo and for trying things out; it is never part of the server.
 * PORT (3004), HOST (127.0.0.1), and of the app: CLIENT_ID, CLIENT_SECRET, REDIRECT_URIS, APP_HOSTS, HOME_URL,
 * PC_HOME_URL, CALLBACK_URL, CALLBACK_TOKEN, CALLBACK_AES_KEY. Or `--settings FILE` with `apps` and `faults`.
 * CHROME_PATH names the browser that the client page opens as DingTalk's own.
 * `--people 50000 --departments 1000` makes the organisation that large.
 */
import { bigCompany } from './big-company.js';
import { Container } from './open-container.js';
import { type Settings, SettingsError, readSettings } from './settings.js';
import { type DingTalkSimulator, startSimulator } from './simulator.js';

async function start({ port, host, people, departments, apps, faults }: Settings): Promise<DingTalkSimulator> {
  const isBig = people > 0 || departments > 0;
  const company = isBig ? { company: bigCompany(people, departments) } : {};
  const simulator = await startSimulator({ port, host, apps, ...company });
  simulator.faults.apply(faults);
  return simulator;
}

let container: Container | undefined;

/** Opens the browser that passes for DingTalk's, or another tab of it. Gives what hinders it, if anything. */
async function openContainer(simulator: DingTalkSimulator): Promise<string | undefined> {
  try {
    if (container?.isOpen) await container.show();
    else {
      const answer: DingTalkSimulator['answerBridge'] = (request) => simulator.answerBridge(request);
      container = await Container.open({ simulatorUrl: simulator.url, environment: process.env, answer });
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

try {
  const settings = readSettings(process.argv.slice(2), process.env);
  const simulator = await start(settings);
  simulator.desk.openContainer = () => openContainer(simulator);
  const { app, company, url } = simulator;
  // Whoever gave no secret has to learn the one that was made. It opens nothing but this.
  const secret = settings.apps[0]?.clientSecret === undefined ? `, Client Secret ${app.clientSecret}` : '';
  const what = `${company.corpId} with ${company.size} people, Client ID ${app.clientId}${secret}`;
  process.stdout.write(`The DingTalk simulator listens on ${url} (${what}); its client is ${url}/client\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      Promise.all([container?.close(), simulator.stop()]).catch((error: unknown) =>
        process.stderr.write(`${String(error)}\n`),
      );
    });
  }
} catch (error) {
  const isTheirs = error instanceof SettingsError || error instanceof TypeError || isListenError(error);
  process.stderr.write(`${error instanceof Error ? (isTheirs ? error.message : error.stack) : String(error)}\n`);
  process.exitCode = 2;
}

function isListenError(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'].includes(String(error.code))
  );
}
