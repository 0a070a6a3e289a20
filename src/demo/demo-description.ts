import { relative } from 'node:path';
import type { ChosenPort } from './demo-settings.js';
import type { Credentials } from './operator.js';
import { CONSOLE_APP, OPS_DEPARTMENT } from './sample-alibaba-cloud.js';
import { SAMPLE_PEOPLE } from './sample-data.js';

/** Where everything of one run is. */
export interface Demo {
  readonly issuer: string;
  readonly sampleApp: string;
  readonly secondApp: string;
  readonly sampleApi: string;
  readonly dingtalk: string;
  readonly alibabaCloud: string;
  readonly data: string;
  readonly operator: Credentials;
  readonly password: string;
  readonly ports: readonly ChosenPort[];
}

type Row = readonly [label: string, value?: string];

/** What a person reads: where to click, and with which name and password. */
export function description(demo: Demo): string {
  const [firstPerson, ...others] = SAMPLE_PEOPLE.map(({ username, name }) => `${username.padEnd(16)} ${name}`);
  const rows: Row[] = [
    ['Clinch demo is running'],
    [''],
    ['Sample web app', `${demo.sampleApp}   open it and choose "Sign in"`],
    ['Expenses app', `${demo.secondApp}   then this one: no password again, but it asks for consent`],
    ['', 'sign out in one of them: the other is out too'],
    ['Command line', `${command('demo:cli')}   in another terminal; afterwards with whoami or sign-out behind it`],
    ['Sample API', `${demo.sampleApi}/whoami   which the command line calls with its access token`],
    [''],
    ['DingTalk', `${demo.dingtalk}/client   a simulated one: be somebody, open an app, change department, leave`],
    ['', 'on the sign-in page choose "DingTalk"; to scan is to pick a person'],
    ['Alibaba Cloud', `${demo.issuer}/launch/${CONSOLE_APP}   into its simulated console with no password of its own`],
    ['', `or by its tile in DingTalk; ${OPS_DEPARTMENT} and ${SAMPLE_PEOPLE[0]?.name ?? ''} choose one of two roles`],
    ['', `${command('demo:alibaba')}   its command line's credentials, in another terminal`],
    [''],
    ['User names', firstPerson],
    ...others.map((person): Row => ['', person]),
    ['Password', `${demo.password}   (the same for all, new in every run)`],
    [''],
    ['Discovery', `${demo.issuer}/.well-known/openid-configuration`],
    ['Console', `${demo.issuer}/admin   with the client id and secret below`],
    ['Admin API docs', `${demo.issuer}/admin/docs`],
    ['  client id', demo.operator.clientId],
    ['  client secret', demo.operator.clientSecret],
    ['Data and logs', `${fromHere(demo.data)}   (wiped by the next run)`],
    [''],
    ...demo.ports
      .filter(({ insteadOf }) => insteadOf)
      .map(({ port, insteadOf }): Row => [`Port ${insteadOf} is taken by another program, so ${port} is used.`]),
    ['Ctrl-C ends it.'],
  ];
  const lines = rows.map(([label, value]) => (value === undefined ? `  ${label}` : `  ${label.padEnd(17)}${value}`));
  return `\n${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** It looks where this demo would have looked. */
function command(script: string): string {
  const folder = process.env.DEMO_DATA_DIR;
  return `${folder ? `DEMO_DATA_DIR=${folder} ` : ''}npm run ${script}`;
}

function fromHere(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path.startsWith('..') ? folder : path;
}
