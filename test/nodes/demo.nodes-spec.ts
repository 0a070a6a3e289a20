import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/postgres.js';
import { type RunningProcess, startProgram } from '../support/start-processes.js';
import { type Answer, UserAgent, formOf, unescapeHtml } from '../support/user-agent.js';

const PROGRAM = 'dist/src/demo/start-demo.js';
const CLI = 'dist/src/demo/sample-cli.js';
const ALIBABA_CLI = 'dist/clinch-alibaba/clinch-alibaba.mjs';
const READY_WITHIN_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'clinch-demo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm run demo, after the build', () => {
  const ports = {
    PORT: '',
    SAMPLE_APP_PORT: '',
    SECOND_APP_PORT: '',
    SAMPLE_API_PORT: '',
    DINGTALK_PORT: '',
    ALIBABA_CLOUD_PORT: '',
  };
  const browser = new UserAgent('http://localhost');
  let demo: RunningProcess;

  beforeAll(async () => {
    ports.PORT = String(await freePort());
    ports.SAMPLE_APP_PORT = String(await freePort());
    ports.SECOND_APP_PORT = String(await freePort());
    ports.SAMPLE_API_PORT = String(await freePort());
    ports.DINGTALK_PORT = String(await freePort());
    ports.ALIBABA_CLOUD_PORT = String(await freePort());
    demo = startProgram(PROGRAM, { ...ports, DEMO_DATA_DIR: join(folder, 'data') });
    await printed(demo, 'Ctrl-C ends it.');
  });

  afterAll(() => demo?.stop('SIGTERM'));

  it('prints where to click, with which name and password, and where the data lies', () => {
    expect(line(demo, 'Sample web app')).toContain(`http://localhost:${ports.SAMPLE_APP_PORT}`);
    expect(line(demo, 'Expenses app')).toContain(`http://localhost:${ports.SECOND_APP_PORT}`);
    expect(line(demo, 'Command line')).toContain(`DEMO_DATA_DIR=${join(folder, 'data')} npm run demo:cli`);
    expect(line(demo, 'Sample API')).toContain(`http://localhost:${ports.SAMPLE_API_PORT}/whoami`);
    expect(line(demo, 'DingTalk')).toContain(`http://localhost:${ports.DINGTALK_PORT}/client`);
    expect(line(demo, 'Alibaba Cloud')).toContain(`http://localhost:${ports.PORT}/launch/aliyun`);
    expect(line(demo, 'User names')).toContain('林小雨');
    expect(line(demo, 'Password')).toMatch(/^[a-z]+-[a-z]+-[a-z]+-\d\d /);
    expect(line(demo, 'Data and logs')).toContain(folder);
  });

  it('serves what it prints', async () => {
    const discovery = await fetch(line(demo, 'Discovery'));
    expect(await discovery.json()).toMatchObject({ issuer: `http://localhost:${ports.PORT}` });
    expect((await fetch(line(demo, 'Admin API docs'))).status).toBe(200);
    expect((await fetch(line(demo, 'Console').split(' ')[0] ?? '')).status).toBe(200);
    const home = await open(browser, `http://localhost:${ports.SAMPLE_APP_PORT}/`);
    expect(home.text).toContain('<a class="button" href="/login">');
  });

  /** By the printed client id and secret. */
  function operatorToken(): Promise<Response> {
    return fetch(`http://localhost:${ports.PORT}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${line(demo, 'client id')}:${line(demo, 'client secret')}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'clinch:admin' }),
    });
  }

  it('gives the operator an access token for the printed client id and secret', async () => {
    expect((await operatorToken()).status).toBe(200);
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

  it('lets that app refresh its tokens without the person', async () => {
    const home = await open(browser, `http://localhost:${ports.SAMPLE_APP_PORT}/`);
    const idToken = /"iat": \d+/.exec(unescapeHtml(home.text))?.[0];
    expect(idToken).toBeDefined();
    await delay(1100);
    const refreshed = await arrive(browser, await browser.post(new URL('/refresh', home.url).href, {}));
    expect(refreshed.text).toContain('Signed in as <strong>林小雨</strong>');
    expect(unescapeHtml(refreshed.text)).toMatch(/"iat": \d+/);
    expect(unescapeHtml(refreshed.text)).not.toContain(idToken);
  });

  it('lets the same person into the second app without the password, after their consent', async () => {
    const consent = await open(browser, `http://localhost:${ports.SECOND_APP_PORT}/login`);
    expect(consent.text).toContain('name="decision"');
    expect(consent.text).not.toContain('name="password"');
    const home = await submit(browser, consent, { decision: 'allow' });
    expect(home.url).toBe(`http://localhost:${ports.SECOND_APP_PORT}/`);
    expect(home.text).toContain('Signed in as <strong>林小雨</strong>');
  });

  it('lets the same person into the Alibaba Cloud console, as what they choose', async () => {
    const choice = await open(browser, line(demo, 'Alibaba Cloud').split(' ')[0] ?? '');
    expect(choice.text).toContain('value="clinch-readonly"');
    expect(choice.text).not.toContain('name="password"');
    const inside = await submit(browser, choice, { role: 'clinch-ops' });
    expect(new URL(inside.url).origin).toBe(`http://localhost:${ports.ALIBABA_CLOUD_PORT}`);
    expect(fact(inside, 'role')).toBe('clinch-ops');
    expect(fact(inside, 'session-name')).toBe('lin.xiaoyu');
  });

  it('has the command line of Alibaba Cloud, which needs no options', async () => {
    const settings = join(folder, 'data', 'alibaba-cli.json');
    const env = { XDG_CONFIG_HOME: join(folder, 'data') };
    const run = (name: string) => startProgram(ALIBABA_CLI, env, [name, '--settings', settings]);
    const login = run('login');
    await printed(login, 'Waiting for your answer');
    await submit(browser, await open(browser, line(login, 'Both in one')), { decision: 'allow' });
    expect(await login.exited).toMatchObject({ code: 0 });
    const program = run('credentials');
    expect(await program.exited).toMatchObject({ code: 0 });
    expect(JSON.parse(program.output())).toMatchObject({ mode: 'StsToken' });
  });

  describe('the sample command line', () => {
    const tokens = join(folder, 'data', 'sample-cli-tokens.json');
    const cli = (...args: string[]) => startProgram(CLI, { DEMO_DATA_DIR: join(folder, 'data') }, args);

    /** Opens the address that it prints, in the browser where somebody is signed in, and answers. */
    async function answer(program: RunningProcess, decision: 'allow' | 'deny'): Promise<Answer> {
      await printed(program, 'Waiting for your answer');
      const page = await open(browser, line(program, 'Both in one'));
      expect(page.text).toContain('Sample command line');
      expect(page.text).toContain(line(program, 'Code'));
      return submit(browser, page, { decision });
    }

    it('is not signed in at first, and says what to do', async () => {
      const program = cli('whoami');
      expect(await program.exited).toMatchObject({ code: 1 });
      expect(program.output()).toContain('You are not signed in. Sign in with "npm run demo:cli".');
    });

    it('says so and ends with 1 when it is not let in', async () => {
      const program = cli();
      await answer(program, 'deny');
      expect(await program.exited).toMatchObject({ code: 1 });
      expect(program.output()).toContain('You said no');
      expect(existsSync(tokens)).toBe(false);
    });

    it('says who has let it in', async () => {
      const program = cli('sign-in');
      await answer(program, 'allow');
      expect(await program.exited).toMatchObject({ code: 0 });
      expect(program.output()).toContain('Signed in as 林小雨');
      expect(line(program, 'User name')).toBe('lin.xiaoyu');
      expect(line(program, 'Email')).toBe('lin.xiaoyu@example.com');
      expect(line(program, 'Id (sub)')).toMatch(/^[\w-]{22}$/);
      // The access token is for the sample API, which finds in it who and which program.
      expect(program.output()).toContain(`GET http://localhost:${ports.SAMPLE_API_PORT}/whoami answers 200`);
      expect(line(program, 'client_id')).toBe('sample-cli');
      expect(line(program, 'sub')).toBe(line(program, 'Id (sub)'));
      // Into a pipe it writes neither colours nor a picture.
      expect(program.output()).not.toMatch(/[\u001b█▀▄]/);
    });

    it('keeps the refresh token for its owner alone, and never an access token', () => {
      if (process.platform !== 'win32') expect(statSync(tokens).mode & 0o777).toBe(0o600);
      expect(Object.keys(JSON.parse(readFileSync(tokens, 'utf8')) as object).sort()).toEqual([
        'client_id',
        'issuer',
        'refresh_token',
        'sub',
      ]);
    });

    it('says it again, twice, without anybody', async () => {
      for (const time of [1, 2]) {
        const before = readFileSync(tokens, 'utf8');
        const program = cli('whoami');
        expect(await program.exited, `${time}`).toMatchObject({ code: 0 });
        expect(program.output()).toContain('Signed in as 林小雨');
        expect(program.output()).not.toContain('Code');
        expect(readFileSync(tokens, 'utf8')).not.toBe(before);
      }
    });

    it('gives its token back when it signs out', async () => {
      const kept = readFileSync(tokens, 'utf8');
      const program = cli('sign-out');
      expect(await program.exited).toMatchObject({ code: 0 });
      expect(program.output()).toContain('Signed out.');
      expect(existsSync(tokens)).toBe(false);
      writeFileSync(tokens, kept, { mode: 0o600 });
      const later = cli('whoami');
      expect(await later.exited).toMatchObject({ code: 1 });
      expect(later.output()).toContain('Your sign-in has ended.');
      expect(existsSync(tokens)).toBe(false);
    });

    it('shows a QR code where it is asked for one, and ends with 130 at Ctrl-C', async () => {
      const program = cli('--qr');
      await printed(program, 'Waiting for your answer');
      expect(program.output()).toMatch(/[█▀▄ ]{30,}/);
      const exit = await program.stop('SIGINT');
      expect(exit).toEqual({ code: 130, signal: null });
      expect(program.output()).toMatch(/Given up\.\n$/);
    });

    it('explains itself to whoever types something else', async () => {
      const program = cli('dance');
      expect(await program.exited).toMatchObject({ code: 2 });
      expect(program.output()).toContain('Usage: npm run demo:cli');
    });
  });

  it('has a sample API that asks for a token, and refuses one that is not for it', async () => {
    const address = `http://localhost:${ports.SAMPLE_API_PORT}/whoami`;
    const without = await fetch(address);
    expect(without.status).toBe(401);
    expect(without.headers.get('www-authenticate')).toBe('Bearer realm="sample-api"');
    const { access_token } = (await (await operatorToken()).json()) as { access_token: string };
    const withAnother = await fetch(address, { headers: { authorization: `Bearer ${access_token}` } });
    expect(withAnother.status).toBe(401);
    expect(withAnother.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  describe('the simulated DingTalk', () => {
    const colleague = new UserAgent('http://localhost');

    it('has Clinch on its workbench: a tile leads to a page where to sign in', async () => {
      const client = await fetch(`http://localhost:${ports.DINGTALK_PORT}/client?userid=u010`);
      const tile = /href="([^"]*\/launch\/[^"]*corpid=dingcorp0001[^"]*)"/.exec(unescapeHtml(await client.text()))?.[1];
      expect(tile).toBeDefined();
      const page = await open(colleague, tile ?? '');
      expect(page.text).toContain('/dingtalk/demo/begin?');
    });

    it('signs a colleague in by a scan, with what the organisation knows', async () => {
      const page = await open(colleague, `http://localhost:${ports.SAMPLE_APP_PORT}/login`);
      const begin = /href="([^"]*\/dingtalk\/demo\/begin[^"]*)"/.exec(unescapeHtml(page.text))?.[1] ?? '';
      const toDingTalk = await colleague.get(new URL(begin, page.url).href);
      const login = new URL(toDingTalk.headers.get('location') ?? '');
      expect(login.origin).toBe(`http://localhost:${ports.DINGTALK_PORT}`);
      // As the simulator's page does when a person is picked there.
      login.searchParams.set('auto', 'u010');
      const home = await arrive(colleague, await colleague.get(login.href));
      expect(home.text).toContain('Signed in as <strong>徐鹏</strong>');
    });

    it('has the Alibaba Cloud console on its workbench too, where colleagues elsewhere may only read', async () => {
      const client = await fetch(`http://localhost:${ports.DINGTALK_PORT}/client?userid=u010`);
      expect(unescapeHtml(await client.text())).toContain('/launch/aliyun?corpid=dingcorp0001');
      const inside = await open(colleague, `http://localhost:${ports.PORT}/launch/aliyun?corpid=dingcorp0001`);
      expect(fact(inside, 'role')).toBe('clinch-readonly');
    });

    it('has somebody leave, and they are out of the app within five seconds', async () => {
      const leave = `http://localhost:${ports.DINGTALK_PORT}/simulator/people/u010/leave`;
      const told = await fetch(leave, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
      expect(told.status).toBeLessThan(300);
      const start = Date.now();
      for (;;) {
        const answer = await colleague.post(`http://localhost:${ports.SAMPLE_APP_PORT}/refresh`, {});
        const home = await arrive(colleague, answer);
        if (!home.text.includes('Signed in as <strong>徐鹏</strong>')) break;
        expect(Date.now() - start).toBeLessThan(5_000);
        await delay(100);
      }
    });
  });

  it('forgets in the web app who it was', async () => {
    const address = `http://localhost:${ports.SAMPLE_APP_PORT}/forget`;
    const home = await arrive(browser, await browser.post(address, {}));
    expect(home.text).toContain('You are not signed in here.');
  });

  it('signs out in one app, and the other is told behind the browser', async () => {
    const first = `http://localhost:${ports.SAMPLE_APP_PORT}`;
    const second = `http://localhost:${ports.SECOND_APP_PORT}/`;
    expect((await open(browser, `${first}/login`)).text).toContain('Signed in as <strong>林小雨</strong>');
    expect((await open(browser, second)).text).toContain('Signed in as <strong>林小雨</strong>');
    const out = await arrive(browser, await browser.post(`${first}/sign-out`, {}));
    expect(out.url).toBe(`${first}/signed-out`);
    expect(out.text).toContain('You are signed out, here and at the provider.');
    const start = Date.now();
    while (!(await open(browser, second)).text.includes('You signed out elsewhere')) {
      expect(Date.now() - start).toBeLessThan(5_000);
      await delay(50);
    }
    expect((await open(browser, `${first}/login`)).text).toContain('name="password"');
  });

  it('takes a logout token for nothing that somebody else made', async () => {
    const address = `http://localhost:${ports.SAMPLE_APP_PORT}/backchannel-logout`;
    for (const body of ['', 'logout_token=x', 'logout_token=eyJhbGciOiJub25lIn0.e30.']) {
      const answer = await fetch(address, { method: 'POST', body: new URLSearchParams(body) });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: 'invalid_request' });
    }
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

  it('has a command line that says so', async () => {
    const cli = startProgram(CLI, { DEMO_DATA_DIR: join(folder, 'unused') });
    expect(await cli.exited).toMatchObject({ code: 1 });
    expect(cli.output()).toContain('Start "npm run demo" in another terminal');
  });

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

/** What the simulated console says of whoever came in. */
function fact({ text }: Answer, name: string): string | undefined {
  return new RegExp(`data-fact="${name}">([^<]*)<`).exec(text)?.[1];
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
