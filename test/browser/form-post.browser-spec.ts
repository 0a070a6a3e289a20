import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { MESSAGES } from '../../src/ui/messages.js';
import { focusIsVisible, focused } from './support/look.js';
import { OwnApp } from './support/own-app.js';
import { Stage } from './support/stage.js';

const EN = MESSAGES.en.formPost;
const FORM_POST = { response_mode: 'form_post' } as const;

let stage: Stage;
let app: OwnApp;
let elsewhere: OwnApp;

beforeAll(async () => {
  stage = await Stage.open();
  [app, elsewhere] = await Promise.all([OwnApp.start(stage.clinch), OwnApp.start(stage.clinch)]);
});
afterEach(async () => {
  app.sendsOnTo = undefined;
  app.arrivals.length = 0;
  await stage.closeVisits();
});
afterAll(async () => {
  await Promise.all([app.stop(), elsewhere.stop()]);
  await stage.close();
});

async function expectPosted(page: Page): Promise<void> {
  await page.waitForURL(`${app.url}/cb`);
  expect(await page.title()).toBe('Signed in');
  expect(app.arrivals).toHaveLength(1);
  const { method, parameters } = app.lastArrival;
  expect(method).toBe('POST');
  expect([...parameters.keys()].sort()).toEqual(['code', 'iss', 'state']);
  // Nothing of the answer in any address, which is what the mode is for.
  expect(new URL(page.url()).search).toBe('');
}

describe('OAuth 2.0 Form Post Response Mode', () => {
  it('posts the answer to an app on another site by itself', async () => {
    const page = await stage.visit();
    await page.goto(app.request(FORM_POST));
    await stage.signIn(page);
    await expectPosted(page);
    expect(stage.violations).toEqual([]);
  });

  it('posts it without any other page when somebody is signed in already', async () => {
    const page = await stage.visit();
    await page.goto(elsewhere.request());
    await stage.signIn(page);
    await page.goto(app.request(FORM_POST));
    await expectPosted(page);
  });

  it('posts an error too', async () => {
    const page = await stage.visit();
    await page.goto(app.request({ ...FORM_POST, prompt: 'none' }));
    await page.waitForURL(`${app.url}/cb`);
    expect(await page.title()).toBe('login_required');
  });

  it('lets the app send on to a third origin', async () => {
    app.sendsOnTo = `http://localhost:${new URL(elsewhere.url).port}/home`;
    const page = await stage.visit();
    await page.goto(app.request(FORM_POST));
    await stage.signIn(page);
    await page.waitForURL(app.sendsOnTo);
    expect(stage.violations).toEqual([]);
  });

  it('offers a button with scripts off, in reach of the keyboard', async () => {
    const page = await stage.visit({ javaScriptEnabled: false });
    await page.goto(app.request(FORM_POST));
    await stage.signIn(page);
    await page.getByRole('heading', { name: EN.heading }).waitFor();
    expect(await page.locator('main').innerText()).toContain(EN.returningTo(new URL(app.url).host));
    await page.getByRole('button', { name: EN.proceed }).press('Enter');
    await expectPosted(page);
  });

  it('speaks the language that the app asked for', async () => {
    const page = await stage.visit({ javaScriptEnabled: false });
    await page.goto(app.request({ ...FORM_POST, ui_locales: 'zh-CN' }));
    await stage.signIn(page);
    await page.getByRole('heading', { name: MESSAGES['zh-CN'].formPost.heading }).waitFor();
  });
});

describe('the Content-Security-Policy of the form post page', () => {
  // As if somebody had found a way to put markup into the page: the answer's headers stay as they are.
  async function withMarkup(page: Page, markup: string): Promise<void> {
    await page.route(`${stage.clinch.url}/oidc/authorize?**`, async (route) => {
      const answer = await route.fetch({ maxRedirects: 0 });
      const body = (await answer.text()).replace('<body>', `<body>${markup}`);
      await route.fulfill({ response: answer, body });
    });
  }

  async function signedIn(): Promise<Page> {
    const page = await stage.visit();
    await page.goto(elsewhere.request());
    await stage.signIn(page);
    await page.waitForURL(`${elsewhere.url}/**`);
    return page;
  }

  const addField = `document.forms[0].insertAdjacentHTML('beforeend', '<input name=stolen value=1>')`;

  it.each([
    ['script', `<script>addEventListener('DOMContentLoaded', () => ${addField}); document.title = 'ran'</script>`],
    ['event handler', `<img src="data:," onerror="document.title = 'ran'">`],
    ['script of another origin', `<script src="http://localhost:1/x.js"></script>`],
    ['script of our own origin', `<script src="/assets/x.js"></script>`],
  ])('lets no other script run: %s', async (_, markup) => {
    const page = await signedIn();
    await withMarkup(page, markup);
    await page.goto(app.request(FORM_POST));
    await expectPosted(page);
    await expect.poll(() => stage.violations.join()).toMatch(/script/);
  });

  it('takes no other base for its addresses', async () => {
    const page = await signedIn();
    await withMarkup(page, `<base href="http://elsewhere.example/">`);
    await page.goto(app.request(FORM_POST));
    await expectPosted(page);
  });

  it('puts the focus in sight on its button', async () => {
    const page = await stage.visit({ javaScriptEnabled: false });
    await page.goto(app.request({ ...FORM_POST, prompt: 'none' }));
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe(EN.proceed);
    expect(await focusIsVisible(page)).toBe(true);
  });
});
