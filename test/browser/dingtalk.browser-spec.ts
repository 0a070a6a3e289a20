import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BrowserContextOptions, Page } from 'playwright-core';
import {
  bridgeBinding,
  bridgeScript,
  containerUserAgent,
  containerUserAgents,
  type BridgeOptions,
} from '../../src/dingtalk-simulator/bridge-script.js';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import type { ClientRequest } from '../../src/dingtalk-simulator/world.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp } from '../support/builders.js';
import { connectDingTalk, ORGANISATION } from '../support/dingtalk-organisation.js';
import { sidewaysScroll, smallTargets } from './support/look.js';
import { OwnApp } from './support/own-app.js';
import { Stage } from './support/stage.js';

const { login, inApp, launch, error } = MESSAGES.en;

let stage: Stage;
let dingtalk: DingTalkSimulator;
let app: OwnApp;

beforeAll(async () => {
  stage = await Stage.open();
  [dingtalk, app] = await Promise.all([connectDingTalk(stage.clinch), OwnApp.start(stage.clinch)]);
});
beforeEach(() => dingtalk.faults.reset());
afterEach(async () => {
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(async () => {
  await app.stop();
  await stage.close();
  await dingtalk.stop();
});

/** A tab inside DingTalk, whose bridge answers as it is told. */
async function inDingTalk(
  mode: BridgeOptions['mode'] = 'answer',
  userid: string = samplePeople.ordinary,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await stage.visit({ userAgent: containerUserAgent, ...options });
  await page.exposeBinding(bridgeBinding, (_, request: ClientRequest) => dingtalk.answerBridge(request));
  await page.addInitScript(bridgeScript({ simulatorUrl: dingtalk.url, userid, mode: mode ?? 'answer' }));
  return page;
}

async function signedIn(page: Page): Promise<void> {
  await page.waitForURL((url) => url.origin === app.url && url.pathname === '/cb');
  expect(await page.title()).toBe('Signed in');
}

async function heading(page: Page, text: string): Promise<void> {
  await page.getByRole('heading', { name: text, level: 1 }).waitFor();
}

/** Picks a person on DingTalk's own page and says yes. */
async function confirm(page: Page, userid: string): Promise<void> {
  await page.locator(`[data-userid="${userid}"]`).click();
  await page.locator('[data-action="confirm"]').click();
}

describe('the sign-in page', () => {
  it('leads to DingTalk’s own page and back to the app, with scripts off too', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const page = await stage.visit({ javaScriptEnabled });
      await page.goto(app.request());
      await page.getByRole('link', { name: login.withDingTalk }).click();
      await page.waitForURL((url) => url.origin === dingtalk.url);
      await confirm(page, samplePeople.withoutEmail);
      await signedIn(page);
    }
  });

  it('shows DingTalk’s code within itself, and goes on when it was scanned', async () => {
    const page = await stage.visit();
    await page.goto(app.request());
    const frame = page.frameLocator('#embedded iframe');
    await frame.locator('svg.qr').waitFor();
    expect(await page.locator('#embedded iframe').getAttribute('title')).toBe(login.codeTitle);
    await frame.locator(`[data-userid="${samplePeople.ordinary}"]`).click();
    await frame.locator('[data-action="confirm"]').click();
    await signedIn(page);
  });

  it('tells whoever scans who is no member whom it is for', async () => {
    dingtalk.faults.switches.autoConfirm = samplePeople.externalContact;
    const page = await stage.visit();
    await page.goto(app.request());
    // DingTalk itself knows of no organisation for that person, so the frame says so and our page stays.
    await page.frameLocator('#embedded iframe').getByText('您不在该组织内').waitFor();
    expect(await page.title()).toBe(login.documentTitle('Expenses'));
  });

  it('believes no other frame, and no address but its own callback', async () => {
    const page = await stage.visit();
    await page.goto(app.request());
    await page.frameLocator('#embedded iframe').locator('svg.qr').waitFor();
    const address = page.url();
    const callback = `${stage.clinch.url}/dingtalk/acme/callback`;
    // From the page itself, which is not DingTalk.
    await page.evaluate(`postMessage({ success: true, redirectUrl: ${JSON.stringify(`${callback}?x=1`)} }, '*')`);
    const frame = page.frames().find((each) => each.url().startsWith(dingtalk.url));
    for (const redirectUrl of [
      'https://evil.example/',
      `${callback}.evil.example/?`,
      `${callback}@evil.example?x`,
      5,
    ]) {
      await frame?.evaluate(`parent.postMessage({ success: true, redirectUrl: ${JSON.stringify(redirectUrl)} }, '*')`);
    }
    await frame?.evaluate(`parent.postMessage(null, '*')`);
    await page.evaluate('new Promise((done) => setTimeout(done, 100))');
    expect(page.url()).toBe(address);
  });

  it('shows no code on a phone, and nothing too wide or too small to press', async () => {
    const page = await stage.visit({ viewport: { width: 320, height: 640 } });
    await page.goto(app.request());
    await page.getByRole('link', { name: login.withDingTalk }).waitFor();
    expect(await page.locator('#embedded').isVisible()).toBe(false);
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await smallTargets(page)).toEqual([]);
  });

  it('comes back from a refusal with words, and lets the person choose again', async () => {
    const page = await stage.visit();
    await page.goto(app.request());
    await page.getByRole('link', { name: login.withDingTalk }).click();
    await page.locator('[data-action="deny"]').click();
    await page.getByRole('alert').getByText(login.cancelled).waitFor();
    await stage.signIn(page);
    await signedIn(page);
  });
});

describe('inside DingTalk', () => {
  it('signs in without a click when an app sends a person here', async () => {
    const page = await inDingTalk();
    await page.goto(app.request());
    await signedIn(page);
    expect(app.lastArrival.parameters.get('state')).toBe('the-state');
  });

  it('opens an app from the workbench by its initiation URL, without a click', async () => {
    const { clientId } = await anApp(stage.clinch, {
      initiateLoginUri: `${app.url}/start`,
      redirectUris: [`${app.url}/x`],
    });
    const page = await inDingTalk();
    const visited: string[] = [];
    page.on('framenavigated', (frame) => visited.push(new URL(frame.url()).pathname));
    await page.goto(`${stage.clinch.url}/launch/${clientId}?corpid=${dingtalk.app.corpId}`);
    await signedIn(page);
    expect(visited).toEqual(['/dingtalk/acme/in-app', '/cb']);
  });

  it('falls back to DingTalk’s page when the bridge never answers', async () => {
    const page = await inDingTalk('silent');
    await page.goto(app.request());
    await heading(page, inApp.heading);
    await page.waitForURL((url) => url.origin === dingtalk.url);
    await confirm(page, samplePeople.ordinary);
    await signedIn(page);
  });

  it('falls back to it when the bridge refuses, and where there is no bridge at all', async () => {
    const refusing = await inDingTalk('refuse');
    await refusing.goto(app.request());
    await refusing.waitForURL((url) => url.origin === dingtalk.url);
    const desktop = await stage.visit({ userAgent: containerUserAgents.windows });
    await desktop.goto(app.request());
    await desktop.waitForURL((url) => url.origin === dingtalk.url);
  });

  it('shows the ways when the person cancels, and tries again when asked to', async () => {
    const page = await inDingTalk('cancelled');
    await page.goto(app.request());
    await page.getByRole('alert').getByText(login.cancelled).waitFor();
    expect(await page.locator('[name=password]').count()).toBe(1);
    await page.getByRole('link', { name: login.withDingTalk }).click();
    await page.getByRole('alert').getByText(login.cancelled).waitFor();
  });

  it('has a way round for those whose scripts are off', async () => {
    const page = await stage.visit({ userAgent: containerUserAgent, javaScriptEnabled: false });
    await page.goto(app.request());
    await heading(page, inApp.heading);
    await page.getByRole('link', { name: inApp.otherWay }).click();
    await confirm(page, samplePeople.ordinary);
    await signedIn(page);
  });

  it('says whom it is for, and offers the other ways', async () => {
    const page = await inDingTalk('answer', samplePeople.disabled);
    await page.goto(app.request());
    await heading(page, error.situations.account_disabled.title);
    await page.getByRole('link', { name: error.signIn }).click();
    await stage.signIn(page);
    await signedIn(page);
  });

  it('says that DingTalk is away', async () => {
    dingtalk.faults.fail('refuse', { path: '/oapi' });
    const page = await inDingTalk();
    await page.goto(app.request());
    await heading(page, error.namedSituations.dingtalk_away(ORGANISATION).title);
  });

  it('hands the session to the system’s browser', async () => {
    const page = await inDingTalk();
    await page.goto(`${stage.clinch.url}/launch/${app.registration.clientId}?open=browser`);
    await heading(page, launch.elsewhereHeading);
    const link = await page.getByRole('link', { name: launch.openElsewhere }).getAttribute('href');
    const outside = await stage.visit();
    await outside.goto(new URL(link ?? '').searchParams.get('url') ?? '');
    await heading(outside, launch.handoverHeading);
    await outside.getByRole('button').click();
    await outside.waitForURL(`${app.url}/`);
    await outside.goto(app.request());
    await signedIn(outside);
    // Not clicked: Chromium without a screen waits for ever for somebody to allow the other program.
    const here = await page.getByRole('link', { name: launch.openHere }).getAttribute('href');
    await page.goto(stage.clinch.url + (here ?? ''));
    expect(page.url()).toBe(`${app.url}/`);
  });
});
