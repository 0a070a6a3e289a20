import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/postgres.js';
import { type RunningProcess, startProgram } from '../support/start-processes.js';
import { type Answer, UserAgent, formOf } from '../support/user-agent.js';

const PROGRAM = 'dist/src/demo/start-demo.js';
const READY_WITHIN_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'clinch-demo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm run demo, after the build', () => {
  const ports = { PORT: '', SAMPLE_APP_PORT: '', SECOND_APP_PORT: '' };
  const browser = new UserAgent('http://localhost');
  let demo: RunningProcess;

  beforeAll(async () => {
    ports.PORT = String(await freePort());
    ports.SAMPLE_APP_PORT = String(await freePort());
    ports.SECOND_APP_PORT = String(await freePort());
    demo = startProgram(PROGRAM, { ...ports, DEMO_DATA_DIR: join(folder, 'data') });
    await printed(demo, 'Ctrl-C ends it.');
  });

  afterAll(() => demo?.stop('SIGTERM'));

  it('prints where to click, with which name and password, and where the data lies', () => {
    expect(line(demo, 'Sample web app')).toContain(`http://localhost:${ports.SAMPLE_APP_PORT}`);
    expect(line(demo, 'Expenses app')).toContain(`http://localhost:${ports.SECOND_APP_PORT}`);
    expect(line(demo, 'User names')).toContain('林小雨');
    expect(line(demo, 'Password')).toMatch(/^[a-z]+-[a-z]+-[a-z]+-\d\d /);
    expect(line(demo, 'Data and logs')).toContain(folder);
  });

  it('serves what it prints', async () => {
    const discovery = await fetch(line(demo, 'Discovery'));
    expect(await discovery.json()).toMatchObject({ issuer: `http://localhost:${ports.PORT}` });
    expect((await fetch(line(demo, 'Admin API docs'))).status).toBe(200);
    const home = await open(browser, `http://localhost:${ports.SAMPLE_APP_PORT}/`);
    expect(home.text).toContain('<a class="button" href="/login">');
  });

  it('gives the operator an access token for the printed client id and secret', async () => {
    const answer = await fetch(`http://localhost:${ports.PORT}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${line(demo, 'client id')}:${line(demo, 'client secret')}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'clinch:admin' }),
    });
    expect(answer.status).toBe(200);
  });

  it('lets a printed person sign in to the sample web app, which shows the claims', async () => {
    const signIn = await open(browser, `http://localhost:${ports.SAMPLE_APP_PORT}/login`);
    const [username = ''] = line(demo, 'User names').split(' ');
    const [password = ''] = line(demo, 'Password').split(' ');
    const home = await submit(browser, signIn, { username, password });
    expect(home.url).toBe(`http://localhost:${ports.SAMPLE_APP_PORT}/`);
    expect(home.text).toContain('Signed in as <strong>林小雨</strong>');
    expect(home.text).toContain('lin.xiaoyu@example.com');
    expect(home.text).toContain('杭州市');
  });

  it('lets the same person into the second app without the password, after their consent', async () => {
    const consent = await open(browser, `http://localhost:${ports.SECOND_APP_PORT}/login`);
    expect(consent.text).toContain('name="decision"');
    expect(consent.text).not.toContain('name="password"');
    const home = await submit(browser, consent, { decision: 'allow' });
    expect(home.url).toBe(`http://localhost:${ports.SECOND_APP_PORT}/`);
    expect(home.text).toContain('Signed in as <strong>林小雨</strong>');
  });

  it('shows an error of the provider readably', async () => {
    browser.cookies.clear();
    const page = await open(browser, `http://localhost:${ports.SAMPLE_APP_PORT}/login?prompt=none`);
    expect(page.status).toBe(400);
    expect(page.text).toContain('<code>login_required</code>');
  });

  it('refuses to wipe the folder of a demo that still runs', async () => {
    const second = startProgram(PROGRAM, { DEMO_DATA_DIR: join(folder, 'data') });
    expect(await second.exited).toMatchObject({ code: 1 });
    expect(second.output()).toContain('A demo runs already');
  });

  it('ends with code 0 on Ctrl-C and leaves nobody listening', async () => {
    expect(await demo.stop('SIGINT')).toEqual({ code: 0, signal: null });
    expect(demo.output()).toMatch(/The demo has ended\.\n$/);
    for (const port of Object.values(ports)) {
      await expect(fetch(`http://127.0.0.1:${port}/`), port).rejects.toThrow('fetch failed');
    }
  });
});

describe('npm run demo, where it cannot run', () => {
  let other: Server;
  let taken: string;

  beforeAll(async () => {
    taken = String(await freePort());
    other = createServer();
    await new Promise<void>((listening) => other.listen(Number(taken), '127.0.0.1', listening));
  });

  afterAll(() => other.close());

  it('says that a port it was told to use is taken', async () => {
    const demo = startProgram(PROGRAM, { SAMPLE_APP_PORT: taken, DEMO_DATA_DIR: join(folder, 'unused') });
    expect(await demo.exited).toMatchObject({ code: 1 });
    expect(demo.output()).toContain(`SAMPLE_APP_PORT is ${taken}, and another program listens there`);
  });

  it("leaves a folder alone that is not a demo's", async () => {
    const precious = mkdtempSync(join(folder, 'precious-'));
    writeFileSync(join(precious, 'thesis.txt'), 'years of work');
    const demo = startProgram(PROGRAM, { DEMO_DATA_DIR: precious });
    expect(await demo.exited).toMatchObject({ code: 1 });
    expect(demo.output()).toContain('it was left alone');
  });
});

/** Opens an address and goes wherever it leads, from one program to the other and back. */
async function open(browser: UserAgent, address: string): Promise<Answer> {
  return arrive(browser, await browser.get(address));
}

async function submit(browser: UserAgent, page: Answer, fields: Record<string, string>): Promise<Answer> {
  const { action, hidden } = formOf(page);
  return arrive(browser, await browser.post(new URL(action, page.url).href, { ...hidden, ...fields }));
}

async function arrive(browser: UserAgent, answer: Answer): Promise<Answer> {
  const location = answer.headers.get('location');
  return location ? open(browser, new URL(location, answer.url).href) : answer;
}

async function printed(program: RunningProcess, text: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!program.output().includes(text)) {
    const ended = await Promise.race([program.exited, delay(50)]);
    if (ended || Date.now() > deadline) throw new Error(`did not print "${text}":\n${program.output()}`);
  }
}

/** What stands beside a label of the printed block. */
function line(program: RunningProcess, label: string): string {
  const found = program.output().split('\n');
  return (
    found
      .find((text) => text.trim().startsWith(label))
      ?.trim()
      .slice(label.length)
      .trim() ?? ''
  );
}
