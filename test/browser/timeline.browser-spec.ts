import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CONSOLE_MESSAGES } from '../../src/console/console-messages.js';
import { TIMELINE_WORDS } from '../../src/audit-reading/timeline-words.js';
import { anApp, type TestApp } from '../support/builders.js';
import { OPERATOR } from '../support/start-clinch.js';
import { authorizeUrl } from '../support/user-agent.js';
import { inspected } from './support/inspection.js';
import { Stage } from './support/stage.js';

let stage: Stage;
let app: TestApp;

beforeAll(async () => {
  stage = await Stage.open();
  app = await anApp(stage.clinch, { clientName: 'Payroll', access: 'assigned' });
});
afterEach(async () => {
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(() => stage.close());

/** What a person reads out who was not let in, after a wrong password. */
async function failedSignIn(page: Page): Promise<string> {
  await page.goto(authorizeUrl(stage.clinch.url, app));
  await stage.signIn(page, 'not this one');
  await stage.signIn(page);
  return (await page.locator('.trace').innerText()).trim();
}

describe.each(['zh-CN', 'en'] as const)('the page that tells a sign-in, in %s', (locale) => {
  it('is found by the trace id on the error page, and says why and what to do', async () => {
    const trace = await failedSignIn(await stage.visit({ locale }));
    const page = await stage.visit({ locale, javaScriptEnabled: true });
    await page.goto(`${stage.clinch.url}/admin/sign-in`);
    await page.locator('[name=client_id]').fill(OPERATOR.id);
    await page.locator('[name=client_secret]').fill(OPERATOR.secret);
    await page.locator('[type=submit]').click();
    const words = CONSOLE_MESSAGES[locale];
    await page.getByRole('link', { name: words.frame.timeline }).click();
    await page.locator('[name=trace_id]').fill('nothing-of-this-id');
    await page.getByRole('search').locator('[type=submit]').click();
    await page.getByRole('alert').waitFor();
    await expect
      .poll(async () => {
        await page.locator('[name=trace_id]').fill(trace);
        await page.getByRole('search').locator('[type=submit]').click();
        return page.locator('.timeline li').count();
      })
      .toBeGreaterThan(3);
    const facts = { app: 'Payroll', person: '', method: '', reason: '', hint: '' };
    const { why, advice } = TIMELINE_WORDS[locale].failures.access_refused(facts);
    const text = await page.locator('main').innerText();
    for (const part of [TIMELINE_WORDS[locale].failed('Payroll'), why, advice, words.timeline.thisOne]) {
      expect(text).toContain(part);
    }
    expect(await inspected(page, `console-timeline-${locale}`, { fingers: false })).toEqual([]);
  }, 120_000);
});
