import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { MESSAGES } from '../../src/ui/messages.js';
import { AdminApi } from '../support/admin-api.js';
import { inspected } from './support/inspection.js';
import { focusIsVisible, focused, sidewaysScroll, smallTargets } from './support/look.js';
import { OwnApp } from './support/own-app.js';
import { Stage } from './support/stage.js';

const EN = MESSAGES.en.consent;
const ORDERS = 'https://orders.example/';
const ZH = MESSAGES['zh-CN'].consent;

let stage: Stage;
let app: OwnApp;
let elsewhere: OwnApp;

beforeAll(async () => {
  stage = await Stage.open();
  [app, elsewhere] = await Promise.all([OwnApp.start(stage.clinch), OwnApp.start(stage.clinch)]);
});
afterEach(async () => {
  app.sendsOnTo = undefined;
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(async () => {
  await Promise.all([app.stop(), elsewhere.stop()]);
  await stage.close();
});

/** Signs in and stops at the question. */
async function asked(options: Parameters<Stage['visit']>[0] = {}, scope = 'openid email'): Promise<Page> {
  const page = await stage.visit(options);
  await page.goto(app.request({ prompt: 'consent', scope }));
  await stage.signIn(page);
  await page.locator('.scopes').waitFor();
  return page;
}

describe('the question whether an app may have this', () => {
  it('names the app, the account, what is asked for and where the answer goes', async () => {
    const page = await asked();
    expect(await page.title()).toBe(EN.documentTitle('Expenses'));
    const text = await page.locator('main').innerText();
    for (const part of [
      'Expenses',
      '李华',
      'lihua@example.com',
      EN.scopes.openid.title,
      EN.scopes.email.title,
      EN.returnTo(new URL(app.url).host),
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain(EN.scopes.phone.title);
  });

  it('is asked in Chinese where the browser speaks Chinese', async () => {
    const page = await asked({ locale: 'zh-CN' });
    expect(await page.locator('h1').innerText()).toBe(ZH.heading);
    expect(await page.getByRole('button').allInnerTexts()).toEqual([ZH.deny, ZH.allow]);
  });

  it('ends with a code when the person allows it', async () => {
    const page = await asked();
    await page.getByRole('button', { name: EN.allow }).click();
    await page.waitForURL(`${app.url}/cb**`);
    expect(await page.title()).toBe('Signed in');
    expect(app.lastArrival.tokens?.['scope']).toBe('openid email');
  });

  it('ends with access_denied at the app when the person does not', async () => {
    const page = await asked();
    await page.getByRole('button', { name: EN.deny }).click();
    await page.waitForURL(`${app.url}/cb**`);
    expect(await page.title()).toBe('access_denied');
    expect(app.lastArrival.parameters.get('state')).toBe('the-state');
    expect(app.lastArrival.parameters.has('code')).toBe(false);
  });

  it('says what an API lets the app do in the words of the API, and which API that is', async () => {
    const orders = await OwnApp.start(stage.clinch, {
      scope: 'openid',
      apiAccess: [{ resource: ORDERS, scope: 'orders:read orders:refund' }],
    });
    const admin = await AdminApi.of(stage.clinch);
    const scopes = [{ name: 'orders:read', description: 'See your orders' }, { name: 'orders:refund' }];
    await admin.made('api-resources', { identifier: ORDERS, name: 'Order desk', scopes });
    const page = await stage.visit();
    await page.goto(orders.request({ prompt: 'consent', scope: 'openid orders:read orders:refund', resource: ORDERS }));
    await stage.signIn(page);
    const asks = page.locator('.scopes');
    await asks.waitFor();
    expect(await asks.locator('.scope-title').allInnerTexts()).toEqual([
      EN.scopes.openid.title,
      'See your orders',
      'orders:refund',
    ]);
    expect((await asks.locator('.scope-detail').allInnerTexts()).slice(1)).toEqual(
      Array(2).fill(EN.apiScope('', 'Order desk').detail),
    );
    expect(await inspected(page, 'consent-api-en')).toEqual([]);
    await page.getByRole('button', { name: EN.allow }).click();
    await page.waitForURL(`${orders.url}/cb**`);
    expect(orders.lastArrival.tokens?.['scope']).toBe('orders:read orders:refund');
    await orders.stop();
  });

  it('is answered with the keyboard alone; the harmless answer comes first', async () => {
    const page = await asked();
    for (const answer of [EN.deny, EN.allow]) {
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe(answer);
      expect(await focusIsVisible(page)).toBe(true);
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(`${app.url}/cb**`);
    expect(await page.title()).toBe('Signed in');
  });

  it.each(['allow', 'deny'] as const)('is answered with scripts off: %s', async (decision) => {
    const page = await asked({ javaScriptEnabled: false });
    await page.getByRole('button', { name: EN[decision] }).click();
    await page.waitForURL(`${app.url}/cb**`);
    expect(app.lastArrival.parameters.has('code')).toBe(decision === 'allow');
  });

  it.each(['allow', 'deny'] as const)('lets the app send on to a third origin: %s', async (decision) => {
    app.sendsOnTo = `http://localhost:${new URL(elsewhere.url).port}/home`;
    const page = await asked();
    await page.getByRole('button', { name: EN[decision] }).click();
    await page.waitForURL(app.sendsOnTo);
  });

  it('is not asked twice once it was answered', async () => {
    const careful = await OwnApp.start(stage.clinch, { requireConsent: true });
    const page = await stage.visit();
    await page.goto(careful.request());
    await stage.signIn(page);
    await page.getByRole('button', { name: EN.allow }).click();
    await page.waitForURL(`${careful.url}/cb**`);
    await page.goto(careful.request());
    expect(page.url()).toContain(`${careful.url}/cb`);
    expect(careful.arrivals).toHaveLength(2);
    await careful.stop();
  });

  it('fits on a narrow screen, with the longest list and a long name', async () => {
    const wordy = await OwnApp.start(stage.clinch, {
      clientName: 'Enterprise-Resource-Planning-and-Reimbursement-Workbench',
      scope: 'openid profile email phone address offline_access',
      policyUri: 'https://app.example/privacy',
      tosUri: 'https://app.example/terms',
    });
    const page = await stage.visit({ viewport: { width: 320, height: 640 } });
    await page.goto(wordy.request({ prompt: 'consent', scope: 'openid profile email phone address offline_access' }));
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await smallTargets(page)).toEqual([]);
    await stage.signIn(page);
    await page.locator('.scopes').waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await smallTargets(page)).toEqual([]);
    await wordy.stop();
  });
});
