import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { AdminApi } from '../support/admin-api.js';
import { startDingTalk } from '../support/start-dingtalk.js';
import { OPERATOR, startClinch, type TestClinch } from '../support/start-clinch.js';
import { formOf, unescapeHtml, UserAgent, type Answer } from '../support/user-agent.js';

const SECRET = 'secret-of-the-dingtalk-app';

let clinch: TestClinch;
let dingtalk: DingTalkSimulator;
let operator: UserAgent;

beforeAll(async () => {
  clinch = await startClinch();
  dingtalk = await startDingTalk({ apps: [{ clientSecret: SECRET, stream: false }] });
  operator = await signedIn(OPERATOR.id, OPERATOR.secret);
});
afterAll(async () => {
  await clinch.stop();
  await dingtalk.stop();
});

async function signedIn(clientId: string, secret: string): Promise<UserAgent> {
  const browser = new UserAgent(clinch.url);
  const { action, hidden } = formOf(await browser.get('/admin/sign-in'));
  await browser.post(action, { ...hidden, client_id: clientId, client_secret: secret });
  return browser;
}

/** The hidden fields that every form of a page has in common. */
function tokenOf(page: Answer): { csrf_token: string } {
  return { csrf_token: unescapeHtml(/name="csrf_token" value="([^"]*)"/.exec(page.text)?.[1] ?? '') };
}

async function act(path: string, fields: Record<string, string> = {}, from = '/admin/sources/acme'): Promise<Answer> {
  const token = tokenOf(await operator.get(from));
  return operator.post(path, { ...token, ...fields });
}

const facts = () => ({
  name: 'Acme',
  corp_id: dingtalk.app.corpId,
  client_id: dingtalk.app.clientId,
  client_secret: SECRET,
  login_base_url: dingtalk.bases.login,
  api_base_url: dingtalk.bases.api,
  oapi_base_url: dingtalk.bases.oapi,
});

describe('an organisation is connected by hand', () => {
  it('says beside each field what is wrong, and keeps what was typed, but for the secret', async () => {
    const answer = await act('/admin/sources', { ...facts(), name: '', corp_id: '' }, '/admin/sources/new');
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('id="field-name-note"');
    expect(answer.text).toContain(dingtalk.app.clientId);
    expect(answer.text).not.toContain(SECRET);
  });

  it('is there afterwards, with a checklist, and without its secret', async () => {
    const answer = await act('/admin/sources', facts(), '/admin/sources/new');
    expect(answer.headers.get('location')).toBe(`${clinch.url}/admin/sources/acme`);
    const page = await operator.get('/admin/sources/acme');
    expect(page.status).toBe(200);
    expect(page.text).toContain(`${clinch.url}/dingtalk/acme/callback`);
    expect(page.text).not.toContain(SECRET);
    expect((await operator.get('/admin/sources')).text).toContain('href="/admin/sources/acme"');
    // A second one of the same organisation is refused in words.
    const again = await act('/admin/sources', facts(), '/admin/sources/new');
    expect([again.status, again.text.includes('role="alert"')]).toEqual([409, true]);
  });

  it('says what is missing, in the language of the operator', async () => {
    dingtalk.app.permissions.delete('qyapi_get_department_list');
    operator.headers['Accept-Language'] = 'zh-CN';
    const check = await act('/admin/sources/acme/check');
    delete operator.headers['Accept-Language'];
    dingtalk.app.permissions.add('qyapi_get_department_list');
    expect(check.status).toBe(200);
    expect(check.text).toContain('qyapi_get_department_list');
    expect(check.text).toContain('立即开通');
  });

  it('shows the callback keys once', async () => {
    const made = await act('/admin/sources/acme/callback-keys');
    const key = />([A-Za-z0-9]{43})</.exec(made.text)?.[1];
    expect(key).toBeDefined();
    expect((await operator.get('/admin/sources/acme')).text).not.toContain(key);
  });

  it('changes its settings, and keeps what the form does not show', async () => {
    const fields = { enabled: 'true', browser_sign_in: 'true', new_people: 'refuse', sync_disable_limit: '20' };
    expect((await act('/admin/sources/acme', fields)).headers.get('location')).toContain('?saved=1');
    const { body } = await (await AdminApi.of(clinch)).call('GET', 'identity-sources/acme');
    expect(body).toMatchObject({
      enabled: true,
      browser_sign_in: true,
      in_app_sign_in: false,
      new_people: 'refuse',
      sync_disable_limit: 20,
      sync_schedule: null,
      api_base_url: dingtalk.bases.api,
    });
    const refused = await act('/admin/sources/acme', { ...fields, sync_schedule: 'often' });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('id="field-sync_schedule-note"');
    expect((await act('/admin/sources/acme', { ...fields, new_people: 'create' })).status).toBe(303);
  });

  it('runs a dry sync, shows what differs, and applies it', async () => {
    // One call for each person would take a quarter of a minute.
    await (await AdminApi.of(clinch)).call('PATCH', 'identity-sources/acme', { sync_details: 'none' });
    const started = await act('/admin/sources/acme/runs', { kind: 'dry' });
    const run = new URL(started.headers.get('location') ?? '').pathname;
    const until = async (word: string) => {
      const deadline = Date.now() + 25_000;
      for (;;) {
        const page = await operator.get(run);
        if (page.text.includes(`>${word}</span>`)) return page;
        expect(Date.now(), page.text.slice(0, 3_000)).toBeLessThan(deadline);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    expect((await until('done')).text).toContain('new department');
    const applied = await act(`${run}/apply`, {}, run);
    expect(applied.headers.get('location')).toBe(clinch.url + run);
    await until('done');
    const { body } = await (await AdminApi.of(clinch)).call('GET', 'users?limit=200');
    expect((body['items'] as unknown[]).length).toBe(200);
  });

  it('shows what arrived', async () => {
    const page = await operator.get('/admin/sources/acme/events');
    expect([page.status, page.text.includes('None yet.')]).toEqual([200, true]);
  });
});

describe('the console’s borders', () => {
  it('has no page for what is not there, and refuses what is no cursor', async () => {
    for (const path of ['nobody', 'acme/runs/nothing', 'nobody/events']) {
      expect((await operator.get(`/admin/sources/${path}`)).status, path).toBe(404);
    }
    expect((await operator.get('/admin/sources/acme/events?cursor=%00')).status).toBe(400);
    expect((await act('/admin/sources/acme/runs/nothing/apply')).status).toBe(404);
    expect((await act('/admin/sources/acme/events/nothing/retry')).status).toBe(404);
  });

  it('takes no form without the token of this very browser', async () => {
    const stranger = await signedIn(OPERATOR.id, OPERATOR.secret);
    const token = tokenOf(await stranger.get('/admin/sources/acme'));
    expect((await operator.post('/admin/sources/acme/check', token)).status).toBe(403);
    expect((await operator.post('/admin/sources/acme/runs', {})).status).toBe(403);
  });

  it('lets a reader look and change nothing', async () => {
    const app = await (
      await AdminApi.of(clinch)
    ).made('apps', {
      client_name: 'reader',
      grant_types: ['client_credentials'],
      response_types: [],
      scope: 'clinch:identity-sources:read',
    });
    const reader = await signedIn(String(app['client_id']), String(app['client_secret']));
    const page = await reader.get('/admin/sources/acme');
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('/check"');
    for (const path of ['', '/check', '/callback-keys', '/runs']) {
      const answer = await reader.post(`/admin/sources/acme${path}`, tokenOf(page));
      expect(answer.status, path).toBe(403);
    }
    expect((await reader.get('/admin/sources/new')).status).toBe(403);
  });
});
