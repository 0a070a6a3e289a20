import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi } from '../support/admin-api.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { formOf, UserAgent, type Answer } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

async function signIn(browser: UserAgent, clientId: string, clientSecret: string): Promise<Answer> {
  const { action, hidden } = formOf(await browser.get('/admin/sign-in'));
  return browser.post(action, { ...hidden, client_id: clientId, client_secret: clientSecret });
}

async function anApp(metadata: object): Promise<{ id: string; secret: string }> {
  const app = await admin.made('apps', metadata);
  return { id: String(app['client_id']), secret: String(app['client_secret']) };
}

describe('the way into the console', () => {
  it('is by the secret of an app with rights in the admin API', async () => {
    const browser = new UserAgent(clinch.url);
    const answer = await signIn(browser, OPERATOR.id, OPERATOR.secret);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${clinch.url}/admin/sources`]);
  });

  it('is closed to a wrong secret, to an app without rights, and to a public one', async () => {
    const powerless = await anApp({
      client_name: 'none',
      grant_types: ['client_credentials'],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
    });
    const open = await admin.made('apps', {
      client_name: 'public',
      redirect_uris: ['https://p.example/'],
      token_endpoint_auth_method: 'none',
    });
    for (const [id, secret] of [
      [OPERATOR.id, 'wrong'],
      ['nobody', 'wrong'],
      [powerless.id, powerless.secret],
      [String(open['client_id']), 'x'],
    ] as const) {
      const answer = await signIn(new UserAgent(clinch.url), id, secret);
      expect(answer.status, id).toBe(401);
      expect(answer.headers.getSetCookie().filter((cookie) => cookie.includes('console'))).toEqual([]);
    }
    expect((await signIn(new UserAgent(clinch.url), '', 'x')).status).toBe(400);
  });

  it('stops guessing', async () => {
    const statuses = [];
    for (let tried = 0; tried < 22; tried++) {
      statuses.push((await signIn(new UserAgent(clinch.url), 'guessed', `wrong-${tried}`)).status);
    }
    expect(statuses.at(-1)).toBe(429);
  });

  it('takes no form from elsewhere', async () => {
    const browser = new UserAgent(clinch.url);
    const { action, hidden } = formOf(await browser.get('/admin/sign-in'));
    const form = { ...hidden, client_id: OPERATOR.id, client_secret: OPERATOR.secret };
    expect((await browser.post(action, form, { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await new UserAgent(clinch.url).post(action, form)).status).toBe(403);
  });

  it('ends with the sign-out, also for a copied cookie', async () => {
    const browser = new UserAgent(clinch.url);
    await signIn(browser, OPERATOR.id, OPERATOR.secret);
    const copy = new UserAgent(clinch.url);
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    const page = await browser.get('/admin/sources');
    expect(page.status).toBe(200);
    const { action, hidden } = formOf(page);
    expect(action).toBe('/admin/sign-out');
    expect((await browser.post(action, hidden)).status).toBe(303);
    for (const each of [browser, copy]) {
      expect((await each.get('/admin/sources')).headers.get('location')).toBe(`${clinch.url}/admin/sign-in`);
    }
  });

  it('ends with the secret that it was opened by, and not with another one', async () => {
    const app = await anApp({
      client_name: 'rotated',
      grant_types: ['client_credentials'],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
      scope: 'clinch:identity-sources:read',
    });
    const old = new UserAgent(clinch.url);
    await signIn(old, app.id, app.secret);
    const second = (await admin.call('POST', `apps/${app.id}/secrets`, {})).body;
    const young = new UserAgent(clinch.url);
    await signIn(young, app.id, String(second['client_secret'] ?? second['secret']));
    const { items } = (await admin.call('GET', `apps/${app.id}/secrets`)).body as { items: { id: string }[] };
    const first = items.find(({ id }) => id !== second['id']);
    expect((await old.get('/admin/sources')).status).toBe(200);
    expect((await admin.call('DELETE', `apps/${app.id}/secrets/${String(first?.id)}`)).status).toBe(204);
    expect((await old.get('/admin/sources')).headers.get('location')).toBe(`${clinch.url}/admin/sign-in`);
    expect((await young.get('/admin/sources')).status).toBe(200);
  });

  it('ends with the right that it stands on', async () => {
    const reader = await anApp({
      client_name: 'reader',
      grant_types: ['client_credentials'],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
      scope: 'clinch:identity-sources:read',
    });
    const browser = new UserAgent(clinch.url);
    await signIn(browser, reader.id, reader.secret);
    expect((await browser.get('/admin/sources')).status).toBe(200);
    await admin.call('PATCH', `apps/${reader.id}`, { enabled: false });
    expect((await browser.get('/admin/sources')).status).toBe(403);
  });
});
