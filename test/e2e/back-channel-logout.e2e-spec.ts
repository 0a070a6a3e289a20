import { decodeJwt } from 'jose';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClientStore } from '../../src/app-registry/client-store.js';
import { Departures } from '../../src/departures/departures.js';
import { AdminApi } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { confirmationPage, DEVICE_CODE_GRANT, askForCodes, poll } from '../support/device.js';
import { aSession, aToldApp, codeOf, enter, hasten, noticesOf, signOut } from '../support/told-apps.js';
import { LogoutReceiver, verifyLogoutToken } from '../support/logout-receiver.js';
import { refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

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

const toldApp = (differences?: Parameters<typeof aToldApp>[2]) => aToldApp(clinch, receiver, differences);

/** Waits until the only notice of an app is so. */
async function until(app: TestApp, state: string, withinMs = 8_000) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const [notice] = await noticesOf(clinch, app);
    if (notice?.state === state) return notice;
    if (Date.now() > deadline) throw new Error(`not ${state}: ${JSON.stringify(notice)}`);
    await delay(20);
  }
}

/** Has the app tried again and again, without the waits in between. */
async function tryUntil(app: TestApp, state: string) {
  const hurry = setInterval(() => void hasten(clinch, app), 50);
  return until(app, state).finally(() => clearInterval(hurry));
}

describe('a logout token', () => {
  it('says who, in which session, and that it is one (Back-Channel Logout 1.0 §2.4)', async () => {
    const app = await toldApp();
    const session = await aSession(clinch, person);
    const idToken = decodeJwt(String((await enter(clinch, session, app))['id_token']));
    await signOut(clinch, session);
    const [told] = await receiver.waitFor(app.clientId);
    expect(told).toMatchObject({ method: 'POST', path: `/logout/${app.clientId}` });
    expect(told?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect([...(told?.form.keys() ?? [])]).toEqual(['logout_token']);
    const claims = await verifyLogoutToken(clinch.url, app.clientId, told?.token ?? '');
    expect(Object.keys(claims).sort()).toEqual(['aud', 'events', 'exp', 'iat', 'iss', 'jti', 'sid', 'sub']);
    expect(claims).toMatchObject({ sub: person.id, sid: session.id, aud: app.clientId });
    expect([claims.sub, claims['sid']]).toEqual([idToken.sub, idToken['sid']]);
    expect(Number(claims.exp) - Number(claims.iat)).toBeLessThanOrEqual(120);
    expect(await until(app, 'delivered')).toMatchObject({ attempts: 1, lastStatus: 200, lastError: null });
  });

  it.each([
    ['pairwise', { subjectType: 'pairwise' }],
    ['by an expression', { subjectExpression: '"hr-" + user.username' }],
  ] as const)('names the person as the app knows them: %s', async (_, differences) => {
    const app = await toldApp(differences);
    const session = await aSession(clinch, person);
    const { sub } = decodeJwt(String((await enter(clinch, session, app))['id_token']));
    expect(sub).not.toBe(person.id);
    await signOut(clinch, session);
    const [told] = await receiver.waitFor(app.clientId);
    expect((await verifyLogoutToken(clinch.url, app.clientId, told?.token ?? '')).sub).toBe(sub);
  });

  it('names nobody to an app that was told of nobody: the code was never redeemed', async () => {
    const app = await toldApp({ subjectType: 'pairwise' });
    const session = await aSession(clinch, person);
    await codeOf(clinch, session, app);
    await signOut(clinch, session);
    const [told] = await receiver.waitFor(app.clientId);
    const claims = await verifyLogoutToken(clinch.url, app.clientId, told?.token ?? '');
    expect(claims).toMatchObject({ sid: session.id });
    expect(claims.sub).toBeUndefined();
  });

  it('is a fresh one at each attempt', async () => {
    const app = await toldApp();
    receiver.answer(app.clientId, (count) => (count === 1 ? 500 : 204));
    const session = await aSession(clinch, person);
    await enter(clinch, session, app);
    await signOut(clinch, session);
    expect(await tryUntil(app, 'delivered')).toMatchObject({ attempts: 2, lastStatus: 204 });
    const ids = receiver.of(app.clientId).map(({ token }) => decodeJwt(token).jti);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('an app that does not answer as it should', () => {
  async function signedOutOf(app: TestApp) {
    const session = await aSession(clinch, person);
    await enter(clinch, session, app);
    await signOut(clinch, session);
  }

  it.each([
    [500, 'the app answers with 500', 500],
    ['redirect', 'the app answers with a redirect', 302],
    ['reset', /\w/, null],
  ] as const)('is told again: %s', async (answer, error, status) => {
    const app = await toldApp();
    receiver.answer(app.clientId, (count) => (count === 1 ? answer : 200));
    await signedOutOf(app);
    await receiver.waitFor(app.clientId, 1);
    while ((await noticesOf(clinch, app))[0]?.attempts !== 1) await delay(10);
    const [waiting] = await noticesOf(clinch, app);
    expect(waiting).toMatchObject({ state: 'pending', lastStatus: status, claim: null });
    expect(waiting?.lastError).toMatch(error);
    const wait = (waiting?.nextAttemptAt?.getTime() ?? 0) - Date.now();
    expect(wait).toBeLessThan(1_300);
    // By itself, after about a second.
    await receiver.waitFor(app.clientId, 2, 4_000);
    expect(receiver.received.map(({ path }) => path)).not.toContain('/elsewhere');
    expect(await until(app, 'delivered')).toMatchObject({ attempts: 2, lastStatus: 200, lastError: null });
  });

  it('is waited for longer each time', async () => {
    const app = await toldApp();
    receiver.answer(app.clientId, 503);
    await signedOutOf(app);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 11; attempt++) {
      let notice = (await noticesOf(clinch, app))[0];
      while (notice?.attempts !== attempt) {
        await delay(5);
        notice = (await noticesOf(clinch, app))[0];
      }
      waits.push(Math.round(((notice.nextAttemptAt?.getTime() ?? 0) - Date.now()) / 1000));
      await hasten(clinch, app);
    }
    for (const [index, seconds] of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].entries()) {
      expect(waits[index], `wait ${index + 1}`).toBeGreaterThanOrEqual(Math.floor(seconds * 0.8) - 1);
      expect(waits[index], `wait ${index + 1}`).toBeLessThanOrEqual(Math.ceil(seconds * 1.2));
    }
  });

  it('hangs: that ends after five seconds, and delays nobody else', async () => {
    const [hangs, well] = [await toldApp(), await toldApp()];
    receiver.answer(hangs.clientId, (count) => (count === 1 ? 'hang' : 200));
    const session = await aSession(clinch, person);
    await enter(clinch, session, hangs);
    await enter(clinch, session, well);
    const began = performance.now();
    await signOut(clinch, session);
    await receiver.waitFor(well.clientId, 1, 2_000);
    expect(await until(well, 'delivered')).toMatchObject({ attempts: 1 });
    expect(performance.now() - began).toBeLessThan(2_500);
    await receiver.waitFor(hangs.clientId, 2, 9_000);
    expect(await until(hangs, 'delivered')).toMatchObject({ attempts: 2 });
  });

  it.each(['huge', 'drip'] as const)(
    'says 200 and goes on and on (%s): it was told, and that is all',
    async (answer) => {
      const app = await toldApp();
      receiver.answer(app.clientId, answer);
      const memory = process.memoryUsage().arrayBuffers;
      await signedOutOf(app);
      expect(await until(app, 'delivered')).toMatchObject({ attempts: 1, lastStatus: 200 });
      expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(30 * 1024 * 1024);
    },
  );

  it('refuses (400): it is told three times, and then given up', async () => {
    const app = await toldApp();
    receiver.answer(app.clientId, 400);
    await signedOutOf(app);
    const notice = await tryUntil(app, 'failed');
    expect(notice).toMatchObject({ attempts: 3, lastStatus: 400, nextAttemptAt: null, claim: null });
    expect(receiver.of(app.clientId)).toHaveLength(3);
  });

  it('stays away for seven days: then it is given up, and stays in the log', async () => {
    const app = await toldApp();
    receiver.answer(app.clientId, 500);
    await signedOutOf(app);
    await receiver.waitFor(app.clientId);
    await clinch.app
      .get(DataSource)
      .query(`UPDATE logout_notices SET expires_at = ${Date.now() + 500} WHERE client_id = '${app.clientId}'`);
    const notice = await tryUntil(app, 'failed');
    expect(notice.lastError).toBe('the app answers with 500');
    expect(notice.expiresAt.getTime()).toBeGreaterThan(Date.now() + 13 * 24 * 3_600_000);
  });

  it('is down when the person signs out, and up later: then it is told', async () => {
    const app = await toldApp();
    await receiver.down();
    await signedOutOf(app);
    while ((await noticesOf(clinch, app))[0]?.attempts !== 1) await delay(10);
    expect((await noticesOf(clinch, app))[0]).toMatchObject({ state: 'pending', lastStatus: null });
    await receiver.up();
    await receiver.waitFor(app.clientId, 1, 5_000);
    await until(app, 'delivered');
  });

  it('is not there any more, or is another one by now: nobody is told', async () => {
    await receiver.down();
    const [gone, renewed, silent] = [await toldApp(), await toldApp(), await toldApp()];
    const session = await aSession(clinch, person);
    for (const app of [gone, renewed, silent]) await enter(clinch, session, app);
    await signOut(clinch, session);
    const store = clinch.app.get(ClientStore);
    await store.delete(gone.clientId);
    await store.delete(renewed.clientId);
    await delay(5);
    await toldApp({ clientId: renewed.clientId });
    await admin.call('PATCH', `apps/${silent.clientId}`, { backchannel_logout_uri: null });
    await receiver.up();
    expect((await tryUntil(gone, 'failed')).lastError).toBe('the app is not there any more');
    // It may be looked at just while there is none.
    const words = /^the app (was registered anew since|is not there any more)$/;
    expect((await tryUntil(renewed, 'failed')).lastError).toMatch(words);
    expect((await tryUntil(silent, 'failed')).lastError).toBe('the app has no backchannel_logout_uri any more');
    expect(receiver.received).toEqual([]);
  });

  it('is switched off: it is told all the same', async () => {
    const app = await toldApp();
    const session = await aSession(clinch, person);
    await enter(clinch, session, app);
    await admin.call('PATCH', `apps/${app.clientId}`, { enabled: false });
    await signOut(clinch, session);
    await receiver.waitFor(app.clientId);
  });
});

describe('who is told', () => {
  it('each app of the session and no other, and none that did not ask for it', async () => {
    const [one, two, elsewhere, mute] = [await toldApp(), await toldApp(), await toldApp(), await anApp(clinch)];
    const [session, other] = [await aSession(clinch, person), await aSession(clinch, person)];
    for (const app of [one, two, mute]) await enter(clinch, session, app);
    await enter(clinch, other, elsewhere);
    await signOut(clinch, session);
    await receiver.waitFor(one.clientId);
    await receiver.waitFor(two.clientId);
    await delay(300);
    expect(receiver.received.map(({ app }) => app).sort()).toEqual([one.clientId, two.clientId].sort());
  });

  it('each app once, however often the same sign-out is done', async () => {
    const app = await toldApp();
    const session = await aSession(clinch, person);
    await enter(clinch, session, app);
    await Promise.all(Array.from({ length: 10 }, () => signOut(clinch, session)));
    await until(app, 'delivered');
    await delay(200);
    expect(receiver.of(app.clientId)).toHaveLength(1);
  });

  it.each([
    ['disabled', (id: string) => admin.call('PATCH', `users/${id}`, { status: 'disabled' })],
    [
      'replaced by one who is disabled',
      (id: string) => admin.call('PUT', `users/${id}`, { username: person.username, status: 'disabled' }),
    ],
    ['deleted', (id: string) => admin.call('DELETE', `users/${id}`)],
    [
      'given another password',
      (id: string) => admin.call('PUT', `users/${id}/password`, { password: 'plum-wine-4711' }),
    ],
    [
      'sent away by the directory',
      async (id: string) => {
        await clinch.app.get(Departures).depart(id, { source: 'acme', by: 'event 1' });
        return { status: 200 };
      },
    ],
  ])('every app of a person who is %s, in all sessions', async (_, end) => {
    const [one, two] = [await toldApp(), await toldApp({ subjectType: 'pairwise' })];
    const sessions = [await aSession(clinch, person), await aSession(clinch, person)];
    await enter(clinch, sessions[0]!, one);
    const { sub } = decodeJwt(String((await enter(clinch, sessions[1]!, two))['id_token']));
    expect((await end(person.id)).status).toBeLessThan(300);
    const [first] = await receiver.waitFor(one.clientId);
    const [second] = await receiver.waitFor(two.clientId);
    const claims = await verifyLogoutToken(clinch.url, two.clientId, second?.token ?? '');
    expect(claims).toMatchObject({ sub, sid: sessions[1]?.id });
    expect((await verifyLogoutToken(clinch.url, one.clientId, first?.token ?? '')).sub).toBe(person.id);
  });

  it('nobody when a change by an administrator ends nothing, or does not come about', async () => {
    const app = await toldApp();
    const session = await aSession(clinch, person);
    await enter(clinch, session, app);
    const other = await aPerson(clinch);
    expect((await admin.call('PATCH', `users/${person.id}`, { nickname: 'Hua' })).status).toBe(200);
    const taken = { username: other.username, password: 'plum-wine-4711' };
    expect((await admin.call('PATCH', `users/${person.id}`, taken)).status).toBe(409);
    expect(await noticesOf(clinch, app)).toEqual([]);
  });

  it('the device that a disabled person let in, by its subject: it has no session', async () => {
    const app = await toldApp({ grantTypes: ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT] });
    const device = await askForCodes(clinch.url, app, { scope: 'openid offline_access' });
    const { agent, page } = await confirmationPage(clinch.url, device, person);
    await agent.press(page, 'allow');
    expect((await poll(clinch.url, app, device)).status).toBe(200);
    await admin.call('PATCH', `users/${person.id}`, { status: 'disabled' });
    const [told] = await receiver.waitFor(app.clientId);
    const claims = await verifyLogoutToken(clinch.url, app.clientId, told?.token ?? '');
    expect(claims.sub).toBe(person.id);
    expect(claims['sid']).toBeUndefined();
  });

  it('the one app that somebody may not enter any more, when that is enforced, and again when they sign out of it later', async () => {
    const [app, elsewhere] = [await toldApp({ access: 'everyone' }), await toldApp()];
    const session = await aSession(clinch, person);
    const tokens = await enter(clinch, session, app, 'openid offline_access');
    await enter(clinch, session, elsewhere);
    await admin.call('PATCH', `apps/${app.clientId}`, { access: 'assigned' });
    const enforced = await admin.call('POST', `apps/${app.clientId}/access/enforce`, {});
    expect(enforced.body).toMatchObject({ ended: 1 });
    const [told] = await receiver.waitFor(app.clientId);
    expect(decodeJwt(told?.token ?? '')).toMatchObject({ sid: session.id, sub: person.id });
    expect((await refresh(clinch.url, app, String(tokens['refresh_token']))).status).toBe(400);
    expect(await noticesOf(clinch, elsewhere)).toEqual([]);
    // Back again, in the same session.
    await admin.call('PATCH', `apps/${app.clientId}`, { access: 'everyone' });
    await enter(clinch, session, app);
    await signOut(clinch, session);
    await receiver.waitFor(app.clientId, 2);
    await receiver.waitFor(elsewhere.clientId);
  });
});

describe('the log of deliveries', () => {
  const path = 'logout-deliveries';
  const read = async (query: string) => {
    const { status, body } = await admin.call('GET', `${path}?${query}`);
    return { status, ids: ((body['items'] ?? []) as { id: string }[]).map(({ id }) => id), body };
  };

  it('shows each, the newest first, by app, person and state', async () => {
    const [one, two] = [await toldApp(), await toldApp()];
    receiver.answer(two.clientId, 500);
    const session = await aSession(clinch, person);
    await enter(clinch, session, one);
    await signOut(clinch, session);
    const first = await until(one, 'delivered');
    const later = await aSession(clinch, person);
    await enter(clinch, later, two);
    await signOut(clinch, later);
    await receiver.waitFor(two.clientId);
    const [second] = await noticesOf(clinch, two);
    expect((await read(`user_id=${person.id}`)).ids).toEqual([second?.id, first.id]);
    expect((await read(`client_id=${one.clientId}`)).ids).toEqual([first.id]);
    expect((await read(`user_id=${person.id}&state=delivered`)).ids).toEqual([first.id]);
    const page = await read(`user_id=${person.id}&limit=1`);
    expect(page.ids).toEqual([second?.id]);
    const next = await read(`user_id=${person.id}&limit=1&cursor=${String(page.body['next_cursor'])}`);
    expect([next.ids, next.body['next_cursor']]).toEqual([[first.id], null]);
    expect((await admin.call('GET', `${path}/${first.id}`)).body).toEqual({
      id: first.id,
      client_id: one.clientId,
      user_id: person.id,
      session_id: session.id,
      cause: 'sign_out person',
      state: 'delivered',
      attempts: 1,
      next_attempt_at: null,
      delivered_at: first.deliveredAt?.toISOString(),
      last_status: 200,
      last_error: null,
      created_at: first.createdAt.toISOString(),
    });
  });

  it.each(['state=sent', 'limit=0', 'cursor=%00', 'user_id=a%20b', 'client_id=', 'state=failed&state=pending'])(
    'says what is wrong with %s',
    async (query) => {
      expect((await read(query)).status).toBe(400);
    },
  );

  it('has no such delivery', async () => {
    for (const id of ['nothing', 'a%00b', 'x'.repeat(200)]) {
      expect((await admin.call('GET', `${path}/${id}`)).status).toBe(404);
      expect((await admin.call('POST', `${path}/${id}/replay`, {})).status).toBe(404);
    }
  });

  it.each([200, 400] as const)('has an app told again, whatever became of it (%i)', async (answer) => {
    const app = await toldApp();
    receiver.answer(app.clientId, answer);
    const session = await aSession(clinch, person);
    await enter(clinch, session, app);
    await signOut(clinch, session);
    const notice = await tryUntil(app, answer === 200 ? 'delivered' : 'failed');
    const before = receiver.of(app.clientId).length;
    receiver.answer(app.clientId, 200);
    const replayed = await admin.call('POST', `${path}/${notice.id}/replay`);
    expect(replayed.status).toBe(202);
    expect(replayed.body).toMatchObject({ id: notice.id, attempts: 0, delivered_at: null });
    await receiver.waitFor(app.clientId, before + 1, 3_000);
    expect(await until(app, 'delivered')).toMatchObject({ attempts: 1 });
  });

  it('has an app told again while it is being told: the first answer changes nothing any more', async () => {
    const app = await toldApp();
    receiver.answer(app.clientId, (count) => (count === 1 ? { afterMs: 1_500 } : 500));
    const session = await aSession(clinch, person);
    await enter(clinch, session, app);
    await signOut(clinch, session);
    let [notice] = await noticesOf(clinch, app);
    while (notice?.claim == null) {
      await delay(10);
      [notice] = await noticesOf(clinch, app);
    }
    await delay(100);
    expect((await admin.call('POST', `${path}/${notice.id}/replay`)).body).toMatchObject({ state: 'pending' });
    await receiver.waitFor(app.clientId, 2);
    await delay(300);
    expect((await noticesOf(clinch, app))[0]).toMatchObject({ state: 'pending', lastStatus: 500 });
  });
});

describe('the metrics of deliveries', () => {
  async function value(series: string): Promise<number> {
    const text = await (await fetch(`${clinch.url}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length));
  }
  const delivered = () => value('clinch_logout_deliveries_total{outcome="delivered"}');
  const postponed = () => value('clinch_logout_deliveries_total{outcome="postponed"}');

  it('count what waits and what was told', async () => {
    await clinch.app.get(DataSource).query('DELETE FROM logout_notices');
    const app = await toldApp();
    receiver.answer(app.clientId, (count) => (count === 1 ? 500 : 200));
    const before = [await delivered(), await postponed()];
    const session = await aSession(clinch, person);
    await enter(clinch, session, app);
    await signOut(clinch, session);
    while ((await noticesOf(clinch, app))[0]?.attempts !== 1) await delay(10);
    expect(await value('clinch_logout_notices_pending')).toBe(1);
    await until(app, 'delivered');
    expect(await value('clinch_logout_notices_pending')).toBe(0);
    expect([await delivered(), await postponed()]).toEqual(before.map((count) => count + 1));
  });
});
