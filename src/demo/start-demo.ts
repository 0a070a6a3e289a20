/**
 * The demo: Clinch as it is installed, connected to a simulated DingTalk and a simulated Alibaba Cloud, with sample people, two sample web apps and a sample API. It is a stranger to the
 * server: it starts the server's program, and all it then does it does over HTTP, as an operator and a developer would.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { ChildPrograms } from './child-programs.js';
import { type Demo, description } from './demo-description.js';
import { DINGTALK_SOURCE, dingtalkApps, identitySource, type DingTalkApp } from './sample-dingtalk.js';
import { DemoError, choosePort, releaseDataFolder, wipeDataFolder } from './demo-settings.js';
import { Operator } from './operator.js';
import { commandLineApp, noteForCommandLine } from './sample-alibaba-cli.js';
import { CONSOLE_APP, OPS_DEPARTMENT, OPS_ROLE, consoleApp, opsRole, ramSettings } from './sample-alibaba-cloud.js';
import { SAMPLE_CLI_SETTINGS } from './sample-cli-settings.js';
import {
  SAMPLE_PEOPLE,
  approverRole,
  expensesApp,
  sampleApi,
  sampleCli,
  samplePassword,
  sampleWebApp,
} from './sample-data.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const ROOT = here('../../../');
/** Reading 300 people takes Clinch about a second. */
const DEPARTMENT_WITHIN_MS = 5000;

/** Chooses everything a run needs and empties its folder. Throws DemoError for a port or folder that cannot be used. */
async function plan(): Promise<Demo> {
  const clinch = await choosePort('PORT', 3000, []);
  const first = await choosePort('SAMPLE_APP_PORT', 3001, [clinch.port]);
  const second = await choosePort('SECOND_APP_PORT', 3002, [clinch.port, first.port]);
  const api = await choosePort('SAMPLE_API_PORT', 3003, [clinch.port, first.port, second.port]);
  const dingtalk = await choosePort('DINGTALK_PORT', 3004, [clinch.port, first.port, second.port, api.port]);
  const chosen = [clinch, first, second, api, dingtalk];
  const others = chosen.map(({ port }) => port);
  const alibabaCloud = await choosePort('ALIBABA_CLOUD_PORT', 3005, others);
  const data = process.env.DEMO_DATA_DIR || join(ROOT, 'data', 'demo');
  wipeDataFolder(data);
  return {
    issuer: `http://localhost:${clinch.port}`,
    sampleApp: `http://localhost:${first.port}`,
    secondApp: `http://localhost:${second.port}`,
    sampleApi: `http://localhost:${api.port}`,
    dingtalk: `http://localhost:${dingtalk.port}`,
    alibabaCloud: `http://localhost:${alibabaCloud.port}`,
    data,
    operator: {
      clientId: `operator-${randomBytes(3).toString('hex')}`,
      clientSecret: randomBytes(24).toString('base64url'),
    },
    password: samplePassword(),
    ports: [...chosen, alibabaCloud],
  };
}

/** Starts the server, fills it, starts the apps. Throws DemoError when any of it fails. */
async function start(demo: Demo, programs: ChildPrograms): Promise<void> {
  programs.start('Clinch', here('../../server/main.js'), join(demo.data, 'clinch.log'), {
    CLINCH_ISSUER: demo.issuer,
    HOST: '127.0.0.1',
    PORT: new URL(demo.issuer).port,
    DATABASE_URL: `sqlite:${join(demo.data, 'clinch.db')}`,
    // Nobody balances here.
    CLINCH_DRAIN_SECONDS: '0',
    CLINCH_ADMIN_CLIENT_ID: demo.operator.clientId,
    CLINCH_ADMIN_CLIENT_SECRET: demo.operator.clientSecret,
    CLINCH_LOG_LEVEL: 'info',
  });
  await programs.ready(`${demo.issuer}/readyz`);
  const operator = await programs.whileRunning(Operator.signIn(demo.issuer, demo.operator));
  startAlibabaCloud(demo, programs);
  const { first, second } = await programs.whileRunning(fill(demo, operator));
  await startDingTalk(demo, operator, [first, second], programs);
  startApp('Sample web app', demo.sampleApp, first, demo, programs);
  startApp('Expenses', demo.secondApp, second, demo, programs);
  startApi(demo, programs);
  const pages = [demo.sampleApp, demo.secondApp, demo.sampleApi, `${demo.alibabaCloud}/console`];
  const ready = pages.map((address) => programs.ready(address));
  await Promise.all([...ready, programs.whileRunning(letDepartmentIn(operator))]);
}

/** Makes the sample people, the API and the apps. Gives what the two web apps need to know of themselves. */
async function fill(demo: Demo, operator: Operator): Promise<{ first: Registration; second: Registration }> {
  const people: Record<string, unknown>[] = [];
  for (const person of SAMPLE_PEOPLE)
    people.push(await operator.create('users', { ...person, password: demo.password }));
  await operator.create('api-resources', sampleApi(demo.sampleApi));
  noteForCli(demo, await register(operator, sampleCli(demo.sampleApi)));
  const first = await register(operator, sampleWebApp(demo.sampleApp));
  const second = await register(operator, expensesApp(demo.secondApp));
  await operator.create('roles', approverRole(second.clientId));
  const subject = { type: 'user', id: people[0]?.['id'] };
  await operator.create(`apps/${second.clientId}/assignments`, { subject, role: 'approver' });
  await operator.create('apps', consoleApp(demo.alibabaCloud));
  await operator.create('apps', commandLineApp(demo.alibabaCloud));
  noteForCommandLine(demo.data, demo.issuer, demo.alibabaCloud);
  await operator.create('roles', opsRole());
  await operator.create(`apps/${CONSOLE_APP}/assignments`, { subject, role: OPS_ROLE });
  return { first, second };
}

interface Registration {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

async function register(operator: Operator, app: object): Promise<Registration> {
  const { client_id: clientId, client_secret: clientSecret } = await operator.create('apps', app);
  if (typeof clientId !== 'string') throw new DemoError('Clinch made an app and did not name its client_id.');
  return { clientId, clientSecret: typeof clientSecret === 'string' ? clientSecret : undefined };
}

/** The command line is started by hand, in another terminal, and finds there what it has to know. */
function noteForCli({ data, issuer, sampleApi: api }: Demo, { clientId }: Registration): void {
  const settings = { issuer, client_id: clientId, api, resource: api };
  writeFileSync(join(data, SAMPLE_CLI_SETTINGS), `${JSON.stringify(settings, null, 2)}\n`);
}

function startApp(name: string, origin: string, app: Registration, demo: Demo, programs: ChildPrograms): void {
  programs.start(name, here('sample-web-app.js'), join(demo.data, 'sample-apps.log'), {
    ISSUER: demo.issuer,
    CLIENT_ID: app.clientId,
    ...(app.clientSecret ? { CLIENT_SECRET: app.clientSecret } : {}),
    APP_NAME: name,
    PORT: new URL(origin).port,
  });
}

/** A DingTalk with an organisation, which Clinch is connected to and reads. Both web apps and the Alibaba Cloud console are on its workbench. */
async function startDingTalk(
  demo: Demo,
  operator: Operator,
  [first, second]: readonly [Registration, Registration],
  programs: ChildPrograms,
): Promise<void> {
  const app: DingTalkApp = {
    clientId: 'dingclinchdemo0001',
    clientSecret: randomBytes(32).toString('base64url'),
    callbackToken: randomBytes(12).toString('hex'),
    callbackAesKey: randomBytes(32).toString('hex').slice(0, 43),
  };
  const settings = join(demo.data, 'dingtalk.json');
  const tiles = [
    { name: 'Sample web app', clientId: first.clientId },
    { name: 'Expenses 报销', clientId: second.clientId },
    { name: '阿里云控制台 Alibaba Cloud', clientId: CONSOLE_APP },
  ];
  writeFileSync(settings, JSON.stringify({ apps: dingtalkApps(demo.issuer, app, tiles) }, null, 2), { mode: 0o600 });
  const environment = { PORT: new URL(demo.dingtalk).port, HOST: '127.0.0.1' };
  const args = ['--settings', settings, ...process.argv.slice(2)];
  const log = join(demo.data, 'dingtalk.log');
  programs.start('The DingTalk simulator', here('../dingtalk-simulator/main.js'), log, environment, args);
  await programs.ready(`${demo.dingtalk}/client`);
  await programs.whileRunning(operator.create('identity-sources', identitySource(demo.dingtalk, app)));
  await programs.whileRunning(operator.create(`identity-sources/${DINGTALK_SOURCE}/sync-runs`, { dry_run: false }));
}

/** An Alibaba Cloud in whose RAM this Clinch is registered. */
function startAlibabaCloud({ issuer, alibabaCloud, data }: Demo, programs: ChildPrograms): void {
  const settings = join(data, 'alibaba-cloud.json');
  writeFileSync(settings, JSON.stringify(ramSettings(issuer), null, 2));
  const environment = { PORT: new URL(alibabaCloud).port, HOST: '127.0.0.1' };
  const [program, log] = [here('../alibaba-cloud-simulator/main.js'), join(data, 'alibaba-cloud.log')];
  programs.start('The Alibaba Cloud simulator', program, log, environment, ['--settings', settings]);
}

/** The people of one department of DingTalk may take the role for operations: as soon as Clinch has read that it exists. */
async function letDepartmentIn(operator: Operator): Promise<void> {
  const deadline = Date.now() + DEPARTMENT_WITHIN_MS;
  while (Date.now() < deadline) {
    const department = (await operator.list('departments')).find(({ name }) => name === OPS_DEPARTMENT);
    if (department) {
      const subject = { type: 'department', id: department['id'] };
      await operator.create(`apps/${CONSOLE_APP}/assignments`, { subject, include_descendants: true, role: OPS_ROLE });
      return;
    }
    await delay(200);
  }
  // An organisation that was made for its size has other departments: there only the first sample person has that role.
}

function startApi(demo: Demo, programs: ChildPrograms): void {
  programs.start('Sample API', here('sample-api.js'), join(demo.data, 'sample-apps.log'), {
    ISSUER: demo.issuer,
    IDENTIFIER: demo.sampleApi,
    PORT: new URL(demo.sampleApi).port,
  });
}

async function main(): Promise<void> {
  const demo = await plan();
  const programs = new ChildPrograms();
  const asked = new Promise<void>((end) => {
    let times = 0;
    const onSignal = () => {
      times += 1;
      // Whoever presses Ctrl-C again does not want to wait.
      if (times > 1) void programs.end();
      end();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
  try {
    const running = start(demo, programs).then(() => {
      say(description(demo));
      return programs.untilDeath();
    });
    await Promise.race([asked, running]);
  } finally {
    await programs.end();
    releaseDataFolder(demo.data);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

// A terminal that was closed cannot be written to; that must not keep us from ending our programs.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

try {
  await main();
  say('\n  The demo has ended.');
  process.exit(0);
} catch (error) {
  const reason = error instanceof DemoError ? error.message : inspect(error);
  process.stderr.write(`\n  ${reason}\n`);
  process.exit(1);
}
