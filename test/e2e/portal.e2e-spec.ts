import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, Settings } from '../../src/settings/settings.js';
import { SessionClients } from '../../src/session/session-clients.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { AdminApi } from '../support/admin-api.js';
import { anApp, aPerson, type TestPerson } from '../support/builders.js';
import { aCli } from '../support/device.js';
import { atOwnPage } from '../support/own-pages.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, UserAgent, type Answer } from '../support/user-agent.js';

const WORDS = MESSAGES.en.portal.apps;

let clinch: TestClinch;
let admin: AdminApi;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  person = await aPerson(clinch);
});
afterAll(() => clinch.stop());

/** An app that the portal opens. */
function aPortalApp(clientName: string, differences: Parameters<typeof anApp>[1] = {}) {
  return anApp(clinch, {
    clientName,
    ssoInitiator: 'portal_and_app',
    initiateLoginUri: 'https://app.example/initiate',
    ...differences,
  });
}

/** Names of the apps on the page in their order. */
function namesOn({ text }: Answer): string[] {
  return [...text.matchAll(/<span class="badge-name">([^<]*)<\/span>/g)].map(([, name]) => name ?? '');
}

async function portal(query = '', who = person): Promise<{ page: Answer; agent: UserAgent }> {
  return atOwnPage(clinch.url, `/${query}`, who);
}

describe('the portal', () => {
  it('has nobody but who is signed in, and comes back after the sign-in, with what was searched for', async () => {
    const app = await aPortalApp('Searched');
    const agent = new UserAgent(clinch.url);
    const first = await agent.get('/?q=Searched');
    expect(first.status).toBe(303);
    expect(first.headers.get('location')).toContain('/login?interaction=');
    const page = await agent.signIn(await agent.follow(first), person);
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.text).toContain(`href="/launch/${app.clientId}"`);
    expect(page.text).toContain('value="Searched"');
  });

  it('opens an app in one click, by third-party-initiated login (OpenID Connect Core 1.0 §4)', async () => {
    const { clientId } = await aPortalApp('Initiated');
    const { agent, page } = await portal();
    const [, href = ''] = new RegExp(`href="(/launch/${clientId})"`).exec(page.text) ?? [];
    const answer = await agent.get(href);
    const address = new URL(answer.headers.get('location') ?? '');
    expect(address.origin + address.pathname).toBe('https://app.example/initiate');
    expect(address.searchParams.get('iss')).toBe(clinch.url);
  });

  it('leaves out apps that are switched off, not assigned, or for nobody', async () => {
    const off = await aPortalApp('Switched off', { enabled: false });
    const assigned = await aPortalApp('For the chosen', { access: 'assigned' });
    await anApp(clinch, { clientName: 'A service', grantTypes: ['client_credentials'] });
    const { page, agent } = await portal();
    for (const absent of ['Switched off', 'For the chosen', 'A service']) expect(namesOn(page)).not.toContain(absent);
    expect(page.text).not.toContain(off.clientId);
    const made = await admin.call('POST', `apps/${assigned.clientId}/assignments`, {
      subject: { type: 'user', id: person.id },
    });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    await expect.poll(async () => namesOn(await agent.get('/'))).toContain('For the chosen');
    expect((await admin.call('PATCH', `apps/${assigned.clientId}`, { enabled: false })).status).toBe(200);
    await expect.poll(async () => namesOn(await agent.get('/'))).not.toContain('For the chosen');
  });

  it('shows apps that only the app itself begins without a link, or not at all, as is set', async () => {
    const own = await anApp(clinch, { clientName: 'Begins itself', clientUri: 'https://own.example/' });
    const cli = await aCli(clinch, { clientName: 'A command line' });
    const { page, agent } = await portal();
    expect(namesOn(page)).toEqual(expect.arrayContaining(['Begins itself', 'A command line']));
    expect(page.text).toContain(WORDS.fromApp);
    for (const { clientId } of [own, cli]) expect(page.text).not.toContain(`/launch/${clientId}`);
    const settings = clinch.app.get(Settings);
    await settings.change({ ...DEFAULT_SETTINGS, portalAppInitiated: 'hide' });
    try {
      const hidden = namesOn(await agent.get('/'));
      for (const absent of ['Begins itself', 'A command line']) expect(hidden).not.toContain(absent);
    } finally {
      await settings.change(DEFAULT_SETTINGS);
    }
  });

  it('has what was used last in front, and the others by name', async () => {
    const who = await aPerson(clinch);
    const [zebra] = [await aPortalApp('Zebra'), await aPortalApp('Aardvark')];
    const { agent, page } = await portal('', who);
    const before = namesOn(page);
    expect(before).toEqual(before.toSorted((one, other) => one.localeCompare(other)));
    await agent.authorize(authorizeUrl(clinch.url, zebra), who);
    expect(await clinch.app.get(SessionClients).lastUsed(who.id)).toHaveProperty('size', 1);
    expect(namesOn(await agent.get('/'))).toEqual(['Zebra', ...before.filter((name) => name !== 'Zebra')]);
  });

  it('searches names and ids, whatever their case and width', async () => {
    const { clientId } = await aPortalApp('财务报销 Expenses');
    const { agent } = await portal();
    for (const text of ['expenses', 'ＥＸＰ', '报销', clientId.toUpperCase(), '  expenses ']) {
      expect(namesOn(await agent.get(`/?q=${encodeURIComponent(text)}`)), text).toEqual(['财务报销 Expenses']);
    }
    const none = await agent.get(`/?q=${encodeURIComponent('<script>alert(1)</script>')}`);
    expect(none.status).toBe(200);
    expect(none.text).toContain('No app matches');
    expect(none.text).not.toContain('<script');
    expect((await agent.get('/?q=a&q=b')).status).toBe(200);
    expect((await agent.get(`/?q=${'x'.repeat(3_000)}%00`)).status).toBe(200);
  });

  it('says in words when there is nothing to open', async () => {
    const empty = await startClinch();
    try {
      const { page } = await atOwnPage(empty.url, '/', await aPerson(empty));
      expect(page.text).toContain(WORDS.none);
      expect(page.text).not.toContain('role="search"');
    } finally {
      await empty.stop();
    }
  });

  it('shows what an app calls itself as text', async () => {
    await aPortalApp('<img src=x onerror=alert(1)>', { logoUri: 'javascript:alert(1)' });
    const { page } = await portal();
    expect(page.text).toContain('&lt;img src=x onerror=alert(1)>');
    expect(page.text).not.toMatch(/<img src=x|javascript:|<script|\son[a-z]+="|\sstyle=/i);
  });

  it('asks a rule with the address and the way of the sign-in', async () => {
    await aPortalApp('By rule', { accessRule: 'request.endpoint == "portal" && "pwd" in request.amr' });
    await aPortalApp('Against rule', { accessRule: '"dingtalk" in request.amr' });
    const names = namesOn((await portal()).page);
    expect(names).toContain('By rule');
    expect(names).not.toContain('Against rule');
  });
});
