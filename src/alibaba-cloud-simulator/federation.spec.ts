import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlibabaCloudSimulator } from './simulator.js';
import type { RoleSession } from './world.js';

const ISSUER = 'https://clinch.example';
const LOGIN_URL = `${ISSUER}/launch/aliyun`;
const DESTINATION = 'https://ecs.console.aliyun.com/#/home';

let simulator: AlibabaCloudSimulator;
let session: RoleSession;

beforeEach(async () => {
  simulator = new AlibabaCloudSimulator();
  await simulator.listen();
  const { account } = simulator.world;
  account.addProvider({ name: 'clinch', issuer: ISSUER, clientIds: ['aliyun'] });
  const role = account.addRole({ name: 'clinch-ops' });
  const taken = { account, role, sessionName: 'lin.xiaoyu', subject: 'u001', issuer: ISSUER };
  session = simulator.world.takeRole(taken, 3600);
});

afterEach(() => simulator.stop());

type Parameters = Readonly<Record<string, string>>;

function federation(parameters: Parameters, options: RequestInit = {}): Promise<Response> {
  const query = new URLSearchParams(parameters).toString();
  return fetch(`${simulator.url}/federation?${query}`, { redirect: 'manual', ...options });
}

function credentials(change: Parameters = {}): Record<string, string> {
  const { accessKeyId, accessKeySecret, securityToken } = session;
  return {
    Action: 'GetSigninToken',
    AccessKeyId: accessKeyId,
    AccessKeySecret: accessKeySecret,
    SecurityToken: securityToken,
    TicketType: 'mini',
    ...change,
  };
}

async function ticket(): Promise<string> {
  const answer = (await (await federation(credentials())).json()) as { SigninToken: string };
  return answer.SigninToken;
}

function login(SigninToken: string, change: Parameters = {}): Promise<Response> {
  return federation({ Action: 'Login', LoginUrl: LOGIN_URL, Destination: DESTINATION, SigninToken, ...change });
}

/** What the browser sees, and where it is. */
async function arrive(answer: Response): Promise<{ status: number; text: string }> {
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
  const next = await fetch(new URL(answer.headers.get('location') ?? '', simulator.url), { headers: { cookie } });
  return { status: next.status, text: await next.text() };
}

describe('GetSigninToken', () => {
  it('gives a ticket for credentials, in the query or in a form', async () => {
    const expected = { RequestId: expect.any(String), SigninToken: expect.stringMatching(/^[\w-]{64}$/) };
    expect(await (await federation(credentials())).json()).toEqual(expected);
    const body = new URLSearchParams(credentials());
    const posted = await fetch(`${simulator.url}/federation`, { method: 'POST', body });
    expect([posted.status, await posted.json()]).toEqual([200, expected]);
    expect(JSON.stringify(simulator.calls)).not.toContain(session.accessKeySecret);
  });

  it.each([
    ['no action', { Action: '' }, 400, 'InvalidAction'],
    ['another action', { Action: 'SignIn' }, 400, 'InvalidAction'],
    ['no AccessKeyId', { AccessKeyId: '' }, 400, 'MissingParameter.AccessKeyId'],
    ['no AccessKeySecret', { AccessKeySecret: '' }, 400, 'MissingParameter.AccessKeySecret'],
    ['no SecurityToken', { SecurityToken: '' }, 400, 'MissingParameter.SecurityToken'],
    ['no TicketType', { TicketType: '' }, 400, 'MissingParameter.TicketType'],
    ['another TicketType', { TicketType: 'maxi' }, 400, 'InvalidParameter.TicketType'],
    ['a SecurityToken that is none', { SecurityToken: 'x' }, 403, 'InvalidSecurityToken.Expired'],
    ['the secret of somebody else', { AccessKeySecret: 'x' }, 403, 'InvalidAccessKey'],
  ])('refuses %s', async (_, change, status, code) => {
    const answer = await federation(credentials(change));
    expect([answer.status, await answer.json()]).toMatchObject([status, { Code: code }]);
  });
});

describe('Login', () => {
  it('sends the browser into the console, as who it is and where it wanted to go', async () => {
    const answer = await login(await ticket());
    expect(answer.status).toBe(302);
    const page = await arrive(answer);
    expect(page.status).toBe(200);
    for (const text of ['clinch-ops', 'lin.xiaoyu', 'u001', DESTINATION]) expect(page.text).toContain(text);
    expect(page.text).toMatch(/(59|60) min|1 h 0 min/);
  });

  it('takes a ticket once, of several at the same moment too', async () => {
    const once = await ticket();
    const answers = await Promise.all([1, 2, 3, 4].map(() => login(once)));
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([302, 403, 403, 403]);
    expect(await (await login(once)).text()).toContain(`href="${LOGIN_URL}"`);
  });

  it('takes no ticket after 30 s', async () => {
    const late = await ticket();
    simulator.world.expireTickets();
    const answer = await login(late);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('has expired or was used')]);
  });

  it.each([
    ['no ticket', { SigninToken: '' }],
    ['no LoginUrl', { LoginUrl: '' }],
    ['a LoginUrl with a script', { LoginUrl: 'javascript:alert(1)' }],
    ['no Destination', { Destination: '' }],
    ['a Destination elsewhere', { Destination: 'https://aliyun.com.example.com/' }],
    ['a Destination without https', { Destination: 'http://ecs.console.aliyun.com/' }],
  ])('sends nobody anywhere with %s', async (_, change) => {
    const answer = await login(await ticket(), change);
    expect([answer.status, answer.headers.get('location')]).toEqual([403, null]);
    expect(await answer.text()).not.toContain('javascript:');
  });
});

describe('the console', () => {
  it('asks for nothing and shows nobody without a session', async () => {
    const page = await (await fetch(`${simulator.url}/console`)).text();
    expect(page).toContain('data-entrance');
  });

  it('has its people sign in again at the LoginUrl when their time is up', async () => {
    const answer = await login(await ticket());
    simulator.world.endConsoleSessions();
    const page = await arrive(answer);
    expect(page).toEqual({ status: 401, text: expect.stringContaining(`href="${LOGIN_URL}"`) });
  });

  it('shows a person who looks at its address the way in', async () => {
    const answer = await fetch(simulator.url, { redirect: 'manual', headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/console']);
  });
});
