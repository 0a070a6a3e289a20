import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { MESSAGES } from '../../src/ui/messages.js';
import { aPerson, type TestPerson } from '../support/builders.js';
import { focused, focusIsVisible, sidewaysScroll } from './support/look.js';
import { OwnApp } from './support/own-app.js';
import { Stage } from './support/stage.js';

const NARROW = { width: 320, height: 640 };

let stage: Stage;
let app: OwnApp;
let ada: TestPerson;
let hua: TestPerson;

beforeAll(async () => {
  stage = await Stage.open();
  app = await OwnApp.start(stage.clinch);
  ada = await aPerson(stage.clinch, { name: 'Ada Lovelace', username: 'ada.lovelace', email: 'ada@corp.example' });
  hua = await aPerson(stage.clinch, { name: '李华', username: 'li.hua', email: null });
});
afterEach(async () => {
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(async () => {
  await app.stop();
  await stage.close();
});

async function signIn(page: Page, person: TestPerson): Promise<void> {
  await page.goto(app.request({ prompt: 'login' }));
  await page.locator('[name=username]').fill(person.username);
  await page.locator('[name=password]').fill(person.password);
  await page.locator('[type=submit]').click();
  await page.waitForURL(`${app.url}/cb**`);
}

/** A browser in which Ada and then Hua have signed in, at the choice. */
async function atChoice(visit: Parameters<Stage['visit']>[0] = {}): Promise<Page> {
  const page = await stage.visit(visit);
  await signIn(page, ada);
  await signIn(page, hua);
  await page.goto(app.request({ prompt: 'select_account' }));
  await page.locator('.choices').waitFor();
  return page;
}

function who(): unknown {
  const [, payload = ''] = String(app.lastArrival.tokens?.['id_token']).split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub;
}

describe('two people in one browser', () => {
  it.each([
    ['en-GB', MESSAGES.en.selectAccount],
    ['zh-CN', MESSAGES['zh-CN'].selectAccount],
  ] as const)('are both there to be chosen, the current one named so, in %s', async (locale, words) => {
    const page = await atChoice({ locale });
    expect(await page.locator('h1').innerText()).toBe(words.heading);
    const rows = await page.locator('.choice').allInnerTexts();
    expect(rows).toHaveLength(2);
    expect(rows[0]).toContain('李华');
    expect(rows[0]).toContain(words.current);
    expect(rows[1]).toContain('Ada Lovelace');
    expect(rows[1]).not.toContain(words.current);
    await page.getByRole('button', { name: 'Ada Lovelace' }).click();
    await page.waitForURL(`${app.url}/cb**`);
    expect(who()).toBe(ada.id);
  });

  it('with the keyboard alone: each is one stop, which can be seen, and one press', async () => {
    const page = await atChoice();
    const stops = [];
    for (let stop = 0; stop < 3; stop++) {
      await page.keyboard.press('Tab');
      stops.push(await focused(page));
      expect(await focusIsVisible(page)).toBe(true);
    }
    expect(stops[0]).toContain('li.hua');
    expect(stops[1]).toContain('ada.lovelace');
    expect(stops[2]).toBe(MESSAGES.en.selectAccount.useAnother);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${app.url}/cb**`);
    expect(who()).toBe(ada.id);
  });

  it('with scripts off', async () => {
    const page = await atChoice({ javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Ada Lovelace' }).click();
    await page.waitForURL(`${app.url}/cb**`);
    expect(who()).toBe(ada.id);
    // And back, without a password.
    await page.goto(app.request({ prompt: 'select_account' }));
    await page.getByRole('button', { name: '李华' }).click();
    await page.waitForURL(`${app.url}/cb**`);
    expect(who()).toBe(hua.id);
  });

  it('with two presses of the button, which are one', async () => {
    const page = await atChoice();
    await page.getByRole('button', { name: 'Ada Lovelace' }).dblclick();
    await page.waitForURL(`${app.url}/cb**`);
    expect(who()).toBe(ada.id);
  });

  it('on the device page, and back to it', async () => {
    const page = await atChoice();
    await page.goto(`${stage.clinch.url}/device`);
    expect(await page.locator('.account').innerText()).toContain('李华');
    await page.getByRole('link', { name: MESSAGES.en.selectAccount.useAnother }).click();
    await page.getByText(MESSAGES.en.selectAccount.ownDestination).waitFor();
    await page.getByRole('button', { name: 'Ada Lovelace' }).click();
    await page.waitForURL(`${stage.clinch.url}/device`);
    expect(await page.locator('.account').innerText()).toContain('Ada Lovelace');
  });
});

describe('the look of the choice', () => {
  it('stays whole with a person of a very long name', async () => {
    const long = await aPerson(stage.clinch, { name: 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3) });
    const page = await stage.visit({ viewport: NARROW });
    await signIn(page, long);
    await signIn(page, hua);
    await page.goto(app.request({ prompt: 'select_account' }));
    await page.locator('.choices').waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
  });
});
