import { decodeJwt } from 'jose';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientStore } from '../../src/app-registry/client-store.js';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { LogoutNotices } from '../../src/back-channel-logout/logout-notices.js';
import { Departures } from '../../src/departures/departures.js';
import { Purge } from '../../src/operations/purge.js';
import { Subjects } from '../../src/subjects/subjects.js';
import { AdminApi } from '../support/admin-api.js';
import { aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { askForCodes, confirmationPage, DEVICE_CODE_GRANT, poll } from '../support/device.js';
import { enter as browse, isSignedIn, logoutUrl } from '../support/logout.js';
import { LogoutReceiver } from '../support/logout-receiver.js';
import { refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { aSession, aToldApp, codeOf, enter, noticesOf, signOut } from '../support/told-apps.js';
import { authorizeUrl, redeem } from '../support/user-agent.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Milliseconds in which an app that is told by mistake would have been told. */
const SILENCE_MS = 300;

let clinch: TestClinch;
let admin: AdminApi;
let receiver: LogoutReceiver;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());
beforeEach(async () => {
  receiver = await LogoutReceiver.start();
  person = await aPerson(clinch);
});
afterEach(() => receiver.stop());

function anAppThatIsTold(differences: Partial<ClientEntity> = {}): Promise<TestApp> {
  return aToldApp(clinch, receiver, { refreshTokenIssuance: 'always', ...differences });
}

function query<Row>(sql: string): Promise<Row[]> {
  return clinch.app.get(DataSource).query(sql);
}

async function refreshStatus(app: TestApp, tokens: Readonly<Record<string, unknown>>): Promise<number> {
  return (await refresh(clinch.url, app, String(tokens['refresh_token']))).status;
}

/** What somebody left behind in a browser: two apps in one session. */
async function inTwoApps() {
  const apps = [await anAppThatIsTold(), await anAppThatIsTold()] as const;
  const first = await browse(clinch, apps[0], person);
  const second = await browse(clinch, apps[1], person, first.agent);
  return { apps, first, second, agent: first.agent };
}

const age = {
  'went idle': (sid: string) => `UPDATE sessions SET last_used_at = ${Date.now() - 3 * HOUR_MS} WHERE id = '${sid}'`,
  'ran out': (sid: string) =>
    `UPDATE sessions SET started_at = ${Date.now() - 11 * HOUR_MS}, expires_at = ${Date.now() - HOUR_MS} WHERE id = '${sid}'`,
};

describe('a session that is over by itself, of which the apps go on', () => {
  it.each(['went idle', 'ran out'] as const)('is signed out with them by a hint, when it %s', async (how) => {
    const { apps, first, second, agent } = await inTwoApps();
    await query(age[how](first.sid));
    expect(await isSignedIn(clinch, agent, apps[0])).toBe(false);
    const done = await agent.get(logoutUrl(clinch.url, { id_token_hint: first.idToken }));
    expect(done.status).toBe(200);
    expect(done.text).not.toContain('name="decision"');
    for (const { clientId } of apps) await receiver.waitFor(clientId);
    expect(await refreshStatus(apps[0], first.tokens)).toBe(400);
    expect(await refreshStatus(apps[1], second.tokens)).toBe(400);
    expect(agent.cookies.has('clinch_session')).toBe(false);
  });

  it.each(['went idle', 'ran out'] as const)('is signed out with them by the question, when it %s', async (how) => {
    const { apps, first, second, agent } = await inTwoApps();
    await query(age[how](first.sid));
    const question = await agent.get(logoutUrl(clinch.url));
    expect(question.text).toContain(person.username);
    expect((await agent.press(question, 'allow')).status).toBe(200);
    for (const { clientId } of apps) await receiver.waitFor(clientId);
    expect(await refreshStatus(apps[0], first.tokens)).toBe(400);
    expect(await refreshStatus(apps[1], second.tokens)).toBe(400);
  });

  it.each(['went idle', 'ran out'] as const)('%s, and ends with the one that went on from it', async (how) => {
    const [morning, evening] = [await anAppThatIsTold(), await anAppThatIsTold()];
    const first = await browse(clinch, morning, person);
    await query(age[how](first.sid));
    const second = await browse(clinch, evening, person, first.agent);
    expect(second.sid).not.toBe(first.sid);
    await second.agent.get(logoutUrl(clinch.url, { id_token_hint: second.idToken }));
    const [told] = await receiver.waitFor(morning.clientId);
    expect(decodeJwt(told?.token ?? '')['sid']).toBe(first.sid);
    await receiver.waitFor(evening.clientId);
    expect(await refreshStatus(morning, first.tokens)).toBe(400);
    expect(await refreshStatus(evening, second.tokens)).toBe(400);
  });

  it('is kept for its apps for 30 days after it expired, though another took its place', async () => {
    const [before, after] = [await anAppThatIsTold(), await anAppThatIsTold()];
    const first = await browse(clinch, before, person);
    const answer = await first.agent.authorize(authorizeUrl(clinch.url, after, { prompt: 'login' }), person);
    const { body } = await redeem(clinch.url, after, answer.get('code') ?? '');
    await query(`UPDATE sessions SET expires_at = ${Date.now() - 29 * DAY_MS} WHERE id = '${first.sid}'`);
    await clinch.app.get(Purge).run();
    await first.agent.get(logoutUrl(clinch.url, { id_token_hint: String(body['id_token']) }));
    for (const { clientId } of [before, after]) await receiver.waitFor(clientId);
    expect(await refreshStatus(before, first.tokens)).toBe(400);
    expect(await refreshStatus(after, body)).toBe(400);
  });
});

describe('who is told', () => {
  /** Somebody lets a device in. */
  async function letIn(app: TestApp): Promise<Record<string, unknown>> {
    const codes = await askForCodes(clinch.url, app, { scope: 'openid offline_access' });
    const { agent, page } = await confirmationPage(clinch.url, codes, person);
    await agent.press(page, 'allow');
    const { status, body } = await poll(clinch.url, app, codes);
    expect(status).toBe(200);
    return body;
  }

  const DEVICES = { grantTypes: ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT] };

  it('is no app that was registered anew under the id of one that they were in', async () => {
    const [device, entered] = [await anAppThatIsTold(DEVICES), await anAppThatIsTold()];
    await letIn(device);
    await enter(clinch, await aSession(clinch, person), entered, 'openid offline_access');
    for (const { clientId } of [device, entered]) await clinch.app.get(ClientStore).delete(clientId);
    await delay(5);
    for (const { clientId } of [device, entered])
      await anAppThatIsTold({ clientId, redirectUris: ['https://b.example/cb'] });
    const still = await anAppThatIsTold();
    await enter(clinch, await aSession(clinch, person), still);
    await admin.call('PATCH', `users/${person.id}`, { status: 'disabled' });
    await receiver.waitFor(still.clientId);
    await delay(SILENCE_MS);
    for (const app of [device, entered]) {
      expect(receiver.of(app.clientId)).toEqual([]);
      expect(await noticesOf(clinch, app)).toEqual([]);
    }
  });

  it('is an app with offline access once more, when its person is disabled after they signed out', async () => {
    const app = await anAppThatIsTold();
    const session = await aSession(clinch, person);
    const tokens = await enter(clinch, session, app, 'openid offline_access');
    await signOut(clinch, session);
    await receiver.waitFor(app.clientId, 1);
    const kept = await refresh(clinch.url, app, String(tokens['refresh_token']));
    expect(kept.status).toBe(200);
    await admin.call('PATCH', `users/${person.id}`, { status: 'disabled' });
    await receiver.waitFor(app.clientId, 2);
    expect(await refreshStatus(app, kept.body)).toBe(400);
  });

  it('is no app that needs a session, of a device: that fails at once, in words', async () => {
    const app = await anAppThatIsTold({ ...DEVICES, backchannelLogoutSessionRequired: true });
    await letIn(app);
    await admin.call('PATCH', `users/${person.id}`, { status: 'disabled' });
    await vi.waitFor(async () => expect(await noticesOf(clinch, app)).toMatchObject([{ state: 'failed' }]), 5_000);
    const [notice] = await noticesOf(clinch, app);
    expect(notice).toMatchObject({ sessionId: null, attempts: 1, nextAttemptAt: null, lastStatus: null });
    expect(notice?.lastError).toMatch(/needs a session/);
    expect(receiver.of(app.clientId)).toEqual([]);
  });
});

describe('somebody with many sessions that have run out by themselves', () => {
  /** Two that are in time and five that are not; both apps were entered in each. */
  async function aMonthOf(...apps: readonly TestApp[]) {
    const sessions = await Promise.all(Array.from({ length: 7 }, () => aSession(clinch, person)));
    for (const app of apps) for (const session of sessions) await codeOf(clinch, session, app);
    const ids = sessions.map(({ id }) => id);
    const over = ids.slice(2);
    await query(`UPDATE sessions SET expires_at = ${Date.now() - 1} WHERE id IN ('${over.join("', '")}')`);
    return { ids, live: ids.slice(0, 2) };
  }

  const sidsOf = async (app: TestApp) => (await noticesOf(clinch, app)).map(({ sessionId }) => sessionId ?? '').sort();

  it('is told of once for all of them, and by its sid for each in time, when they leave', async () => {
    const [app, strict] = [await anAppThatIsTold(), await anAppThatIsTold({ backchannelLogoutSessionRequired: true })];
    const { ids, live } = await aMonthOf(app, strict);
    // Twice at once, as by an event and a sync run.
    const leave = () => clinch.app.get(Departures).depart(person.id, { source: 'acme', by: 'event 1' });
    await Promise.all([leave(), leave()]);
    expect(await sidsOf(app)).toEqual(['', ...live.toSorted()]);
    expect(await sidsOf(strict)).toEqual(ids.toSorted());
    const told = (await receiver.waitFor(app.clientId, 3)).map(({ token }) => decodeJwt(token));
    expect(told.map(({ sub }) => sub)).toEqual([person.id, person.id, person.id]);
    expect(told.filter(({ sid }) => sid === undefined)).toHaveLength(1);
  });

  it('is told of so to an app that they may not enter any more, and to no other', async () => {
    const [app, other] = [await anAppThatIsTold(), await anAppThatIsTold()];
    const { live } = await aMonthOf(app, other);
    expect(await clinch.app.get(LogoutNotices).queueForApp([person.id], app.clientId, 'access enforced')).toBe(3);
    expect(await sidsOf(app)).toEqual(['', ...live.toSorted()]);
    expect(await sidsOf(other)).toEqual([]);
  });
});

describe('a sign-out', () => {
  it('is done or not done: when it fails half way nothing has ended, and nobody is told', async () => {
    const app = await anAppThatIsTold();
    const session = await aSession(clinch, person);
    const tokens = await enter(clinch, session, app);
    const notices = clinch.app.get(LogoutNotices);
    const queueForChain = notices.queueForChain.bind(notices);
    vi.spyOn(notices, 'queueForChain').mockImplementationOnce(async (...of) => {
      await queueForChain(...of);
      throw new Error('the database went away');
    });
    await expect(signOut(clinch, session)).rejects.toThrow('the database went away');
    await delay(SILENCE_MS);
    expect(await noticesOf(clinch, app)).toEqual([]);
    expect(receiver.of(app.clientId)).toEqual([]);
    expect((await admin.call('GET', `sessions/${session.id}`)).status).toBe(200);
    const kept = await refresh(clinch.url, app, String(tokens['refresh_token']));
    expect(kept.status).toBe(200);
    await signOut(clinch, session);
    await receiver.waitFor(app.clientId, 1);
    expect((await admin.call('GET', `sessions/${session.id}`)).status).toBe(404);
    expect(await refreshStatus(app, kept.body)).toBe(400);
  });

  it('ends a family that is begun in that moment, for as long as it could live', async () => {
    const app = await anAppThatIsTold();
    const session = await aSession(clinch, person);
    const code = await codeOf(clinch, session, app);
    const subjects = clinch.app.get(Subjects);
    const of = subjects.of.bind(subjects);
    vi.spyOn(subjects, 'of').mockImplementationOnce(async (...whom) => {
      await signOut(clinch, session);
      return of(...whom);
    });
    const { status, body } = await redeem(clinch.url, app, code);
    // Otherwise nothing was raced.
    expect(status).toBe(200);
    const [family] = await query<Record<'ends_at' | 'expires_at' | 'id', number | string>>(
      `SELECT f.ends_at, r.expires_at, r.id FROM refresh_tokens f JOIN revoked_tokens r ON r.id = f.grant_id
       WHERE f.client_id = '${app.clientId}'`,
    );
    // To the time that a code is good for.
    expect(Number(family?.expires_at)).toBeGreaterThan(Number(family?.ends_at) - 60_000);
    expect(await refreshStatus(app, body)).toBe(400);
    // And were that not known: its session is.
    await query(`DELETE FROM revoked_tokens WHERE id = '${family?.id}'`);
    expect(await refreshStatus(app, body)).toBe(400);
  });

  it.each(['offline-access', 'offlineXaccess', 'offline_accessible', 'no_offline_access'])(
    'ends a family with the scope %s, which is not offline access',
    async (scope) => {
      const app = await anAppThatIsTold({ scope: `openid offline_access ${scope}` });
      const session = await aSession(clinch, person);
      const ends = await enter(clinch, session, app, `openid ${scope}`);
      const stays = await enter(clinch, session, app, `openid ${scope} offline_access`);
      await signOut(clinch, session);
      expect(await refreshStatus(app, ends)).toBe(400);
      expect(await refreshStatus(app, stays)).toBe(200);
      const rows = await query(`SELECT r.id FROM refresh_tokens f JOIN revoked_tokens r ON r.id = f.grant_id
        WHERE f.client_id = '${app.clientId}'`);
      expect(rows).toHaveLength(1);
    },
  );
});
