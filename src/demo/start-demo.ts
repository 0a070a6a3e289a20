/**
 * The demo: Clinch as it is installed, with sample people and apps, and two sample web apps. It is a stranger to the
 * server: it starts the server's program, and all it then does it does over HTTP, as an operator and a developer would.
 */
import { randomBytes } from 'node:crypto';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { ChildPrograms } from './child-programs.js';
import { type ChosenPort, DemoError, choosePort, releaseDataFolder, wipeDataFolder } from './demo-settings.js';
import { type Credentials, Operator } from './operator.js';
import { SAMPLE_PEOPLE, expensesApp, samplePassword, sampleWebApp } from './sample-data.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const ROOT = here('../../../');

interface Demo {
  readonly issuer: string;
  readonly sampleApp: string;
  readonly secondApp: string;
  readonly data: string;
  readonly operator: Credentials;
  readonly password: string;
  readonly ports: readonly ChosenPort[];
}

/** Chooses everything a run needs and empties its folder. Throws DemoError for a port or folder that cannot be used. */
async function plan(): Promise<Demo> {
  const clinch = await choosePort('PORT', 3000, []);
  const first = await choosePort('SAMPLE_APP_PORT', 3001, [clinch.port]);
  const second = await choosePort('SECOND_APP_PORT', 3002, [clinch.port, first.port]);
  const data = process.env.DEMO_DATA_DIR || join(ROOT, 'data', 'demo');
  wipeDataFolder(data);
  return {
    issuer: `http://localhost:${clinch.port}`,
    sampleApp: `http://localhost:${first.port}`,
    secondApp: `http://localhost:${second.port}`,
    data,
    operator: {
      clientId: `operator-${randomBytes(3).toString('hex')}`,
      clientSecret: randomBytes(24).toString('base64url'),
    },
    password: samplePassword(),
    ports: [clinch, first, second],
  };
}

/** Starts the server, fills it, starts the apps. Throws DemoError when any of it fails. */
async function start(demo: Demo, programs: ChildPrograms): Promise<void> {
  programs.start('Clinch', here('../../server/main.js'), join(demo.data, 'clinch.log'), {
    CLINCH_ISSUER: demo.issuer,
    HOST: '127.0.0.1',
    PORT: new URL(demo.issuer).port,
    DATABASE_URL: `sqlite:${join(demo.data, 'clinch.db')}`,
    CLINCH_ADMIN_CLIENT_ID: demo.operator.clientId,
    CLINCH_ADMIN_CLIENT_SECRET: demo.operator.clientSecret,
    CLINCH_LOG_LEVEL: 'info',
  });
  await programs.ready(`${demo.issuer}/readyz`);
  const { first, second } = await programs.whileRunning(fill(demo));
  startApp('Sample web app', demo.sampleApp, first, demo, programs);
  startApp('Expenses', demo.secondApp, second, demo, programs);
  await Promise.all([programs.ready(demo.sampleApp), programs.ready(demo.secondApp)]);
}

/** Makes the sample people and apps. Gives what the two apps need to know of themselves. */
async function fill(demo: Demo): Promise<{ first: Registration; second: Registration }> {
  const operator = await Operator.signIn(demo.issuer, demo.operator);
  for (const person of SAMPLE_PEOPLE) await operator.create('users', { ...person, password: demo.password });
  return {
    first: await register(operator, sampleWebApp(demo.sampleApp)),
    second: await register(operator, expensesApp(demo.secondApp)),
  };
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

function startApp(name: string, origin: string, app: Registration, demo: Demo, programs: ChildPrograms): void {
  programs.start(name, here('sample-web-app.js'), join(demo.data, 'sample-apps.log'), {
    ISSUER: demo.issuer,
    CLIENT_ID: app.clientId,
    ...(app.clientSecret ? { CLIENT_SECRET: app.clientSecret } : {}),
    APP_NAME: name,
    PORT: new URL(origin).port,
  });
}

/** What a person reads: where to click, and with which name and password. */
function description(demo: Demo): string {
  const folder = relative(process.cwd(), demo.data);
  const [firstPerson, ...others] = SAMPLE_PEOPLE.map(({ username, name }) => `${username.padEnd(16)} ${name}`);
  const rows: [string, string?][] = [
    ['Clinch demo is running'],
    [''],
    ['Sample web app', `${demo.sampleApp}   open it and choose "Sign in"`],
    ['Expenses app', `${demo.secondApp}   then this one: no password again, but it asks for consent`],
    [''],
    ['User names', firstPerson],
    ...others.map((person): [string, string] => ['', person]),
    ['Password', `${demo.password}   (the same for all, new in every run)`],
    [''],
    ['Discovery', `${demo.issuer}/.well-known/openid-configuration`],
    ['Admin API docs', `${demo.issuer}/admin/docs`],
    ['  client id', demo.operator.clientId],
    ['  client secret', demo.operator.clientSecret],
    ['Data and logs', `${folder.startsWith('..') ? demo.data : folder}   (wiped by the next run)`],
    [''],
    ...demo.ports
      .filter(({ insteadOf }) => insteadOf)
      .map(({ port, insteadOf }): [string] => [`Port ${insteadOf} is taken by another program, so ${port} is used.`]),
    ['Ctrl-C ends it.'],
  ];
  const lines = rows.map(([label, value]) => (value === undefined ? `  ${label}` : `  ${label.padEnd(17)}${value}`));
  return `\n${lines.map((line) => line.trimEnd()).join('\n')}\n`;
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
