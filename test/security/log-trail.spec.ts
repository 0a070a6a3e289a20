import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChainWorker } from '../../src/audit-trail/chain-worker.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { credentials, postToken, redeem, authorizeUrl, UserAgent } from '../support/user-agent.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

let clinch: TestClinch;
let admin: AdminApi;
let app: TestApp;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  [app, person] = await Promise.all([anApp(clinch), aPerson(clinch)]);
});
afterAll(() => clinch.stop());

/** The newest first. */
async function events(query: string, headers?: Record<string, string>): Promise<Json[]> {
  await clinch.app.get(ChainWorker).settled();
  const { status, body } = await admin.call('GET', `audit-events?${query}`, undefined, headers);
  expect(status).toBe(200);
  return body['items'] as Json[];
}

async function headersOf(scope: string): Promise<Record<string, string>> {
  const reader = await anApp(clinch, {
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scope,
  });
  const { headers, form } = credentials(reader);
  const { body } = await postToken(clinch.url, { grant_type: 'client_credentials', scope, ...form }, headers);
  return { authorization: `Bearer ${String(body['access_token'])}` };
}

describe('the trail of what happened', () => {
  it('LOG-05 has sign-ins, tokens, replays and refusals, with node, address, user agent, request and time', async () => {
    const agent = new UserAgent(clinch.url);
    agent.headers['User-Agent'] = 'Trail/1';
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app)));
    const wrong = await agent.signIn(page, { ...person, password: 'no' });
    const answer = await agent.signIn(wrong, person);
    const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
    await redeem(clinch.url, app, code);
    await redeem(clinch.url, app, code);
    const found = await events(`app=${app.clientId}&limit=200`);
    const names = found.map(({ event }) => event);
    for (const event of ['authorization.requested', 'code.issued', 'token.issued', 'code.replayed']) {
      expect(names, event).toContain(event);
    }
    const signIns = await events(`user_id=${person.id}`);
    expect(signIns.map(({ event }) => event)).toEqual(expect.arrayContaining(['sign_in.succeeded', 'sign_in.failed']));
    const failed = signIns.find(({ event }) => event === 'sign_in.failed');
    expect(failed).toMatchObject({
      outcome: 'failure',
      reason: 'wrong_password',
      user_agent: 'Trail/1',
      address: expect.stringMatching(/^(127\.0\.0\.1|::\/64)$/) as string,
      node: expect.stringMatching(/.:\d+$/) as string,
      trace_id: wrong.headers.get('x-request-id'),
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      seq: expect.any(Number) as number,
    });
    expect(JSON.stringify(await events('limit=200'))).not.toContain(code);
  });

  it('LOG-05 has every change of an operator with what was before and after, and no secret', async () => {
    const made = await admin.made('apps', { client_name: 'Before', redirect_uris: ['https://a.example/cb'] });
    const id = String(made['client_id']);
    await admin.call('PATCH', `apps/${id}`, { client_name: 'After' });
    await admin.call('POST', `apps/${id}/secrets`, {});
    await admin.call('DELETE', `apps/${id}`);
    const found = await events(`subject_type=app&subject_id=${id}`);
    expect(found.map(({ event }) => event)).toEqual(['app.deleted', 'app.secret_added', 'app.changed', 'app.created']);
    expect(found[2]?.['details']).toMatchObject({ before: { client_name: 'Before' }, after: { client_name: 'After' } });
    expect(found[3]?.['details']).toMatchObject({ after: { client_name: 'Before' } });
    expect(JSON.stringify(found)).not.toContain(String(made['client_secret']));

    const { id: user } = await admin.made('users', {
      username: 'trail.person',
      password: 'Planted-Secret-99',
      name: '李雷',
    });
    await admin.call('PATCH', `users/${String(user)}`, { email: 'li.lei@example.com', phone_number: '+8613811112222' });
    await admin.call('PATCH', 'settings', { company_name: 'Trail Ltd' });
    const [settings] = await events('event=settings.changed');
    expect(settings?.['details']).toMatchObject({
      before: { company_name: null },
      after: { company_name: 'Trail Ltd' },
    });
    const people = JSON.stringify(await events(`user_id=${String(user)}`));
    expect(people).toContain('l***@example.com');
    for (const secret of ['Planted-Secret-99', 'li.lei@example.com', '13811112222'])
      expect(people).not.toContain(secret);
  });

  it('LOG-05 has no change that was refused', async () => {
    await admin.made('groups', { name: 'twice' });
    expect((await admin.call('POST', 'groups', { name: 'twice' })).status).toBe(409);
    const made = (await events('event=group.created')).filter((each) => JSON.stringify(each).includes('"twice"'));
    expect(made).toHaveLength(1);
  });

  it('LOG-06 can be changed and deleted by nobody, and read with the right to it only', async () => {
    const [event] = await events('limit=1');
    for (const path of ['audit-events', `audit-events/${String(event?.['id'])}`]) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        const { status } = await admin.call(method, path, method === 'DELETE' ? undefined : {});
        expect([403, 405], `${method} ${path}`).toContain(status);
      }
    }
    const headers = await headersOf('clinch:users:read');
    expect((await admin.call('GET', 'audit-events', undefined, headers)).status).toBe(403);
    expect((await admin.call('GET', 'audit-events/timeline/x', undefined, headers)).status).toBe(403);
  });

  it('shows addresses in full, and people’s values, to those only who may read them, and notes it', async () => {
    const headers = await headersOf('clinch:audit-events:read');
    const masked = await events(`event=account.created&limit=1`, headers);
    expect(masked[0]).toMatchObject({ details: { after: { username: '[personal]' } } });
    expect(String(masked[0]?.['address'])).toMatch(/\*$/);
    const before = (await events('event=personal_data.read&limit=200')).length;
    const full = await events(`event=account.created&limit=1`);
    expect(full[0]).toMatchObject({ details: { after: { username: 'trail.person' } } });
    expect((await events('event=personal_data.read&limit=200')).length).toBeGreaterThan(before);
  });

  it('is searched by an allow-list of filters, page by page', async () => {
    const all = await events(`from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z&outcome=success&limit=200`);
    expect(all.every(({ outcome }) => outcome === 'success')).toBe(true);
    const paged: unknown[] = [];
    const to = new Date().toISOString();
    for (let cursor = ''; ;) {
      const { body } = await admin.call('GET', `audit-events?to=${to}&limit=7${cursor}`);
      paged.push(...(body['items'] as Json[]).map(({ id }) => id));
      if (typeof body['next_cursor'] !== 'string') break;
      cursor = `&cursor=${body['next_cursor']}`;
    }
    expect(new Set(paged).size).toBe(paged.length);
    expect(paged.length).toBeGreaterThan(10);
    for (const query of ['seq=1', 'details=x', 'event=x', 'outcome=maybe', 'from=yesterday', 'cursor=!']) {
      expect((await admin.call('GET', `audit-events?${query}`)).status, query).toBe(400);
    }
    expect((await admin.call('GET', 'audit-events/nobody')).status).toBe(404);
  });
});
