import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { TestApp } from '../support/builders.js';
import { aCli, askForCodes, changeDevice, poll, type DeviceCodes } from '../support/device.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { description, focusIsVisible, focused, sidewaysScroll } from './support/look.js';
import { Stage } from './support/stage.js';

const EN = MESSAGES.en.device;
const ZH = MESSAGES['zh-CN'].device;
const NARROW = { width: 320, height: 640 };

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterEach(async () => {
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(() => stage.close());

type Visit = Parameters<Stage['visit']>[0];

/** A device that shows its code, and a browser that has gone where the device says. */
async function device(
  where: 'code' | 'link',
  visit: Visit = {},
): Promise<{ app: TestApp; codes: DeviceCodes; page: Page }> {
  const app = await aCli(stage.clinch);
  const codes = await askForCodes(stage.clinch.url, app, { scope: 'openid profile email' });
  const page = await stage.visit(visit);
  await page.goto(where === 'link' ? codes.verification_uri_complete : codes.verification_uri);
  await stage.signIn(page);
  await page.locator('.account').waitFor();
  return { app, codes, page };
}

async function heading(page: Page, text: string): Promise<void> {
  await page.getByRole('heading', { name: text, level: 1 }).waitFor();
}

describe('letting a device in', () => {
  it.each([
    ['en-GB', EN],
    ['zh-CN', ZH],
  ] as const)('by the code that it shows, in %s', async (locale, words) => {
    const { app, codes, page } = await device('code', { locale });
    await heading(page, words.heading);
    expect(await focused(page)).toBe('user_code');
    await page.getByLabel(words.userCode).fill(codes.user_code.toLowerCase());
    await page.getByRole('button', { name: words.submit }).click();
    await heading(page, words.confirmHeading);
    const text = await page.locator('main').innerText();
    for (const part of ['Deploy CLI', '李华', codes.user_code, '127.0.0.1', words.minutesAgo(0), words.caution]) {
      expect(text).toContain(part);
    }
    await page.getByRole('button', { name: words.allow }).click();
    await heading(page, words.allowedTitle);
    expect(await page.locator('main').innerText()).toContain(words.allowedBody('Deploy CLI'));
    expect((await poll(stage.clinch.url, app, codes)).status).toBe(200);
  });

  it('by the link or picture that it shows: the code is there already, and a person still decides', async () => {
    const { app, codes, page } = await device('link');
    await heading(page, EN.confirmHeading);
    expect(await page.locator('.user-code').innerText()).toBe(codes.user_code);
    expect((await poll(stage.clinch.url, app, codes)).body['error']).toBe('authorization_pending');
    await page.getByRole('button', { name: EN.deny }).click();
    await heading(page, EN.deniedTitle);
    expect((await poll(stage.clinch.url, app, codes)).body['error']).toBe('access_denied');
  });

  it('with the keyboard alone; the harmless answer comes first', async () => {
    const { app, codes, page } = await device('code');
    expect(await focused(page)).toBe('user_code');
    expect(await focusIsVisible(page)).toBe(true);
    await page.keyboard.type(codes.user_code.replace('-', ''));
    await page.keyboard.press('Enter');
    await heading(page, EN.confirmHeading);
    for (const answer of [EN.deny, EN.allow]) {
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe(answer);
      expect(await focusIsVisible(page)).toBe(true);
    }
    await page.keyboard.press('Enter');
    await heading(page, EN.allowedTitle);
    expect((await poll(stage.clinch.url, app, codes)).status).toBe(200);
  });

  it('with scripts off', async () => {
    const { app, codes, page } = await device('code', { javaScriptEnabled: false });
    await page.getByLabel(EN.userCode).fill(codes.user_code);
    await page.getByRole('button', { name: EN.submit }).click();
    await page.getByRole('button', { name: EN.allow }).click();
    await heading(page, EN.allowedTitle);
    expect((await poll(stage.clinch.url, app, codes)).status).toBe(200);
  });

  it('with two presses of the button, which are one', async () => {
    const { app, codes, page } = await device('link');
    await page.getByRole('button', { name: EN.allow }).dblclick();
    await heading(page, EN.allowedTitle);
    expect((await poll(stage.clinch.url, app, codes)).status).toBe(200);
  });

  it('by going back and pressing again changes nothing', async () => {
    const { app, codes, page } = await device('link');
    await page.getByRole('button', { name: EN.deny }).click();
    await heading(page, EN.deniedTitle);
    await page.goBack();
    expect(await page.locator('main').innerText()).toContain(EN.heading);
    expect(await page.getByRole('button', { name: EN.allow }).count()).toBe(0);
    expect((await poll(stage.clinch.url, app, codes)).body['error']).toBe('access_denied');
  });
});

describe('a code that is not right', () => {
  it('is told beside the field, is still there to be corrected, and the cursor stands in it', async () => {
    const { codes, page } = await device('code');
    const wrong = `${codes.user_code.slice(0, -1)}A`;
    await page.getByLabel(EN.userCode).fill(wrong);
    await page.keyboard.press('Enter');
    await page.locator('.field-error').waitFor();
    expect(await description(page, 'user_code')).toBe(EN.codeUnknown);
    expect(await page.getByLabel(EN.userCode).getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByLabel(EN.userCode).inputValue()).toBe(wrong);
    expect(await focused(page)).toBe('user_code');
    await page.keyboard.press('End');
    await page.keyboard.press('Backspace');
    await page.keyboard.type(codes.user_code.slice(-1));
    await page.keyboard.press('Enter');
    await heading(page, EN.confirmHeading);
  });

  it('is told where nothing was typed', async () => {
    const { page } = await device('code', { locale: 'zh-CN' });
    await page.getByRole('button', { name: ZH.submit }).click();
    await page.locator('.field-error').waitFor();
    expect(await description(page, 'user_code')).toBe(ZH.codeMissing);
  });

  it('is told by a link whose code is over', async () => {
    const app = await aCli(stage.clinch);
    const codes = await askForCodes(stage.clinch.url, app);
    await changeDevice(stage.clinch, app.clientId, { expiresAt: new Date() });
    const page = await stage.visit();
    await page.goto(codes.verification_uri_complete);
    await stage.signIn(page);
    await page.locator('.field-error').waitFor();
    expect(await description(page, 'user_code')).toBe(EN.codeUnknown);
  });
});

describe('the look of the device pages', () => {
  it('stays whole with an app of a very long name', async () => {
    const app = await aCli(stage.clinch, { clientName: 'Unternehmensressourcenplanungswerkzeug'.repeat(3) });
    const codes = await askForCodes(stage.clinch.url, app);
    const page = await stage.visit({ viewport: NARROW });
    await page.goto(codes.verification_uri_complete);
    await stage.signIn(page);
    await page.locator('.user-code').waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
  });
});
