import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bridgeBinding, bridgeScript, containerUserAgent } from '../../src/dingtalk-simulator/bridge-script.js';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import type { ClientRequest } from '../../src/dingtalk-simulator/world.js';
import { HistoryWriter } from '../../src/sign-in-history/history-writer.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { OWN_PATHS } from '../../src/ui/own-page-layout.js';
import { anApp } from '../support/builders.js';
import { aCli, askForCodes, confirmationPage, DEVICE_CODE_GRANT, poll } from '../support/device.js';
import { connectDingTalk } from '../support/dingtalk-organisation.js';
import { authorizeUrl, redeem, UserAgent } from '../support/user-agent.js';
import { background, focusIsVisible, focused, sidewaysScroll, smallTargets } from './support/look.js';
import { OwnApp } from './support/own-app.js';
import { Stage } from './support/stage.js';

const EN = MESSAGES.en.portal;
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1';
const NARROW = { width: 320, height: 640 };
const PATHS = [...Object.values(OWN_PATHS), '/account/password', '/account/edit'];

/** A folder for pictures of all pages, to be looked at. */
const PICTURES = process.env['CLINCH_TEST_SCREENSHOTS'];

let stage: Stage;
let dingtalk: DingTalkSimulator;
let app: OwnApp;

beforeAll(async () => {
  stage = await Stage.open();
  [dingtalk, app] = await Promise.all([connectDingTalk(stage.clinch), OwnApp.start(stage.clinch)]);
  const opened = { ssoInitiator: 'portal_and_app' } as const;
  await anApp(stage.clinch, { clientName: '考勤打卡', clientUri: `${app.url}/attendance`, ...opened });
  await anApp(stage.clinch, {
    clientName: 'Travel',
    redirectUris: [`${app.url}/cb`],
    initiateLoginUri: `${app.url}/start`,
    ...opened,
  });
  await anApp(stage.clinch, { clientName: 'A name that is so long that it needs a second line on a phone', ...opened });
  await anApp(stage.clinch, { clientName: 'Payroll' });
  await furnish(stage);
});
afterEach(async () => {
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(async () => {
  await app.stop();
  await stage.close();
  await dingtalk.stop();
});

/** Something on every page: a connected app, a device, another session, a wrong password. */
async function furnish({ clinch, person }: Stage): Promise<void> {
  const agent = new UserAgent(clinch.url);
  agent.headers['User-Agent'] = PHONE;
  const expenses = await anApp(clinch, {
    clientName: '财务报销',
    requireConsent: true,
    grantTypes: ['authorization_code', 'refresh_token'],
    scope: 'openid profile email offline_access',
  });
  const scope = 'openid profile email offline_access';
  const answer = await agent.authorize(authorizeUrl(clinch.url, expenses, { scope, prompt: 'consent' }), person);
  await redeem(clinch.url, expenses, answer.get('code') ?? '');
  const cli = await aCli(clinch, { grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'], scope: 'openid offline_access' });
  const codes = await askForCodes(clinch.url, cli, { scope: 'openid offline_access' });
  await agent.press((await confirmationPage(clinch.url, codes, person, agent)).page, 'allow');
  await poll(clinch.url, cli, codes);
  const wrong = new UserAgent(clinch.url);
  const login = await wrong.follow(await wrong.get('/'));
  for (const password of ['wrong', 'wrong again']) await wrong.signIn(login, { username: person.username, password });
  await clinch.app.get(HistoryWriter).written();
}

/** A tab in which the person has signed in, at one of their pages. */
async function at(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await stage.visit(options);
  await page.goto(stage.clinch.url + path);
  await stage.signIn(page);
  await page.locator('.own-main').waitFor();
  return page;
}

describe('the portal in a browser', () => {
  it('opens an app in one click, without a page in between', async () => {
    const page = await at('/', { javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Travel' }).click();
    await page.waitForURL((url) => url.origin === app.url && url.pathname === '/cb');
    expect(await page.title()).toBe('Signed in');
  });

  it('is searched and opened by keyboard alone', async () => {
    const page = await at('/');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe(EN.frame.skip);
    await page.getByRole('searchbox').focus();
    expect(await focusIsVisible(page)).toBe(true);
    await page.keyboard.type('trav');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\?q=trav$/);
    expect(await page.locator('.apps li').count()).toBe(1);
    await page.getByRole('searchbox').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toContain('Travel');
    expect(await focusIsVisible(page)).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.origin === app.url);
  });

  it('has a menu that opens without a script, and leads to the sign-out', async () => {
    const page = await at('/', { javaScriptEnabled: false });
    const link = page.getByRole('link', { name: EN.frame.signOut });
    expect(await link.isVisible()).toBe(false);
    await page.locator('.own-menu summary').focus();
    await page.keyboard.press('Enter');
    await link.click();
    await page.waitForURL(/\/oidc\/logout$/);
  });

  it('signs in silently inside DingTalk', async () => {
    const page = await stage.visit({ userAgent: containerUserAgent, viewport: NARROW, locale: 'zh-CN' });
    await page.exposeBinding(bridgeBinding, (_, request: ClientRequest) => dingtalk.answerBridge(request));
    await page.addInitScript(
      bridgeScript({ simulatorUrl: dingtalk.url, userid: samplePeople.ordinary, mode: 'answer' }),
    );
    const seen: string[] = [];
    page.on('framenavigated', (frame) => seen.push(new URL(frame.url()).pathname));
    await page.goto(`${stage.clinch.url}/?corpid=dingcorp0001`);
    await page.locator('.own-main').waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    expect(seen).not.toContain('/login');
    await picture(page, 'dingtalk-apps');
    await page.goto(`${stage.clinch.url}/account`);
    expect(await page.locator('.profile').innerText()).toContain(MESSAGES['zh-CN'].portal.profile.fromDingTalk);
    await picture(page, 'dingtalk-profile');
  });

  it('ends the other session by keyboard, without a script', async () => {
    const other = await at('/account/sessions');
    const page = await at('/account/sessions', { javaScriptEnabled: false });
    await page.getByRole('button', { name: EN.sessions.endOthers }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(EN.sessions.onlyThis).waitFor();
    await other.reload();
    await other.locator('[name=password]').waitFor();
  });
});

describe.each([
  ['zh-CN', 'dark', NARROW],
  ['en-GB', 'light', undefined],
] as const)('a person’s own pages in %s, %s, %j', (locale, colorScheme, viewport) => {
  it('fit, and all that can be pressed is large enough', async () => {
    const page = await at('/', { locale, colorScheme, ...(viewport === undefined ? {} : { viewport }) });
    const words = MESSAGES[locale === 'zh-CN' ? 'zh-CN' : 'en'].portal.frame;
    for (const path of PATHS) {
      await page.goto(stage.clinch.url + path);
      expect(await page.locator('html').getAttribute('lang')).toBe(locale === 'zh-CN' ? 'zh-CN' : 'en');
      expect(await page.getByRole('navigation', { name: words.parts }).count()).toBe(1);
      expect(await sidewaysScroll(page), path).toBe(0);
      expect(await smallTargets(page), path).toEqual([]);
      expect(await rowsOfParts(page), path).toBeLessThanOrEqual(viewport === undefined ? 1 : 2);
      await picture(page, `${locale}-${colorScheme}-${viewport?.width ?? 'wide'}${path.replaceAll('/', '-')}`);
    }
    const dark = ['rgb(11, 13, 17)', 'rgb(20, 23, 29)'];
    expect(dark.includes(await background(page))).toBe(colorScheme === 'dark');
  });
});

/** How many rows the navigation takes: on a phone, no more of them than leave the page to its matter. */
async function rowsOfParts(page: Page): Promise<number> {
  const boxes = await Promise.all((await page.locator('.own-nav a').all()).map((link) => link.boundingBox()));
  return new Set(boxes.map((box) => Math.round(box?.y ?? 0))).size;
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}
