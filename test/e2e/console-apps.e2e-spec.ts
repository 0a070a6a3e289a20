import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi } from '../support/admin-api.js';
import { cloudApp, withCloud, type CloudTemplate } from '../support/role-federation.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { formOf, unescapeHtml, UserAgent } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;
let cloud: CloudTemplate;
let operator: UserAgent;

beforeAll(async () => {
  clinch = await startClinch();
  cloud = withCloud(clinch);
  admin = await AdminApi.of(clinch);
  operator = await signedIn(OPERATOR.id, OPERATOR.secret);
  await admin.made('apps', cloudApp('cloud'));
  await admin.made('apps', { client_id: 'plain', client_name: 'Plain', redirect_uris: ['https://p.example/'] });
});
afterAll(() => clinch.stop());

async function signedIn(clientId: string, secret: string): Promise<UserAgent> {
  const browser = new UserAgent(clinch.url);
  const { action, hidden } = formOf(await browser.get('/admin/sign-in'));
  await browser.post(action, { ...hidden, client_id: clientId, client_secret: secret });
  return browser;
}

async function anOperator(scope: string): Promise<UserAgent> {
  const app = await admin.made('apps', {
    client_name: scope,
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
    scope,
  });
  return signedIn(String(app['client_id']), String(app['client_secret']));
}

async function check(browser: UserAgent, csrf?: string) {
  const page = await browser.get('/admin/apps/cloud');
  const token = csrf ?? unescapeHtml(/name="csrf_token" value="([^"]*)"/.exec(page.text)?.[1] ?? '');
  return browser.post('/admin/apps/cloud/check', { csrf_token: token });
}

describe('apps by template, in the console', () => {
  it('are listed without the others, also when they are switched off', async () => {
    await admin.made('apps', cloudApp('off', { enabled: false }));
    const { text } = await operator.get('/admin/apps');
    expect(text).toContain('href="/admin/apps/cloud"');
    expect(text).toContain('href="/admin/apps/off"');
    expect(text).not.toContain('/admin/apps/plain');
  });

  it('show what to enter at the other side, each value to be selected whole', async () => {
    const { status, text } = await operator.get('/admin/apps/cloud');
    expect(status).toBe(200);
    const page = unescapeHtml(text);
    expect(page).toContain('<code class="copy">cloud</code>');
    expect(page).toContain('"account": "123456789012"');
    expect(page).toContain('cloud configure --account 123456789012');
    // What this console has no words for is called by its name, and its part by its role.
    expect(page).toMatch(/trust\s*<code>reader<\/code>/);
    expect(page).not.toContain('Nobody can tell from here.');
  });

  it('are checked when asked, in the form of the page', async () => {
    const answer = await check(operator);
    expect([answer.status, answer.text.includes('Nobody can tell from here.')]).toEqual([200, true]);
    expect((await check(operator, 'forged')).status).toBe(403);
  });

  it('are there for those who may read apps, and checked by those who may change them', async () => {
    const reader = await anOperator('clinch:apps:read');
    const page = await reader.get('/admin/apps/cloud');
    expect([page.status, page.text.includes('/admin/apps/cloud/check')]).toEqual([200, false]);
    expect((await check(reader)).status).toBe(403);
    const stranger = await anOperator('clinch:users:read');
    expect((await stranger.get('/admin/apps')).status).toBe(403);
    expect((await stranger.get('/admin/apps/cloud')).status).toBe(403);
    const nobody = await new UserAgent(clinch.url).get('/admin/apps/cloud');
    expect(nobody.headers.get('location')).toBe(`${clinch.url}/admin/sign-in`);
  });

  it('are not there when they are no such apps', async () => {
    for (const id of ['plain', 'nobody', '%00', 'a'.repeat(300)]) {
      expect((await operator.get(`/admin/apps/${id}`)).status, id).toBe(404);
    }
  });

  it('keep markup in what a template says as text', async () => {
    const setup = cloud.setup.bind(cloud);
    cloud.setup = async (app, settings) => ({
      ...(await setup(app, settings)),
      commands: [{ name: '<i>:</b>', command: '<script>alert(1)</script>' }],
    });
    const { text } = await operator.get('/admin/apps/cloud');
    expect(text).not.toMatch(/<script|<i>|<\/b>/);
    cloud.setup = setup;
  });
});
