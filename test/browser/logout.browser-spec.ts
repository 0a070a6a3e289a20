import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { MESSAGES, type Locale } from '../../src/ui/messages.js';
import { aPerson } from '../support/builders.js';
import { logoutUrl } from '../support/logout.js';
import { faults } from './support/axe.js';
import { background, focused, focusIsVisible, sidewaysScroll, smallTargets } from './support/look.js';
import { OwnApp } from './support/own-app.js';
import { startSampleWebApp, type SampleWebApp } from './support/sample-web-app.js';
import { Stage } from './support/stage.js';

const EN = MESSAGES.en.logout;

/** Milliseconds in which the other app is told. */
const TOLD_WITHIN = 5_000;

let stage: Stage;
let app: OwnApp;

beforeAll(async () => {
  stage = await Stage.open();
  app = await OwnApp.start(stage.clinch, {
    clientName: 'Expenses',
  });
});
afterEach(async () => {
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(async () => {
  await app.stop();
  await stage.close();
});

/** Signs in to the app, and gives its id_token. */
async function enter(page: Page, at = app): Promise<string> {
  await page.goto(at.request());
  if (page.url().startsWith(stage.clinch.url)) await stage.signIn(page);
  await page.waitForURL(`${at.url}/cb**`);
  return String(at.lastArrival.tokens?.['id_token']);
}

/** Nothing to scroll sideways, nothing too small to press, nothing that axe finds. */
async function lookAt(page: Page, name: string): Promise<void> {
  expect(await sidewaysScroll(page)).toBe(0);
  expect(await smallTargets(page)).toEqual([]);
  expect(await faults(page)).toEqual([]);
  const folder = process.env['CLINCH_TEST_SCREENSHOTS'];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

/** Somebody at the question. */
async function asked(options: Parameters<Stage['visit']>[0] = {}, more: Record<string, string> = {}): Promise<Page> {
  const page = await stage.visit(options);
  await enter(page);
  await page.goto(logoutUrl(stage.clinch.url, { client_id: app.registration.clientId, ...more }));
  await page.locator('[name=decision]').first().waitFor();
  return page;
}

describe('two apps in one session', () => {
  let first: SampleWebApp;
  let second: SampleWebApp;

  beforeAll(async () => {
    first = await startSampleWebApp(stage.clinch);
    second = await startSampleWebApp(stage.clinch, { clientName: 'Second app' });
  });
  afterAll(async () => {
    await Promise.all([first.stop(), second.stop()]);
  });

  it('are both left by signing out in one of them', async () => {
    const page = await stage.visit();
    await page.goto(`${first.url}/login`);
    await stage.signIn(page);
    await page.waitForURL(`${first.url}/`);
    await page.goto(`${second.url}/login`);
    await page.waitForURL(`${second.url}/`);
    await page.getByText('Signed in as').waitFor();

    await page.goto(first.url);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${first.url}/signed-out`);
    await page.getByText('You are signed out, here and at the provider.').waitFor();

    await expect
      .poll(
        async () => {
          await page.goto(second.url);
          return page.locator('main').innerText();
        },
        { timeout: TOLD_WITHIN },
      )
      .toContain('You signed out elsewhere');
    await page.goto(`${second.url}/login`);
    await page.locator('[name=password]').waitFor();
  });
});

describe('the question whether to sign out', () => {
  it('is answered by the keyboard, and staying is the nearer answer', async () => {
    const page = await asked();
    for (const button of [EN.deny, EN.allow]) {
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe(button);
      expect(await focusIsVisible(page)).toBe(true);
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: EN.doneHeading }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe(EN.again);
    await page.goto(app.request({ prompt: 'none' }));
    expect(app.lastArrival.parameters.get('error')).toBe('login_required');
  });

  it('works without scripts, and leads back to the app, wherever that sends the browser on to', async () => {
    const site = createServer((_, response) =>
      response.setHeader('Content-Type', 'text/html').end('<title>Back</title>'),
    );
    await once(site.listen(0, '127.0.0.1'), 'listening');
    const back = `http://127.0.0.1:${(site.address() as AddressInfo).port}/back`;
    const returning = await OwnApp.start(stage.clinch, { postLogoutRedirectUris: [back] });
    try {
      const page = await stage.visit({ javaScriptEnabled: false });
      await enter(page, returning);
      const { clientId } = returning.registration;
      await page.goto(logoutUrl(stage.clinch.url, { client_id: clientId, post_logout_redirect_uri: back }));
      await page.getByRole('button', { name: EN.allow }).click();
      await page.waitForURL(back);
      expect(await page.title()).toBe('Back');
    } finally {
      site.closeAllConnections();
      site.close();
      await returning.stop();
    }
  });

  it.each<[Locale, 'light' | 'dark', number]>([
    ['zh-CN', 'dark', 320],
    ['en', 'light', 1280],
  ])('is plain to see and to use in %s, %s, %i px wide', async (locale, colorScheme, width) => {
    const words = MESSAGES[locale].logout;
    const page = await asked({ colorScheme, viewport: { width, height: 800 } }, { ui_locales: locale });
    const look = (name: string) => lookAt(page, `${name}-${locale}-${colorScheme}-${width}`);
    await page.getByRole('heading', { name: words.confirmHeading }).waitFor();
    expect(await background(page)).not.toBe('');
    await look('confirm');
    await page.getByRole('button', { name: words.allow }).click();
    await page.getByRole('heading', { name: words.doneHeading }).waitFor();
    await look('signed-out');
    await page.goto(logoutUrl(stage.clinch.url, { client_id: 'nobody', ui_locales: locale }));
    await look('refused');
  });
});

describe('the signed-out page', () => {
  it.each<[Locale, number]>([
    ['zh-CN', 1280],
    ['en', 320],
  ])('says which apps are told and who stays, in %s, %i px wide', async (locale, width) => {
    const words = MESSAGES[locale].logout;
    const page = await stage.visit({ viewport: { width, height: 800 } });
    for (const clientName of ['Expenses 报销', 'Enterprise-Resource-Planning-and-Reimbursement-Workbench']) {
      const told = await OwnApp.start(stage.clinch, { clientName, backchannelLogoutUri: 'http://127.0.0.1:9/logout' });
      await enter(page, told);
      await told.stop();
    }
    const idToken = await enter(page);
    const colleague = await aPerson(stage.clinch, { name: '王小明', email: 'xiaoming.wang@example.com' });
    await page.goto(app.request({ prompt: 'login' }));
    await page.locator('[name=username]').fill(colleague.username);
    await page.locator('[name=password]').fill(colleague.password);
    await page.locator('[type=submit]').click();
    await page.waitForURL(`${app.url}/cb**`);
    await page.goto(logoutUrl(stage.clinch.url, { id_token_hint: idToken, ui_locales: locale }));
    await page.getByRole('heading', { name: words.toldHeading }).waitFor();
    expect(await page.getByRole('listitem').allInnerTexts()).toContain('Expenses 报销');
    await lookAt(page, `outcome-${locale}-${width}`);
    await page.getByRole('link', { name: words.signOutToo }).click();
    await page.getByText(colleague.username).waitFor();
  });
});

describe('an app that can be told in a frame only', () => {
  let server: Server;
  let url: string;
  let framed: OwnApp;
  const opened: URL[] = [];
  let answers = true;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const asked = new URL(request.url ?? '/', url);
      if (asked.pathname === '/out') opened.push(asked);
      if (asked.pathname === '/out' && !answers) return;
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><html lang="en"><title>Bye</title><h1>Bye</h1></html>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    framed = await OwnApp.start(stage.clinch, {
      clientName: 'Framed',
      postLogoutRedirectUris: [`${url}/bye`],
      frontchannelLogoutUri: `${url}/out?keep=this`,
    });
  });
  afterEach(() => {
    opened.length = 0;
    answers = true;
  });
  afterAll(async () => {
    await framed.stop();
    server.closeAllConnections();
    server.close();
  });

  async function leave(page: Page): Promise<number> {
    const idToken = await enter(page, framed);
    const start = performance.now();
    const parameters = { id_token_hint: idToken, post_logout_redirect_uri: `${url}/bye`, state: 'a b&c' };
    await page.goto(logoutUrl(stage.clinch.url, parameters), { waitUntil: 'commit' });
    await page.waitForURL(`${url}/bye?state=a+b%26c`);
    return performance.now() - start;
  }

  function expectOpened(): void {
    expect(opened).toHaveLength(1);
    const { searchParams } = opened[0] ?? new URL(url);
    expect(Object.fromEntries(searchParams)).toEqual({
      keep: 'this',
      iss: stage.clinch.url,
      sid: expect.stringMatching(/^[\w-]{22}$/) as string,
    });
  }

  it('is told with iss and sid, and then the browser goes on', async () => {
    const page = await stage.visit();
    await leave(page);
    expectOpened();
  });

  it('keeps nobody waiting longer than three seconds', async () => {
    answers = false;
    const page = await stage.visit();
    const took = await leave(page);
    expectOpened();
    expect(took).toBeLessThan(6_000);
  });

  it('is told without scripts too', async () => {
    const page = await stage.visit({ javaScriptEnabled: false });
    await leave(page);
    expectOpened();
  });
});

describe('the form of an app at another site', () => {
  it('signs out although it comes without cookies', async () => {
    const page = await stage.visit();
    const idToken = await enter(page);
    await page.goto(`${app.url}/home`);
    await page.evaluate(
      `(() => {
        const form = document.createElement('form');
        form.method = 'post';
        form.action = ${JSON.stringify(`${stage.clinch.url}/oidc/logout`)};
        const hint = document.createElement('input');
        hint.name = 'id_token_hint';
        hint.value = ${JSON.stringify(idToken)};
        form.append(hint);
        document.body.append(form);
        form.submit();
      })()`,
    );
    await page.getByText(EN.doneBody('李华')).waitFor();
    await page.goto(app.request({ prompt: 'none' }));
    expect(app.lastArrival.parameters.get('error')).toBe('login_required');
  });
});
