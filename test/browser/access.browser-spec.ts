import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MESSAGES } from '../../src/ui/messages.js';
import { AdminApi } from '../support/admin-api.js';
import { aCli, askForCodes, poll } from '../support/device.js';
import { background, focusIsVisible, focused, sidewaysScroll, smallTargets } from './support/look.js';
import { OwnApp } from './support/own-app.js';
import { Stage } from './support/stage.js';

const EN = MESSAGES.en;
const CONTACT = 'Ask the finance desk: finance@example.com';

let stage: Stage;
let closed: OwnApp;
let several: OwnApp;

beforeAll(async () => {
  stage = await Stage.open();
  [closed, several] = await Promise.all([
    OwnApp.start(stage.clinch, { access: 'assigned', accessContact: CONTACT }),
    OwnApp.start(stage.clinch),
  ]);
  const admin = await AdminApi.of(stage.clinch);
  for (const username of ['li.hua', 'li.hua.auditor']) {
    const body = { user: stage.person.id, username };
    await admin.call('POST', `apps/${several.registration.clientId}/accounts`, body);
  }
});
afterEach(async () => {
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(async () => {
  await Promise.all([closed.stop(), several.stop()]);
  await stage.close();
});

type Visit = Parameters<Stage['visit']>[0];

/** Signs in, and stops at the page that follows. */
async function signedIn(app: OwnApp, options: Visit = {}): Promise<Page> {
  const page = await stage.visit(options);
  await page.goto(app.request({ scope: 'openid profile' }));
  await stage.signIn(page);
  await page.locator('.account').waitFor();
  return page;
}

/** Keeps what the page looks like, where somebody wants to see it. */
async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env['CLINCH_TEST_SCREENSHOTS'];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

const LOOKS: readonly (readonly [name: string, options: Visit])[] = [
  ['dark', { colorScheme: 'dark' }],
  ['narrow-zh', { viewport: { width: 320, height: 640 }, locale: 'zh-CN' }],
];

describe('the page of refusal', () => {
  it('says which app, who is signed in, whom to ask and what to quote', async () => {
    const page = await signedIn(closed);
    const text = await page.locator('main').innerText();
    expect(await page.title()).toBe(EN.refused.documentTitle('Expenses'));
    for (const part of [EN.refused.heading('Expenses'), '李华', 'lihua@example.com', CONTACT]) {
      expect(text).toContain(part);
    }
    expect(await page.locator('.trace').innerText()).toMatch(/^[\w-]{16,}$/);
  });

  it('leads back to the app with the keyboard alone', async () => {
    const page = await signedIn(closed);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe(EN.refused.backTo('Expenses'));
    expect(await focusIsVisible(page)).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${closed.url}/cb**`);
    expect(await page.title()).toBe('access_denied');
  });

  it('leads to another account with scripts off', async () => {
    const page = await signedIn(closed, { javaScriptEnabled: false });
    await page.getByRole('button', { name: EN.selectAccount.useAnother }).click();
    await page.locator('[name=password]').waitFor();
    expect(await page.locator('[name=username]').inputValue()).toBe('');
  });

  it('tells an app that is answered by form', async () => {
    const page = await stage.visit();
    await page.goto(closed.request({ response_mode: 'form_post' }));
    await stage.signIn(page);
    await page.getByRole('button', { name: EN.refused.backTo('Expenses') }).click();
    await page.waitForURL(`${closed.url}/cb`);
    expect(await page.title()).toBe('access_denied');
    expect(closed.lastArrival.method).toBe('POST');
  });
});

describe('the choice of a name in an app', () => {
  it('is made with the keyboard alone, and the last one comes first the next time', async () => {
    const page = await signedIn(several);
    expect(await page.title()).toBe(EN.selectAppAccount.documentTitle('Expenses'));
    for (const name of ['li.hua', 'li.hua.auditor']) {
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe(name);
      expect(await focusIsVisible(page)).toBe(true);
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(`${several.url}/cb**`);
    expect(await page.title()).toBe('Signed in');
    await page.goto(several.request());
    const buttons = await page.getByRole('button').allInnerTexts();
    expect(buttons).toEqual([EN.selectAppAccount.asLastTime('li.hua.auditor'), 'li.hua']);
  });

  it('is made with scripts off', async () => {
    const page = await signedIn(several, { javaScriptEnabled: false });
    await page.getByRole('button', { name: 'li.hua', exact: true }).click();
    await page.waitForURL(`${several.url}/cb**`);
    expect(await page.title()).toBe('Signed in');
  });
});

describe('the same choice where a device is let in', () => {
  it.each(LOOKS)('is a field of the page that asks: %s', async (name, options) => {
    const cli = await aCli(stage.clinch, { scope: 'openid profile' });
    const admin = await AdminApi.of(stage.clinch);
    for (const username of ['deployer', 'observer']) {
      await admin.call('POST', `apps/${cli.clientId}/accounts`, { user: stage.person.id, username });
    }
    const codes = await askForCodes(stage.clinch.url, cli, { scope: 'openid profile' });
    const page = await stage.visit(options);
    await page.goto(codes.verification_uri_complete);
    await stage.signIn(page);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('app_account');
    expect(await focusIsVisible(page)).toBe(true);
    await page.keyboard.press('o');
    await expectWellMade(page, options);
    await keep(page, `device-${name}`);
    await page.locator('[value=allow]').click();
    await page.locator('[value=allow]').waitFor({ state: 'detached' });
    const { body } = await poll(stage.clinch.url, cli, codes);
    const headers = { Authorization: `Bearer ${String(body['access_token'])}` };
    const userinfo = await fetch(`${stage.clinch.url}/oidc/userinfo`, { headers });
    expect(await userinfo.json()).toMatchObject({ preferred_username: 'observer' });
  });
});

async function expectWellMade(page: Page, options: Visit): Promise<void> {
  expect(await sidewaysScroll(page)).toBe(0);
  expect(await smallTargets(page)).toEqual([]);
  const [red = 255] = (await background(page)).match(/\d+/g)?.map(Number) ?? [];
  expect(red < 128).toBe(options?.colorScheme === 'dark');
}
