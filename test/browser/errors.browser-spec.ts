import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Page } from 'playwright-core';
import { ServerLog } from '../../src/audit/server-log.js';
import { MESSAGES, type ErrorSituation } from '../../src/ui/messages.js';
import { sidewaysScroll } from './support/look.js';
import { OwnApp } from './support/own-app.js';
import { Stage } from './support/stage.js';

const HOUR = 3_600_000;

let stage: Stage;
let app: OwnApp;

beforeAll(async () => {
  stage = await Stage.open();
  app = await OwnApp.start(stage.clinch);
});
afterEach(async () => {
  vi.useRealTimers();
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(async () => {
  await app.stop();
  await stage.close();
});

/** The page says what happened and what to do, and shows the trace id that stands in the answer's header too. */
async function expectPage(page: Page, situation: ErrorSituation, locale: 'en' | 'zh-CN' = 'en'): Promise<string> {
  const words = MESSAGES[locale].error;
  const { title, explanation, advice } = words.situations[situation];
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
  const text = await page.locator('main').innerText();
  for (const part of [explanation, words.nextHeading, advice, words.traceId]) expect(text).toContain(part);
  const traceId = await page.locator('code.trace').innerText();
  expect(traceId).toMatch(/^[0-9a-f-]{36}$/);
  expect(await page.locator('code.trace').isVisible()).toBe(true);
  return traceId;
}

describe('a page where a request ends', () => {
  it('says that the app is not known', async () => {
    const page = await stage.visit();
    const answer = await page.goto(app.request({ client_id: 'nobody' }));
    expect(answer?.status()).toBe(400);
    expect(await expectPage(page, 'unknown_app')).toBe(answer?.headers()['x-request-id']);
    expect(app.arrivals).toEqual([]);
  });

  it('says that the address is not registered, and the log line of its trace id names the nearest one', async () => {
    const info = vi.spyOn(stage.clinch.app.get(ServerLog), 'info');
    const page = await stage.visit();
    const wrong = `${app.url}/callback`;
    await page.goto(app.request({ redirect_uri: wrong }));
    const traceId = await expectPage(page, 'redirect_uri_mismatch');
    const line = info.mock.calls.map(([fields]) => fields).find((fields) => 'hint' in fields);
    expect(line?.['traceId']).toBe(traceId);
    expect(line?.['hint']).toContain(`the nearest registered redirect_uri is ${app.registration.redirectUri}`);
    expect(await page.content()).not.toContain(wrong);
    expect(app.arrivals).toEqual([]);
  });

  it('says that a sign-in was left open for too long, instead of taking the password', async () => {
    const page = await stage.visit();
    await page.goto(app.request());
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * HOUR });
    await stage.signIn(page);
    await expectPage(page, 'interaction_expired');
    await page.reload();
    await expectPage(page, 'interaction_expired');
  });

  it('says that a sign-in does not belong to this browser', async () => {
    const page = await stage.visit();
    await page.goto(app.request());
    const other = await stage.visit();
    await other.goto(page.url());
    await expectPage(other, 'interaction_expired');
  });

  it('says that a form is refused when the browser keeps no cookies', async () => {
    const page = await stage.visit();
    await page.goto(app.request());
    await page.context().clearCookies();
    await stage.signIn(page);
    await expectPage(page, 'form_not_ours');
  });

  it('says that there is nothing at an address', async () => {
    const page = await stage.visit();
    const answer = await page.goto(`${stage.clinch.url}/no/such/page`);
    expect(answer?.status()).toBe(404);
    await expectPage(page, 'not_found');
  });

  it('speaks Chinese to a Chinese browser, and to an app that asks for it', async () => {
    const chinese = await stage.visit({ locale: 'zh-CN' });
    await chinese.goto(`${stage.clinch.url}/no/such/page`);
    await expectPage(chinese, 'not_found', 'zh-CN');
    const english = await stage.visit();
    await english.goto(app.request({ client_id: 'nobody', ui_locales: 'zh-CN' }));
    await expectPage(english, 'unknown_app', 'zh-CN');
  });
});

describe('the look of the pages', () => {
  const pages: [string, () => string][] = [
    ['sign-in page', () => app.request({ login_hint: 'somebody' })],
    ['error page', () => app.request({ client_id: 'nobody' })],
    ['page at the root', () => stage.clinch.url],
  ];

  it.each(pages)('the %s loses nothing when it is shown twice as large', async (_, address) => {
    const page = await stage.visit({ viewport: { width: 640, height: 640 } });
    await page.goto(address());
    await page.evaluate(`document.documentElement.style.zoom = '2'`);
    expect(await sidewaysScroll(page)).toBe(0);
  });
});
