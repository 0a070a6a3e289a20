import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FederationError } from '../../src/app-templates/federation-error.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { AdminApi } from '../support/admin-api.js';
import { cloudApp, withCloud, type CloudTemplate } from '../support/role-federation.js';
import { faults } from './support/axe.js';
import { focusIsVisible, sidewaysScroll, smallTargets } from './support/look.js';
import { Stage } from './support/stage.js';

const ROLES = [
  { name: 'clinch-ops', display_name: '运维' },
  { name: 'clinch-readonly', display_name: '只读' },
  { name: `a-role-with-a-name-as-long-as-they-come-${'x'.repeat(24)}`, display_name: 'Auditors of the whole account' },
];

let stage: Stage;
let cloud: CloudTemplate;
let console: Server;

beforeAll(async () => {
  stage = await Stage.open();
  cloud = withCloud(stage.clinch);
  await (await AdminApi.of(stage.clinch)).made('apps', cloudApp('cloud', { client_name: '示例云' }, ROLES));
  console = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<h1>console</h1>'));
  await new Promise<void>((resolve) => console.listen(0, '127.0.0.1', resolve));
  const { port } = console.address() as AddressInfo;
  cloud.answer = async ({ role: { name } }) => ({ location: `http://127.0.0.1:${port}/?role=${name}`, details: {} });
});
afterEach(async () => {
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(async () => {
  await new Promise((resolve) => console.close(resolve));
  await stage.close();
});

async function atChoice(visit: Parameters<Stage['visit']>[0] = {}, query = ''): Promise<Page> {
  const page = await stage.visit(visit);
  await page.goto(`${stage.clinch.url}/launch/cloud${query}`);
  await stage.signIn(page);
  return page;
}

describe('the page that asks for a role', () => {
  it.each([
    ['en-GB', 'en'],
    ['zh-CN', 'zh-CN'],
  ] as const)('is there after the sign-in, and one press opens the console, in %s', async (locale, language) => {
    const page = await atChoice({ locale });
    await page.locator('.choices').waitFor();
    const words = MESSAGES[language].federation;
    expect(await page.locator('h1').innerText()).toBe(words.heading);
    expect(await page.locator('.lead').innerText()).toBe(words.question('示例云'));
    await page.getByRole('button', { name: '只读' }).click();
    await page.waitForURL('http://127.0.0.1:*/?role=clinch-readonly');
  });

  it('is gone through by keyboard alone, and without scripts', async () => {
    const page = await atChoice({ javaScriptEnabled: false });
    await page.locator('.choices').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('http://127.0.0.1:*/?role=clinch-readonly');
  });

  it.each([
    [320, 'light'],
    [320, 'dark'],
    [1280, 'dark'],
  ] as const)('fits %i px, %s', async (width, colorScheme) => {
    const page = await atChoice({ viewport: { width, height: 640 }, colorScheme });
    await page.locator('.choices').waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await smallTargets(page)).toEqual([]);
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Tab');
    expect(await focusIsVisible(page)).toBe(true);
  });
});

describe('the page that says why not', () => {
  it('leads to another try, and to the other roles', async () => {
    const enters = cloud.answer;
    cloud.answer = () => Promise.reject(new FederationError('timeout', { leg: 'sts' }));
    const page = await atChoice({ viewport: { width: 320, height: 640 }, locale: 'zh-CN' }, '?role=clinch-ops');
    const words = MESSAGES['zh-CN'].federation;
    await page.locator('h1', { hasText: words.failures.timeout('示例云', '运维').title }).waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await faults(page)).toEqual([]);
    await page.getByRole('link', { name: words.otherRole }).click();
    await page.locator('.choices').waitFor();
    await page.goBack();
    cloud.answer = enters;
    await page.getByRole('link', { name: words.again }).click();
    await page.waitForURL('http://127.0.0.1:*/?role=clinch-ops');
  });
});
