import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  bridgeBinding,
  bridgeScript,
  containerUserAgent,
  type BridgeOptions,
} from '../../src/dingtalk-simulator/bridge-script.js';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import type { ClientRequest } from '../../src/dingtalk-simulator/world.js';
import { AdminApi } from '../support/admin-api.js';
import { connectDingTalk, SOURCE } from '../support/dingtalk-organisation.js';
import { OPERATOR } from '../support/start-clinch.js';
import { FOR_ANOTHER_LANGUAGE, inspected, LOOKS } from './support/inspection.js';
import { OwnApp } from './support/own-app.js';
import { Stage } from './support/stage.js';

/** The pages with DingTalk in them, and the operators' console. */
let stage: Stage;
let dingtalk: DingTalkSimulator;
let app: OwnApp;

beforeAll(async () => {
  stage = await Stage.open();
  [dingtalk, app] = await Promise.all([
    connectDingTalk(stage.clinch),
    OwnApp.start(stage.clinch, { clientUri: 'https://app.example/' }),
  ]);
  const admin = await AdminApi.of(stage.clinch);
  for (const each of integratedApps()) await admin.made('apps', each);
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

/** Alibaba Cloud's console, and its command line. */
function integratedApps(): object[] {
  const settings = { account_id: '1234567890123456', oidc_provider: 'clinch' };
  const [operations, reader] = ['clinch-ops', 'clinch-readonly'].map((name) => ({ name }));
  const template = { template: 'alibaba_cloud', template_settings: { ...settings, roles: [operations, reader] } };
  const grantTypes = ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'];
  const native = { application_type: 'native', token_endpoint_auth_method: 'none', grant_types: grantTypes };
  return [
    { ...template, client_id: 'aliyun', client_name: '阿里云' },
    { ...template, ...native, client_id: 'aliyun-cli', client_name: '阿里云 CLI', scope: 'openid offline_access' },
  ];
}

interface Place {
  readonly name: string;
  readonly go: (page: Page) => Promise<unknown>;
  /** Inside DingTalk, whose bridge does this. */
  readonly bridge?: BridgeOptions['mode'];
  readonly as?: string;
}

async function inside(page: Page, mode: BridgeOptions['mode'], userid: string): Promise<void> {
  await page.exposeBinding(bridgeBinding, (_, request: ClientRequest) => dingtalk.answerBridge(request));
  await page.addInitScript(bridgeScript({ simulatorUrl: dingtalk.url, userid, mode: mode ?? 'answer' }));
}

const PEOPLE: readonly Place[] = [
  {
    name: 'in-app-waiting',
    bridge: 'answer',
    go: async (page) => {
      // Without its script the page stays what it is for a moment.
      await page.route(/\.js$/, (route) => route.abort());
      await page.goto(app.request());
      await page.locator('#in-app').waitFor();
    },
  },
  { name: 'opening-elsewhere', bridge: 'answer', go: elsewhere },
  {
    name: 'handover',
    bridge: 'answer',
    go: async (page) => {
      await elsewhere(page);
      const link = await page.locator('#open-elsewhere').getAttribute('href');
      await page.context().clearCookies();
      await page.goto(new URL(link ?? '').searchParams.get('url') ?? '');
      await page.locator('.caution').waitFor();
    },
  },
  {
    name: 'login-with-dingtalk',
    go: async (page) => {
      await page.goto(app.request());
      await page.locator('.ways').waitFor();
    },
  },
  {
    name: 'in-app-cancelled',
    bridge: 'cancelled',
    go: async (page) => {
      await page.goto(app.request());
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'in-app-refused',
    bridge: 'answer',
    as: samplePeople.disabled,
    go: async (page) => {
      await page.goto(app.request());
      await page.locator('.details').waitFor();
    },
  },
  {
    name: 'dingtalk-away',
    bridge: 'answer',
    go: async (page) => {
      dingtalk.faults.fail('refuse', { path: '/oapi' });
      await page.goto(app.request());
      await page.locator('.details').waitFor();
    },
  },
];

/** An app is to be opened in the system's own browser. */
async function elsewhere(page: Page): Promise<void> {
  await page.goto(`${stage.clinch.url}/launch/${app.registration.clientId}?open=browser`);
  await page.locator('#open-elsewhere').waitFor();
}

async function operator(page: Page): Promise<void> {
  await page.goto(`${stage.clinch.url}/admin/sign-in`);
  await page.locator('[name=client_id]').fill(OPERATOR.id);
  await page.locator('[name=client_secret]').fill(OPERATOR.secret);
  await page.locator('[type=submit]').click();
  await page.locator('.console').waitFor();
}

/** Goes to a page of the console as somebody with all rights. */
function consoleAt(path: string) {
  return async (page: Page): Promise<void> => {
    await operator(page);
    await page.goto(`${stage.clinch.url}/admin${path}`);
  };
}

const OPERATORS: readonly Place[] = [
  { name: 'console-sign-in', go: (page) => page.goto(`${stage.clinch.url}/admin/sign-in`) },
  {
    name: 'console-refused',
    go: async (page) => {
      await page.goto(`${stage.clinch.url}/admin/sign-in`);
      await page.locator('[name=client_id]').fill('nobody');
      await page.locator('[name=client_secret]').fill('wrong');
      await page.locator('[type=submit]').click();
      await page.getByRole('alert').waitFor();
    },
  },
  { name: 'console-sources', go: consoleAt('/sources') },
  { name: 'console-connect', go: consoleAt('/sources/new') },
  { name: 'console-source', go: consoleAt(`/sources/${SOURCE}`) },
  {
    name: 'console-keys',
    go: async (page) => {
      await consoleAt(`/sources/${SOURCE}`)(page);
      await page.locator('form[action$="/callback-keys"] button').click();
      await page.locator('#keys .panel').waitFor();
    },
  },
  {
    name: 'console-run',
    go: async (page) => {
      await consoleAt(`/sources/${SOURCE}`)(page);
      await page.locator('form[action$="/runs"] button').first().click();
      await page.waitForURL('**/runs/*');
      await page.locator('meta[http-equiv=refresh]').waitFor({ state: 'detached' });
    },
  },
  { name: 'console-events', go: consoleAt(`/sources/${SOURCE}/events`) },
];

/** Pages with as many words in either language as nowhere else in the console. */
const INTEGRATED: readonly Place[] = [
  { name: 'console-apps', go: consoleAt('/apps') },
  {
    name: 'console-app-checked',
    go: async (page) => {
      await consoleAt('/apps/aliyun-cli')(page);
      await page.locator('form[action$="/check"] button').click();
      await page.locator('#check table').waitFor();
    },
  },
];

describe.each(['zh-CN', 'en'] as const)('WCAG 2.2 AA, in %s', (locale) => {
  // The rest of the console is for a desk, where the length of words matters little.
  it.each(locale === 'en' ? [...PEOPLE, ...INTEGRATED] : [...PEOPLE, ...OPERATORS, ...INTEGRATED])(
    '$name',
    async ({ name, go, bridge, as = samplePeople.ordinary }) => {
      const page = await stage.visit({ locale, ...(bridge === undefined ? {} : { userAgent: containerUserAgent }) });
      if (bridge !== undefined) await inside(page, bridge, as);
      await go(page);
      const fingers = !name.startsWith('console');
      const looks = locale === 'en' ? FOR_ANOTHER_LANGUAGE : LOOKS;
      expect(await page.locator('html').getAttribute('lang')).toBe(locale);
      expect(await inspected(page, `${name}-${locale}`, { fingers, looks })).toEqual([]);
      // A run shows a hundred differences, each of which is looked at.
    },
    120_000,
  );
});
