import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, Settings } from '../../src/settings/settings.js';
import { OWN_PARTS, OWN_PATHS } from '../../src/ui/own-page-layout.js';
import { AdminApi } from '../support/admin-api.js';
import { aPerson, type TestPerson } from '../support/builders.js';
import { aCli, askForCodes } from '../support/device.js';
import { FOR_ANOTHER_LANGUAGE, inspected, LOOKS } from './support/inspection.js';
import { OwnApp } from './support/own-app.js';
import { Stage } from './support/stage.js';

/** Every page that people see without DingTalk; those with it, and the operators', are in the file beside this one. */
let stage: Stage;
let app: OwnApp;
let closed: OwnApp;
let several: OwnApp;
let bare: OwnApp;
let colleague: TestPerson;

const PAPERS = {
  policyUri: 'https://app.example/privacy',
  tosUri: 'https://app.example/terms',
  logoUri:
    'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle cx="32" cy="32" r="28" fill="teal"/></svg>',
};

beforeAll(async () => {
  stage = await Stage.open();
  [app, closed, several, bare] = await Promise.all([
    OwnApp.start(stage.clinch, { clientName: '费控中心 Expenses', ...PAPERS }),
    OwnApp.start(stage.clinch, { access: 'assigned', accessContact: 'Ask the finance desk: finance@example.com' }),
    OwnApp.start(stage.clinch),
    OwnApp.start(stage.clinch, { clientName: 'Pivot' }),
  ]);
  colleague = await aPerson(stage.clinch, { username: 'ou.yang', name: '欧阳小伟' });
  const admin = await AdminApi.of(stage.clinch);
  for (const username of ['li.hua', 'li.hua.auditor']) {
    const body = { user: stage.person.id, username };
    await admin.call('POST', `apps/${several.registration.clientId}/accounts`, body);
  }
});
afterEach(async () => {
  await stage.closeVisits();
  expect(stage.violations).toEqual([]);
});
afterAll(async () => {
  await Promise.all([app, closed, several, bare].map((each) => each.stop()));
  await stage.close();
});

/** Goes to an address of ours. */
function at(path: string) {
  return async (page: Page): Promise<void> => {
    await page.goto(stage.clinch.url + path);
  };
}

/** Goes there as somebody who is signed in. */
function signedInAt(path: string) {
  return async (page: Page): Promise<void> => {
    await signedIn(page);
    await at(path)(page);
  };
}

/** Once for all of them: the cookies of somebody who is signed in. */
let cookies: Parameters<ReturnType<Page['context']>['addCookies']>[0] | undefined;

async function signedIn(page: Page): Promise<void> {
  if (cookies === undefined) {
    await page.goto(bare.request());
    await stage.signIn(page);
    await page.waitForURL(`${bare.url}/cb**`);
    cookies = await page.context().cookies();
  } else await page.context().addCookies(cookies);
}

/** Asks for this, and signs in. */
async function asking(page: Page, request: string): Promise<void> {
  await page.goto(request);
  await stage.signIn(page);
  await page.locator('.account').waitFor();
}

let furnished = false;

/** Something on each of a person's own pages. */
async function furnish(page: Page): Promise<void> {
  await page.goto(app.request({ prompt: 'consent', scope: 'openid profile' }));
  await decide(page, 'allow');
  await page.waitForURL(`${app.url}/cb**`);
  const codes = await askForCodes(stage.clinch.url, await aCli(stage.clinch), { scope: 'openid' });
  await page.goto(codes.verification_uri_complete);
  await decide(page, 'allow');
  await page.locator('.user-code').waitFor({ state: 'detached' });
  furnished = true;
}

/** Goes to one of them, as somebody for whom there is something on each. */
function ownPage(path: string) {
  return async (page: Page): Promise<void> => {
    await signedIn(page);
    if (!furnished) await furnish(page);
    const answer = await page.goto(stage.clinch.url + path);
    expect(answer?.status()).toBe(200);
  };
}

/** A device shows its code, and its person is at the page. */
async function device(page: Page): Promise<void> {
  const codes = await askForCodes(stage.clinch.url, await aCli(stage.clinch), { scope: 'openid profile' });
  await page.goto(codes.verification_uri_complete);
  await stage.signIn(page);
  await page.locator('.user-code').waitFor();
}

const decide = (page: Page, decision: string) => page.locator(`[name=decision][value=${decision}]`).click();

const PAGES: readonly (readonly [name: string, go: (page: Page) => Promise<void>])[] = [
  ['login', async (page) => void (await page.goto(app.request()))],
  [
    'login-wrong-password',
    async (page) => {
      await page.goto(app.request());
      await stage.signIn(page, 'wrong');
      await page.locator('.alert').waitFor();
    },
  ],
  [
    'login-nothing-typed',
    async (page) => {
      await page.goto(app.request());
      await page.locator('[type=submit]').click();
      await page.locator('.field-error').first().waitFor();
    },
  ],
  [
    'login-again',
    async (page) => {
      await signedIn(page);
      await page.goto(app.request({ prompt: 'login' }));
      await page.locator('[name=password]').waitFor();
    },
  ],
  ['login-own-page', at('/device')],
  [
    'select-account',
    async (page) => {
      await signedIn(page);
      await page.goto(app.request({ prompt: 'select_account' }));
      await page.locator('.account').first().waitFor();
    },
  ],
  [
    'select-account-of-two',
    async (page) => {
      await signedIn(page);
      await page.goto(app.request({ prompt: 'select_account' }));
      await decide(page, 'other');
      await page.locator('[name=username]').fill(colleague.username);
      await page.locator('[name=password]').fill(colleague.password);
      await page.locator('[type=submit]').first().click();
      await page.waitForURL(`${app.url}/cb**`);
      await page.goto(app.request({ prompt: 'select_account' }));
      await page.getByText(colleague.username).waitFor();
    },
  ],
  ['select-app-account', (page) => asking(page, several.request({ scope: 'openid profile' }))],
  ['consent', (page) => asking(page, app.request({ prompt: 'consent', scope: 'openid profile email' }))],
  ['refused', (page) => asking(page, closed.request())],
  ['device-enter-code', signedInAt('/device')],
  [
    'device-wrong-code',
    async (page) => {
      await signedInAt('/device')(page);
      await page.locator('[name=user_code]').fill('BBBB-BBBB');
      await page.locator('[type=submit]').first().click();
      await page.locator('.field-error').waitFor();
    },
  ],
  ['device-confirm', device],
  [
    'device-allowed',
    async (page) => {
      await device(page);
      await decide(page, 'allow');
      await page.locator('.user-code').waitFor({ state: 'detached' });
    },
  ],
  ['error-unknown-app', async (page) => void (await page.goto(app.request({ client_id: 'nobody' })))],
  ['error-not-found', at('/no/such/page')],
  ['error-expired', at('/login?interaction=nothing')],
  [
    'form-post',
    async (page) => {
      // Where there is no content, a browser stays where it is: at the page that sends the answer on.
      await page.route(`${app.url}/cb`, (route) => route.fulfill({ status: 204 }));
      await page.goto(app.request({ response_mode: 'form_post' }));
      await stage.signIn(page);
      await page.locator(`form[action="${app.url}/cb"]`).waitFor();
    },
  ],
  [
    'launch-native-app',
    async (page) => {
      const { clientId } = await aCli(stage.clinch, { applicationType: 'native' });
      await signedInAt(`/launch/${clientId}`)(page);
    },
  ],
  ...OWN_PARTS.map((part) => [part === 'apps' ? 'portal' : `own-${part}`, ownPage(OWN_PATHS[part])] as const),
  ['own-profile-edit', ownPage('/account/edit')],
  ['portal-nothing-found', signedInAt('/?q=nothing-of-that-name')],
  ['sign-out-question', signedInAt('/oidc/logout')],
  [
    'signed-out',
    async (page) => {
      await signedInAt('/oidc/logout')(page);
      await decide(page, 'allow');
      await page.locator('[name=decision]').first().waitFor({ state: 'detached' });
      cookies = undefined;
    },
  ],
];

/** Pages of the same parts as others: in another language there is nothing new to see. */
const ALIKE = new Set([
  'login-nothing-typed',
  'login-again',
  'login-own-page',
  'device-wrong-code',
  'error-not-found',
  'error-expired',
  'portal-nothing-found',
  'form-post',
]);

describe.each(['zh-CN', 'en'] as const)('WCAG 2.2 AA, in %s', (locale) => {
  it.each(PAGES.filter(([name]) => locale === 'zh-CN' || !ALIKE.has(name)))('%s', async (name, go) => {
    const page = await stage.visit({ locale });
    await go(page);
    expect(await page.locator('html').getAttribute('lang')).toBe(locale);
    expect(await page.title()).not.toBe('');
    const looks = locale === 'en' ? FOR_ANOTHER_LANGUAGE : LOOKS;
    expect(await inspected(page, `${name}-${locale}`, { looks })).toEqual([]);
  });
});

/** Hard to read on white, hard to read on black, and hard to tell from either. */
const COLOURS = ['#ffd100', '#14171d', '#7a7f87'];

describe("WCAG 2.2 AA in the company's colours", () => {
  afterEach(() => stage.clinch.app.get(Settings).change(DEFAULT_SETTINGS));

  it.each(COLOURS)(
    '%s',
    async (accentColor) => {
      await stage.clinch.app.get(Settings).change({
        ...DEFAULT_SETTINGS,
        companyName: '北辰集团',
        logoUri: PAPERS.logoUri,
        privacyNoticeUri: 'https://company.example/privacy',
        accentColor,
      });
      for (const name of ['login-own-page', 'consent', 'portal', 'error-unknown-app']) {
        const page = await stage.visit({ locale: 'zh-CN' });
        await PAGES.find(([each]) => each === name)?.[1](page);
        expect(await page.locator('.wordmark').innerText()).toBe('北辰集团');
        // The room that things have is the same in all of them.
        const room = accentColor === COLOURS[0] ? {} : { looks: LOOKS.slice(0, 2), fingers: false };
        expect(await inspected(page, `${name}-${accentColor.slice(1)}`, room)).toEqual([]);
      }
    },
    120_000,
  );
});
