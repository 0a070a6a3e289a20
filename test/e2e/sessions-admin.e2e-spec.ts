import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LogoutNoticeEntity } from '../../src/back-channel-logout/logout-notice.entity.js';
import { SessionClientEntity } from '../../src/session/session-client.entity.js';
import { SessionEntity } from '../../src/session/session.entity.js';
import { SignOut } from '../../src/sign-out/sign-out.js';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, responseParameters, UserAgent } from '../support/user-agent.js';

const LAPTOP = 'Mozilla/5.0 (X11; Linux x86_64) Laptop';

let clinch: TestClinch;
let admin: AdminApi;
let app: TestApp;
let other: TestApp;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  const differences = { backchannelLogoutUri: 'https://app.example/bclo', refreshTokenIssuance: 'always' } as const;
  app = await aRefreshingApp(clinch, differences);
  other = await aRefreshingApp(clinch, differences);
});
afterAll(() => clinch.stop());

/** Somebody's browser, in which they entered the app. */
async function browserOf(person: TestPerson, into: TestApp = app, scope = 'openid') {
  const agent = new UserAgent(clinch.url);
  agent.headers['User-Agent'] = LAPTOP;
  return { agent, ...(await enter(agent, person, into, scope)) };
}

async function enter(agent: UserAgent, person: TestPerson, into: TestApp, scope = 'openid') {
  const prompt = scope.includes('offline_access') ? { prompt: 'consent' } : {};
  const answer = await agent.authorize(authorizeUrl(clinch.url, into, { scope, ...prompt }), person);
  const { body } = await redeem(clinch.url, into, answer.get('code') ?? '');
  const [, payload = ''] = String(body['id_token']).split('.');
  const { sid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sid: string };
  return { sid, refreshToken: String(body['refresh_token']), accessToken: String(body['access_token']) };
}

const silently = async (agent: UserAgent) =>
  responseParameters(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'none' })));
const sessionsOf = async ({ id }: TestPerson) =>
  (await admin.call('GET', `sessions?user_id=${id}`)).body['items'] as Json[];
const works = async (into: TestApp, token: string) => (await refresh(clinch.url, into, token)).status === 200;
const userinfo = async (token: string) =>
  (await fetch(`${clinch.url}/oidc/userinfo`, { headers: { Authorization: `Bearer ${token}` } })).status;
const notices = async (person: TestPerson) =>
  clinch.app.get(DataSource).getRepository(LogoutNoticeEntity).findBy({ accountId: person.id });

describe('/admin/api/v1/sessions', () => {
  it('shows where somebody is signed in, since when, and which apps were entered', async () => {
    const person = await aPerson(clinch);
    const { agent, sid } = await browserOf(person);
    await enter(agent, person, other);
    const [session, ...more] = await sessionsOf(person);
    expect(more).toEqual([]);
    expect(session).toEqual({
      id: sid,
      user_id: person.id,
      auth_time: expect.any(String) as string,
      started_at: expect.any(String) as string,
      last_used_at: expect.any(String) as string,
      expires_at: expect.any(String) as string,
      acr: 'urn:clinch:acr:single-factor',
      amr: ['pwd'],
      user_agent: LAPTOP,
      address: '127.0.0.1',
      apps: [app.clientId, other.clientId].toSorted(),
    });
    const [began, ends] = [session?.['started_at'], session?.['expires_at']].map((text) => Date.parse(String(text)));
    expect((ends ?? 0) - (began ?? 0)).toBe(36_000_000);
    expect((await admin.call('GET', `sessions/${sid}`)).body).toEqual(session);
    expect(JSON.stringify(session)).not.toContain(agent.cookies.get('clinch_session'));
  });

  it('shows one session of a browser in which somebody proved again who they are, with the apps from before', async () => {
    const person = await aPerson(clinch);
    const { agent, sid } = await browserOf(person);
    await agent.authorize(authorizeUrl(clinch.url, other, { prompt: 'login' }), person);
    const sessions = await sessionsOf(person);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.['id']).not.toBe(sid);
    expect(sessions[0]?.['apps']).toEqual([app.clientId, other.clientId].toSorted());
    // By the `sid` that an app has from before, the one that took its place.
    expect((await admin.call('GET', `sessions/${sid}`)).body['id']).toBe(sessions[0]?.['id']);
  });

  it('lists page by page, everybody’s or one person’s', async () => {
    const person = await aPerson(clinch);
    const sids = [];
    for (let count = 0; count < 3; count++) sids.push((await browserOf(person)).sid);
    const query = `sessions?user_id=${person.id}&limit=2`;
    const first = (await admin.call('GET', query)).body;
    const second = (await admin.call('GET', `${query}&cursor=${String(first['next_cursor'])}`)).body;
    const ids = [first, second].flatMap(({ items }) => (items as Json[]).map(({ id }) => id));
    expect(ids).toEqual(sids.toSorted());
    expect(second['next_cursor']).toBeNull();
    const all = (await admin.call('GET', 'sessions?limit=200')).body['items'] as Json[];
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(sids));
  });

  it('does not show what nobody could use any more', async () => {
    const [idle, old, disabled, reset] = await Promise.all([1, 2, 3, 4].map(() => aPerson(clinch)));
    for (const person of [idle, old, disabled, reset]) await browserOf(person!);
    const rows = clinch.app.get(DataSource).getRepository(SessionEntity);
    await rows.update({ accountId: idle!.id }, { lastUsedAt: new Date(Date.now() - 7_201_000) });
    await rows.update({ accountId: old!.id }, { startedAt: new Date(Date.now() - 36_001_000) });
    await admin.call('PATCH', `users/${disabled!.id}`, { status: 'disabled' });
    await admin.call('PUT', `users/${reset!.id}/password`, { password: 'amber-canyon-lantern-42' });
    for (const person of [idle, old, disabled, reset]) expect(await sessionsOf(person!)).toEqual([]);
  });

  it('ends one session, with its refresh tokens but for offline access, has its apps told, and leaves the others', async () => {
    const person = await aPerson(clinch);
    const [one, two] = [await browserOf(person), await browserOf(person)];
    const offline = await enter(one.agent, person, other, 'openid offline_access');
    expect((await admin.call('DELETE', `sessions/${one.sid}`)).status).toBe(204);
    expect((await silently(one.agent)).get('error')).toBe('login_required');
    expect((await silently(two.agent)).has('code')).toBe(true);
    expect(await works(app, one.refreshToken)).toBe(false);
    expect(await userinfo(one.accessToken)).toBe(401);
    expect(await works(other, offline.refreshToken)).toBe(true);
    expect(await works(app, two.refreshToken)).toBe(true);
    const queued = await notices(person);
    expect(queued.map(({ clientId }) => clientId).toSorted()).toEqual([app.clientId, other.clientId].toSorted());
    expect(new Set(queued.map(({ sessionId, state }) => `${String(sessionId)} ${state}`)).size).toBe(1);
    expect((await admin.call('DELETE', `sessions/${one.sid}`)).status).toBe(404);
    expect(await notices(person)).toHaveLength(2);
  });

  it.each(['nothing', '%00', 'x'.repeat(65), '%F0%9F%92%A9', "'--"])('has no session %s', async (id) => {
    expect((await admin.call('GET', `sessions/${id}`)).status).toBe(404);
    expect((await admin.call('DELETE', `sessions/${id}`)).status).toBe(404);
    expect((await admin.call('POST', `users/${id}/sign-out`)).status).toBe(404);
  });

  it('refuses queries that mean nothing', async () => {
    expect(fieldsOf(await admin.call('GET', 'sessions?user_id=a%00b'))).toEqual(['user_id']);
    expect(fieldsOf(await admin.call('GET', 'sessions?user=x'))).toEqual(['user']);
    expect(fieldsOf(await admin.call('GET', 'sessions?user_id=x&user_id=y'))).toEqual(['user_id']);
    expect((await admin.call('GET', 'sessions?user_id=nobody')).body).toEqual({ items: [], next_cursor: null });
  });
});

describe('POST /admin/api/v1/users/{id}/sign-out', () => {
  it('SESS-11: ends all sessions and all that came of them, offline access too, and has every app told', async () => {
    const [person, bystander] = [await aPerson(clinch), await aPerson(clinch)];
    const [one, two, theirs] = [await browserOf(person), await browserOf(person), await browserOf(bystander)];
    const offline = await enter(one.agent, person, other, 'openid offline_access');
    const waiting = (await silently(two.agent)).get('code') ?? '';
    const answer = await admin.call('POST', `users/${person.id}/sign-out`);
    expect(answer).toMatchObject({ status: 200, body: { sessions: 2, logout_notices: 3 } });
    for (const { agent } of [one, two]) expect((await silently(agent)).get('error')).toBe('login_required');
    expect((await redeem(clinch.url, app, waiting)).body).toMatchObject({ error: 'invalid_grant' });
    for (const { refreshToken, accessToken } of [one, two]) {
      expect(await works(app, refreshToken)).toBe(false);
      expect(await userinfo(accessToken)).toBe(401);
    }
    expect(await works(other, offline.refreshToken)).toBe(false);
    expect(await userinfo(offline.accessToken)).toBe(401);
    expect(await notices(person)).toHaveLength(3);
    expect(await sessionsOf(person)).toEqual([]);
    expect((await silently(theirs.agent)).has('code')).toBe(true);
    expect(await works(app, theirs.refreshToken)).toBe(true);
  });

  it('may be asked again, and lets the person sign in anew', async () => {
    const person = await aPerson(clinch);
    await browserOf(person);
    await admin.call('POST', `users/${person.id}/sign-out`);
    const again = await admin.call('POST', `users/${person.id}/sign-out`);
    expect(again).toMatchObject({ status: 200, body: { sessions: 0, logout_notices: 0 } });
    const { agent, refreshToken } = await browserOf(person);
    expect((await silently(agent)).has('code')).toBe(true);
    expect(await works(app, refreshToken)).toBe(true);
    expect(await notices(person)).toHaveLength(1);
  });

  it('tells each app once when it is asked many times at once', async () => {
    const person = await aPerson(clinch);
    const { agent } = await browserOf(person);
    await enter(agent, person, other);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => admin.call('POST', `users/${person.id}/sign-out`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(await notices(person)).toHaveLength(2);
    expect(answers.reduce((sum, { body }) => sum + Number(body['logout_notices']), 0)).toBe(2);
  });
});

describe('SignOut.endAllOf', () => {
  it('leaves the browser that asks, and offline access', async () => {
    const person = await aPerson(clinch);
    const [here, there] = [await browserOf(person), await browserOf(person)];
    const offline = await enter(there.agent, person, other, 'openid offline_access');
    // A chain: the session that counts is not the one that began it.
    await here.agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), person);
    const { chainId } = await clinch.app.get(DataSource).getRepository(SessionEntity).findOneByOrFail({ id: here.sid });
    const done = await clinch.app.get(SignOut).endAllOf(person.id, 'person', {}, { by: { id: chainId, chainId } });
    expect(done).toEqual({ sessions: 1, notices: 2 });
    expect((await silently(here.agent)).has('code')).toBe(true);
    expect(await works(app, here.refreshToken)).toBe(true);
    expect((await silently(there.agent)).get('error')).toBe('login_required');
    expect(await works(app, there.refreshToken)).toBe(false);
    expect(await works(other, offline.refreshToken)).toBe(true);
  });

  it('ends one only for its owner', async () => {
    const [person, stranger] = [await aPerson(clinch), await aPerson(clinch)];
    const { agent, sid } = await browserOf(person);
    const signOut = clinch.app.get(SignOut);
    expect(await signOut.endOne(stranger.id, sid, 'person', {})).toBeUndefined();
    expect((await silently(agent)).has('code')).toBe(true);
    expect(await signOut.endOne(person.id, sid, 'person', {})).toBe(sid);
    expect(await signOut.endOne(person.id, sid, 'person', {})).toBeUndefined();
    expect((await silently(agent)).get('error')).toBe('login_required');
  });
});

describe('what is known of sessions', () => {
  it('goes with the account, and with the app', async () => {
    const [leaver, stayer] = [await aPerson(clinch), await aPerson(clinch)];
    const shortLived = await aRefreshingApp(clinch);
    for (const person of [leaver, stayer]) await enter((await browserOf(person)).agent, person, shortLived);
    const source = clinch.app.get(DataSource);
    expect((await admin.call('DELETE', `users/${leaver.id}`)).status).toBe(204);
    expect(await source.getRepository(SessionEntity).countBy({ accountId: leaver.id })).toBe(0);
    expect(await source.getRepository(SessionClientEntity).countBy({ accountId: leaver.id })).toBe(0);
    expect((await admin.call('DELETE', `apps/${shortLived.clientId}`)).status).toBe(204);
    expect(await source.getRepository(SessionClientEntity).countBy({ clientId: shortLived.clientId })).toBe(0);
    expect((await sessionsOf(stayer))[0]?.['apps']).toEqual([app.clientId]);
  });
});
