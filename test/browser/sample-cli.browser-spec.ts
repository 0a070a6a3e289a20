import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MESSAGES } from '../../src/ui/messages.js';
import { focusIsVisible, focused, sidewaysScroll, smallTargets } from './support/look.js';
import { aSampleCli, type SampleCli } from './support/sample-cli.js';
import { Stage } from './support/stage.js';

const EN = MESSAGES.en.device;
const ZH = MESSAGES['zh-CN'].device;

let stage: Stage;
let cli: SampleCli;

beforeAll(async () => {
  stage = await Stage.open();
  cli = await aSampleCli(stage.clinch);
});
afterEach(async () => {
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(async () => {
  await cli?.close();
  await stage?.close();
});

/** The page asks about this program, and shows the code that stands in its terminal. */
async function expectQuestion(page: Page, code: string, words = EN): Promise<void> {
  await page.getByRole('heading', { name: words.confirmHeading, level: 1 }).waitFor();
  const text = await page.locator('main').innerText();
  for (const part of [cli.name, code, words.compare]) expect(text).toContain(part);
}

describe('signing in to the sample command line', () => {
  it('works by the address that holds the code; afterwards nobody is asked again', async () => {
    const { program, both, code } = await cli.signIn();
    const page = await stage.visit();
    await page.goto(both);
    await stage.signIn(page);
    await expectQuestion(page, code);
    await page.getByRole('button', { name: EN.allow }).click();
    await page.getByRole('heading', { name: EN.allowedTitle }).waitFor();
    expect(await program.exited).toMatchObject({ code: 0 });
    for (const part of ['Signed in as 李华', 'lihua@example.com']) expect(program.output()).toContain(part);

    const later = cli.run('whoami');
    expect(await later.exited).toMatchObject({ code: 0 });
    expect(later.output()).toContain('Signed in as 李华');
    expect(await cli.run('sign-out').exited).toMatchObject({ code: 0 });
    expect(await cli.run('whoami').exited).toMatchObject({ code: 1 });
  });

  it('works with the keyboard alone, the code typed from the terminal in small letters', async () => {
    const { program, address, code } = await cli.signIn();
    const page = await stage.visit();
    await page.goto(address);
    await stage.signIn(page);
    await page.getByLabel(EN.userCode).waitFor();
    expect(await focused(page)).toBe('user_code');
    await page.keyboard.type(code.replace('-', '').toLowerCase());
    await page.keyboard.press('Enter');
    await expectQuestion(page, code);
    const allow = page.getByRole('button', { name: EN.allow });
    for (let presses = 0; presses < 10; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await focused(page)) === EN.allow) break;
    }
    expect(await focused(page)).toBe(EN.allow);
    expect(await focusIsVisible(page)).toBe(true);
    await allow.press('Enter');
    await page.getByRole('heading', { name: EN.allowedTitle }).waitFor();
    expect(await program.exited).toMatchObject({ code: 0 });
    expect(program.output()).toContain('Signed in as 李华');
  });

  it('works on a phone, in Chinese, in the dark, without scripts', async () => {
    const { program, both, code } = await cli.signIn();
    const phone = { viewport: { width: 320, height: 640 }, locale: 'zh-CN', colorScheme: 'dark' } as const;
    const page = await stage.visit({ ...phone, javaScriptEnabled: false });
    await page.goto(both);
    await stage.signIn(page);
    await expectQuestion(page, code, ZH);
    expect(await smallTargets(page)).toEqual([]);
    await page.getByRole('button', { name: ZH.allow }).click();
    await page.getByRole('heading', { name: ZH.allowedTitle }).waitFor();
    expect(await program.exited).toMatchObject({ code: 0 });
  });

  it('ends with 1 and plain words when the person refuses', async () => {
    const { program, both, code } = await cli.signIn();
    const page = await stage.visit();
    await page.goto(both);
    await stage.signIn(page);
    await expectQuestion(page, code);
    expect(await sidewaysScroll(page)).toBe(0);
    await page.getByRole('button', { name: EN.deny }).click();
    await page.getByRole('heading', { name: EN.deniedTitle }).waitFor();
    expect(await program.exited).toMatchObject({ code: 1 });
    expect(program.output()).toContain('You said no');
    expect(program.output()).not.toContain('Signed in');
  });
});
