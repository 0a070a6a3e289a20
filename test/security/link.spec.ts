import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { AdminApi } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { confirmedAt, connectDingTalk, SOURCE } from '../support/dingtalk-organisation.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, UserAgent, type Answer } from '../support/user-agent.js';
import { tokensFor } from './support/b-flow.js';

/**
 * An account is linked to somebody of an organisation by an operator's hand, or by a value that both sides have verified.
 * There is no page where people link their own, so there is none to be tricked into.
 */
describe('linking accounts', () => {
  let clinch: TestClinch;
  let admin: AdminApi;
  let dingtalk: DingTalkSimulator;
  let app: TestApp;
  let local: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    admin = await AdminApi.of(clinch);
    [app, local] = await Promise.all([anApp(clinch), aPerson(clinch)]);
    dingtalk = await connectDingTalk(clinch);
  });
  afterEach(() => dingtalk.faults.reset());
  afterAll(async () => {
    await clinch.stop();
    await dingtalk.stop();
  });

  const identitiesOf = async (id: string) =>
    (await admin.call('GET', `users/${id}/identities`)).body['items'] as Record<string, unknown>[];

  /** A browser that was at DingTalk as that person, and the address that DingTalk sends it back to. */
  async function confirmedIn(agent: UserAgent, userid: string): Promise<string> {
    const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'login' })));
    const begin = /href="(\/dingtalk\/acme\/begin[^"]*)"/.exec(page.text)?.[1] ?? '';
    const address = (await agent.get(begin.replaceAll('&amp;', '&'))).headers.get('location') ?? '';
    return (await confirmedAt(address, userid)) ?? '';
  }

  async function subjectAfter(agent: UserAgent, answer: Answer): Promise<string | undefined> {
    const code = new URL((await agent.follow(answer)).headers.get('location') ?? '').searchParams.get('code') ?? '';
    return decodeJwt(String((await redeem(clinch.url, app, code)).body['id_token'])).sub;
  }

  it('LINK-03 links for nobody but an operator who may change people', async () => {
    const { accessToken } = await tokensFor(clinch, app, local);
    const agent = new UserAgent(clinch.url);
    await agent.authorize(authorizeUrl(clinch.url, app), local);
    const path = `/admin/api/v1/users/${local.id}/identities`;
    const body = JSON.stringify({ source: SOURCE, user_id: samplePeople.ordinary });
    const asked = (headers: Record<string, string>) =>
      fetch(clinch.url + path, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } });
    expect((await asked({})).status).toBe(401);
    expect((await asked({ Authorization: `Bearer ${accessToken}` })).status).toBe(401);
    // A page of somebody else's could send the browser there with a form and its cookies.
    const cookies = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    expect((await asked({ Cookie: cookies })).status).toBe(401);
    expect((await agent.post(path, { source: SOURCE, user_id: samplePeople.ordinary })).status).toBe(401);
    const reader = await admin.made('apps', {
      client_name: 'Reader',
      grant_types: ['client_credentials'],
      scope: 'clinch:users:read',
    });
    const basic = Buffer.from(`${String(reader['client_id'])}:${String(reader['client_secret'])}`).toString('base64');
    const token = await fetch(`${clinch.url}/oidc/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token: mayRead } = (await token.json()) as { access_token: string };
    expect((await asked({ Authorization: `Bearer ${mayRead}` })).status).toBe(403);
    expect(await identitiesOf(local.id)).toEqual([]);
  });

  it('LINK-03 links nobody who signs in with DingTalk where a local account is signed in', async () => {
    const agent = new UserAgent(clinch.url);
    await agent.authorize(authorizeUrl(clinch.url, app), local);
    const callback = await confirmedIn(agent, samplePeople.ordinary);
    const subject = await subjectAfter(agent, await agent.get(callback));
    expect(subject).not.toBe(local.id);
    expect(await identitiesOf(local.id)).toEqual([]);
  });

  it('LINK-06 brings no link back by what proved it once, after it was taken away', async () => {
    const target = await aPerson(clinch);
    const body = { source: SOURCE, user_id: samplePeople.boss };
    const linked = await admin.call('POST', `users/${target.id}/identities`, body);
    expect(linked.status).toBe(201);
    const agent = new UserAgent(clinch.url);
    const callback = await confirmedIn(agent, samplePeople.boss);
    expect(await subjectAfter(agent, await agent.get(callback))).toBe(target.id);
    // Begun while it was linked, and not yet finished.
    const later = new UserAgent(clinch.url);
    const pending = await confirmedIn(later, samplePeople.boss);
    const identity = `users/${target.id}/identities/${String(linked.body['id'])}`;
    expect((await admin.call('DELETE', identity)).status).toBe(204);
    expect((await admin.call('DELETE', identity)).status).toBe(404);
    expect((await agent.get(callback)).status).toBe(400);
    expect((await new UserAgent(clinch.url).get(callback)).status).toBe(400);
    const after = await later.get(pending);
    if (after.status === 303) expect(await subjectAfter(later, after)).not.toBe(target.id);
    expect(await identitiesOf(target.id)).toEqual([]);
  });
});
