import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { MESSAGES } from '../../src/ui/messages.js';
import { description, focusIsVisible, focused } from './support/look.js';
import { OwnApp } from './support/own-app.js';
import { startSampleWebApp, type SampleWebApp } from './support/sample-web-app.js';
import { Stage } from './support/stage.js';

const EN = MESSAGES.en.login;
const ZH = MESSAGES['zh-CN'].login;
const APP = 'Sample web app';

let stage: Stage;
let app: SampleWebApp;

beforeAll(async () => {
  stage = await Stage.open();
  app = await startSampleWebApp(stage.clinch);
});
afterEach(async () => {
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(async () => {
  await app.stop();
  await stage.close();
});

async function expectSignedIn(page: Page): Promise<void> {
  await page.getByText('Signed in as 李华').waitFor();
  expect(page.url()).toBe(`${app.url}/`);
}

/** The sign-in page that the sample app leads to, ready to be typed into; `how` is what its links add to the request. */
async function toSignInPage(page: Page, how = ''): Promise<void> {
  await page.goto(`${app.url}/login${how}`);
  await page.locator('input:focus').waitFor();
}

describe('signing in to the sample web app', () => {
  it('works with the mouse', async () => {
    const page = await stage.visit();
    await page.goto(app.url);
    await page.getByRole('link', { name: 'Sign in' }).click();
    expect(await page.title()).toBe(EN.documentTitle(APP));
    expect(await page.locator('h1').innerText()).toBe(EN.heading);
    await page.getByLabel(EN.username).click();
    await page.keyboard.type(stage.person.username);
    await page.getByLabel(EN.password).click();
    await page.keyboard.type(stage.person.password);
    await page.getByRole('button', { name: EN.submit }).click();
    await expectSignedIn(page);
  });

  it('works with the keyboard alone, and shows at each step where the focus is', async () => {
    const page = await stage.visit();
    await page.goto(app.url);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Sign in');
    await page.keyboard.press('Enter');
    await page.getByLabel(EN.username).waitFor();

    const order: string[] = [];
    for (const typed of [stage.person.username, stage.person.password, '']) {
      order.push(await focused(page));
      expect(await focusIsVisible(page), order.at(-1)).toBe(true);
      if (typed === '') break;
      await page.keyboard.type(typed);
      await page.keyboard.press('Tab');
    }
    expect(order).toEqual(['username', 'password', EN.submit]);
    await page.keyboard.press('Enter');
    await expectSignedIn(page);
  });

  it('sends the form by Enter in a field', async () => {
    const page = await stage.visit();
    await toSignInPage(page);
    await page.keyboard.type(stage.person.username);
    await page.keyboard.press('Tab');
    await page.keyboard.type(stage.person.password);
    await page.keyboard.press('Enter');
    await expectSignedIn(page);
  });

  it('works with scripts off', async () => {
    const page = await stage.visit({ javaScriptEnabled: false });
    await page.goto(app.url);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await stage.signIn(page);
    await expectSignedIn(page);
  });

  it('asks for no password when somebody is signed in already', async () => {
    const page = await stage.visit();
    await toSignInPage(page);
    await stage.signIn(page);
    await page.getByRole('button', { name: 'Forget me here' }).click();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await expectSignedIn(page);
  });

  it('does not show the form again by the back button, but says that the sign-in is over', async () => {
    const page = await stage.visit();
    await page.goto(app.url);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await stage.signIn(page);
    await expectSignedIn(page);
    await page.goBack();
    expect(await page.locator('h1').innerText()).toBe(MESSAGES.en.error.situations.interaction_expired.title);
    expect(await page.locator('input').count()).toBe(0);
    await page.goForward();
    await expectSignedIn(page);
  });

  it('keeps two apps in two tabs apart', async () => {
    const [one, other] = await Promise.all([OwnApp.start(stage.clinch), OwnApp.start(stage.clinch)]);
    const first = await stage.visit();
    const second = await first.context().newPage();
    await first.goto(one.request({ state: 'of-the-first' }));
    await second.goto(other.request({ state: 'of-the-second' }));
    await stage.signIn(second);
    await second.waitForURL(`${other.url}/**`);
    await stage.signIn(first);
    await first.waitForURL(`${one.url}/**`);
    for (const [tab, ownApp, state] of [
      [first, one, 'of-the-first'],
      [second, other, 'of-the-second'],
    ] as const) {
      expect(await tab.title()).toBe('Signed in');
      expect(ownApp.arrivals.map(({ parameters }) => parameters.get('state'))).toEqual([state]);
    }
    expect(one.lastArrival.parameters.get('code')).not.toBe(other.lastArrival.parameters.get('code'));
    await Promise.all([one.stop(), other.stop()]);
  });

  it('leaves a popup its opener, which hears of the return', async () => {
    const ownApp = await OwnApp.start(stage.clinch);
    const opener = await stage.visit();
    await opener.goto(`${ownApp.url}/popup`);
    // Void, or evaluate would wait here for what is to be heard.
    await opener.evaluate(`void (window.heard = new Promise((hear) => (onmessage = ({ data }) => hear(data))))`);
    const [popup] = await Promise.all([opener.waitForEvent('popup'), opener.getByRole('button').click()]);
    await popup.waitForURL(`${stage.clinch.url}/login**`);
    await stage.signIn(popup);
    await popup.waitForURL(`${ownApp.url}/cb**`);
    expect(await popup.evaluate('window.opener !== null')).toBe(true);
    expect(await opener.evaluate('window.heard')).toBe('Signed in');
    await ownApp.stop();
  });
});

describe('the language of the sign-in page', () => {
  it.each([
    ['the browser in Chinese', 'zh-CN', '', ZH.heading, 'zh-CN'],
    ['the browser in English', 'en-GB', '', EN.heading, 'en'],
    ['the app that asks for Chinese', 'en-GB', '?ui_locales=zh-CN', ZH.heading, 'zh-CN'],
    ['the app that asks for English', 'zh-CN', '?ui_locales=en', EN.heading, 'en'],
  ])('follows %s', async (_, locale, how, heading, lang) => {
    const page = await stage.visit({ locale });
    await toSignInPage(page, how);
    expect(await page.locator('h1').innerText()).toBe(heading);
    expect(await page.locator('html').getAttribute('lang')).toBe(lang);
  });

  it('stays the same through a mistake and to the end', async () => {
    const page = await stage.visit();
    await toSignInPage(page, '?ui_locales=zh-CN');
    await stage.signIn(page, 'not the password');
    expect(await page.getByRole('alert').innerText()).toBe(ZH.invalidCredentials);
    await page.getByLabel(ZH.password).fill(stage.person.password);
    await page.getByRole('button', { name: ZH.submit }).click();
    await expectSignedIn(page);
  });
});

describe('a mistake', () => {
  it('in the password is told beside the form, the name is kept, and the cursor stands in the password', async () => {
    const page = await stage.visit();
    await toSignInPage(page);
    await stage.signIn(page, 'not the password');
    expect(await page.getByRole('alert').innerText()).toBe(EN.invalidCredentials);
    expect(await description(page, 'password')).toBe(EN.invalidCredentials);
    expect(await page.getByLabel(EN.username).inputValue()).toBe(stage.person.username);
    expect(await page.getByLabel(EN.password).inputValue()).toBe('');
    expect(await focused(page)).toBe('password');
    await page.keyboard.type(stage.person.password);
    await page.keyboard.press('Enter');
    await expectSignedIn(page);
  });

  it('of leaving the password out is told beside the password', async () => {
    const page = await stage.visit();
    await toSignInPage(page);
    await stage.signIn(page, '');
    expect(await description(page, 'password')).toBe(EN.passwordMissing);
    expect(await page.getByLabel(EN.password).getAttribute('aria-invalid')).toBe('true');
    expect(await focused(page)).toBe('password');
  });

  it('while proving who one is still shows whose account it is', async () => {
    const page = await stage.visit();
    await toSignInPage(page);
    await stage.signIn(page);
    await toSignInPage(page, '?prompt=login');
    await stage.signIn(page, 'not the password');
    expect(await page.getByRole('alert').innerText()).toBe(EN.invalidCredentials);
    expect(await page.locator('h1').innerText()).toBe(EN.reauthenticateHeading);
    expect(await page.locator('.account').innerText()).toContain('李华');
  });
});

describe('OpenID Connect Core §3.1.2.1 prompt', () => {
  async function signedIn(): Promise<Page> {
    const page = await stage.visit();
    await toSignInPage(page);
    await stage.signIn(page);
    await expectSignedIn(page);
    return page;
  }

  it('login asks for the password again, with the name filled in and the cursor in the password', async () => {
    const page = await signedIn();
    await page.getByRole('link', { name: 'with the password again' }).click();
    expect(await page.locator('h1').innerText()).toBe(EN.reauthenticateHeading);
    expect(await page.getByLabel(EN.username).inputValue()).toBe(stage.person.username);
    expect(await focused(page)).toBe('password');
    await page.keyboard.type(stage.person.password);
    await page.keyboard.press('Enter');
    await expectSignedIn(page);
  });

  it('select_account goes on as the one who is signed in', async () => {
    const page = await signedIn();
    await page.goto(`${app.url}/login?prompt=select_account`);
    await page.getByRole('button', { name: '李华' }).click();
    await expectSignedIn(page);
  });

  it('select_account lets somebody else sign in', async () => {
    const page = await signedIn();
    await page.goto(`${app.url}/login?prompt=select_account`);
    await page.getByRole('button', { name: MESSAGES.en.selectAccount.useAnother }).click();
    expect(await page.locator('h1').innerText()).toBe(EN.heading);
    expect(await page.getByLabel(EN.username).inputValue()).toBe('');
    expect(await focused(page)).toBe('username');
    await stage.signIn(page);
    await expectSignedIn(page);
  });
});

describe('CSP3 form-action and the redirects that follow the form', () => {
  let ownApp: OwnApp;
  let elsewhere: OwnApp;
  beforeAll(async () => {
    [ownApp, elsewhere] = await Promise.all([OwnApp.start(stage.clinch), OwnApp.start(stage.clinch)]);
  });
  afterAll(async () => {
    await Promise.all([ownApp.stop(), elsewhere.stop()]);
  });

  it('let the browser reach an app on another site', async () => {
    const page = await stage.visit();
    await page.goto(ownApp.request());
    await stage.signIn(page);
    await page.waitForURL(`${ownApp.url}/cb**`);
    expect(await page.title()).toBe('Signed in');
  });

  it.each(['127.0.0.1', 'localhost'])('let an app send on to a third origin (%s)', async (host) => {
    const target = `http://${host}:${new URL(elsewhere.url).port}/home`;
    ownApp.sendsOnTo = target;
    const page = await stage.visit();
    await page.goto(ownApp.request());
    await stage.signIn(page);
    await page.waitForURL(target);
    ownApp.sendsOnTo = undefined;
  });

  it('let the browser hand the answer to a native app by its own scheme', async () => {
    const native = await OwnApp.start(stage.clinch, {
      applicationType: 'native',
      redirectUris: ['com.example.app:/cb'],
    });
    const page = await stage.visit();
    await page.goto(native.request());
    const [handed] = await Promise.all([
      page.waitForEvent('request', (request) => request.url().startsWith('com.example.app:/cb?code=')),
      stage.signIn(page),
    ]);
    expect(new URL(handed.url()).searchParams.get('state')).toBe('the-state');
    await native.stop();
  });

  it('keep a form from going anywhere else in the clear', async () => {
    const page = await stage.visit();
    await page.goto(ownApp.request());
    await page.evaluate(`document.querySelector('form').action = 'http://elsewhere.example/'`);
    const [violation] = await Promise.all([page.waitForEvent('console'), page.keyboard.press('Enter')]);
    expect(violation.text()).toContain('form-action');
    expect(page.url()).toContain(`${stage.clinch.url}/login`);
    stage.violations.length = 0;
  });
});
