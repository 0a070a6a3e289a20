import type { Response } from 'express';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.js';
import { LogoutNoticeEntity } from '../../src/back-channel-logout/logout-notice.entity.js';
import type { ClinchRequest } from '../../src/http/clinch-request.js';
import { PasswordChange, type PasswordChangeOutcome } from '../../src/interaction/password-change.js';
import { SignInAttempts } from '../../src/interaction/sign-in-attempts.js';
import { BrowserSession } from '../../src/session/browser-session.js';
import { SessionStore } from '../../src/session/session-store.js';
import { aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, redeem, responseParameters, UserAgent } from '../support/user-agent.js';

const NEXT = 'amber-canyon-lantern-42';

let clinch: TestClinch;
let app: TestApp;

beforeAll(async () => {
  clinch = await startClinch();
  const differences = { backchannelLogoutUri: 'https://app.example/bclo', refreshTokenIssuance: 'always' } as const;
  app = await aRefreshingApp(clinch, differences);
});
afterAll(() => clinch.stop());

async function browserOf(person: Pick<TestPerson, 'username' | 'password'>, scope = 'openid') {
  const agent = new UserAgent(clinch.url);
  const prompt = scope.includes('offline_access') ? { prompt: 'consent' } : {};
  const answer = await agent.authorize(authorizeUrl(clinch.url, app, { scope, ...prompt }), person);
  const { body } = await redeem(clinch.url, app, answer.get('code') ?? '');
  return { agent, refreshToken: String(body['refresh_token']) };
}

/** As the page's form would ask for it, from that browser and address. */
async function ask(
  agent: UserAgent,
  current: string,
  next: string,
  address = '127.0.0.1',
): Promise<PasswordChangeOutcome> {
  return (await submitted(agent, address))(current, next);
}

/** The same in two steps: the session is found, and then the form is worked on. */
async function submitted(agent: UserAgent, address = '127.0.0.1', at = clinch) {
  const cookie = [...agent.cookies].map((pair) => pair.join('=')).join('; ');
  const request = {
    headers: { cookie, 'user-agent': 'Test' },
    get: () => 'Test',
    ip: address,
    socket: { remoteAddress: address },
    traceId: 't',
  } as unknown as ClinchRequest;
  const written: string[] = [];
  const response = { append: (_: string, line: string) => written.push(line) } as unknown as Response;
  const signedIn = await at.app.get(BrowserSession).current(request);
  if (signedIn === undefined) throw new Error('nobody is signed in');
  return async (current: string, next: string): Promise<PasswordChangeOutcome> => {
    const outcome = await at.app.get(PasswordChange).change(request, response, signedIn, { current, next });
    for (const line of written) {
      const [pair = ''] = line.split(';');
      agent.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    return outcome;
  };
}

function sameBrowser(agent: UserAgent): UserAgent {
  const other = new UserAgent(clinch.url);
  for (const [name, value] of agent.cookies) other.cookies.set(name, value);
  return other;
}

const silently = async (agent: UserAgent) =>
  responseParameters(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'none' })));
const works = async (token: string) => (await refresh(clinch.url, app, token)).status === 200;
const notices = ({ id }: TestPerson) =>
  clinch.app.get(DataSource).getRepository(LogoutNoticeEntity).countBy({ accountId: id });

async function signsIn(person: Pick<TestPerson, 'username'>, password: string): Promise<boolean> {
  const agent = new UserAgent(clinch.url);
  const page = await agent.signIn(await agent.follow(await agent.get(authorizeUrl(clinch.url, app))), {
    username: person.username,
    password,
  });
  return page.headers.get('location')?.includes('code=') ?? false;
}

describe('a person who sets a new password', () => {
  it('SESS-11: is signed out everywhere else, with refresh tokens dead and apps told, and stays here by a new session', async () => {
    const person = await aPerson(clinch);
    const [here, there] = [await browserOf(person), await browserOf(person)];
    const offline = await browserOf(person, 'openid offline_access');
    const old = here.agent.cookies.get('clinch_session') ?? '';
    const recordIn = vi.spyOn(clinch.app.get(AuditLog), 'recordIn');
    expect(await ask(here.agent, person.password, NEXT)).toEqual({ outcome: 'changed' });
    const noted = recordIn.mock.calls.map(([, ...event]) => event);
    expect(noted.map(([event]) => event)).toContain('account.password_changed');
    expect(JSON.stringify(noted)).not.toContain(NEXT);
    expect(here.agent.cookies.get('clinch_session')).not.toBe(old);
    expect((await silently(here.agent)).has('code')).toBe(true);
    for (const { agent } of [there, offline]) expect((await silently(agent)).get('error')).toBe('login_required');
    for (const { refreshToken } of [here, there, offline]) expect(await works(refreshToken)).toBe(false);
    expect(await notices(person)).toBe(2);
    const thief = new UserAgent(clinch.url);
    thief.cookies.set('clinch_session', old);
    expect((await silently(thief)).get('error')).toBe('login_required');
    expect(await signsIn(person, person.password)).toBe(false);
    expect(await signsIn(person, NEXT)).toBe(true);
  });

  it('goes on with the chain of this browser, so that a sign-out reaches the apps from before', async () => {
    const person = await aPerson(clinch);
    const { agent } = await browserOf(person);
    await ask(agent, person.password, NEXT);
    expect(await notices(person)).toBe(0);
    const admin = { authorization: `Bearer ${await clinch.adminToken()}` };
    await fetch(`${clinch.url}/admin/api/v1/users/${person.id}/sign-out`, { method: 'POST', headers: admin });
    expect(await notices(person)).toBe(1);
  });

  it.each([
    ['short', 'too_short'],
    ['x'.repeat(257), 'too_long'],
    ['password123', 'common'],
    ['aaaaaaaaaaaa', 'common'],
  ])('is told why %j is none, by the rules of the admin API, and nothing has happened', async (next, fault) => {
    const person = await aPerson(clinch);
    const { agent, refreshToken } = await browserOf(person);
    expect(await ask(agent, person.password, next)).toEqual({ outcome: 'unacceptable', fault });
    expect((await silently(agent)).has('code')).toBe(true);
    expect(await works(refreshToken)).toBe(true);
    expect(await signsIn(person, person.password)).toBe(true);
    const answer = await fetch(`${clinch.url}/admin/api/v1/users/${person.id}/password`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${await clinch.adminToken()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ password: next }),
    });
    expect(answer.status).toBe(400);
  });

  it.each([150, 256])(
    'may take %i characters of two UTF-16 units, whoever sets them, and sign in with them',
    async (length) => {
      const person = await aPerson(clinch);
      const { agent } = await browserOf(person);
      const next = `abc${'\u{20BB7}'.repeat(length - 3)}`;
      expect(await ask(agent, person.password, next)).toEqual({ outcome: 'changed' });
      expect(await signsIn(person, next)).toBe(true);
      expect(await signsIn(person, `${next}x`)).toBe(false);
      const other = await aPerson(clinch);
      const answer = await fetch(`${clinch.url}/admin/api/v1/users/${other.id}/password`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${await clinch.adminToken()}`, 'content-type': 'application/json' },
        body: JSON.stringify({ password: next }),
      });
      expect(answer.status).toBe(204);
      expect(await signsIn(other, next)).toBe(true);
      const theirs = (await browserOf({ ...other, password: next })).agent;
      expect(await ask(theirs, next, NEXT)).toEqual({ outcome: 'changed' });
    },
  );

  it('may not take the user name', async () => {
    const person = await aPerson(clinch);
    const { agent } = await browserOf(person);
    const next = person.username.toUpperCase();
    expect(await ask(agent, person.password, next)).toEqual({ outcome: 'unacceptable', fault: 'is_username' });
  });

  it('has to know the old one, and is slowed down in this browser, from whatever address', async () => {
    const person = await aPerson(clinch);
    const { agent } = await browserOf(person);
    expect(await ask(agent, '', '')).toEqual({ outcome: 'missing', fields: ['current', 'next'] });
    for (let tried = 0; tried < 8; tried++) {
      expect(await ask(agent, `wrong ${tried}`, NEXT, '192.0.2.7')).toEqual({ outcome: 'wrong_password' });
    }
    const slowed = await ask(agent, person.password, NEXT, '192.0.2.7');
    expect(slowed).toEqual({ outcome: 'slow_down', retryAfterSeconds: expect.any(Number) as number });
    expect((await silently(agent)).has('code')).toBe(true);
    expect(await ask(agent, person.password, NEXT, '192.0.2.8')).toMatchObject({ outcome: 'slow_down' });
    const elsewhere = (await browserOf(person)).agent;
    expect(await ask(elsewhere, person.password, NEXT, '192.0.2.7')).toEqual({ outcome: 'changed' });
  });

  it('is not stopped by strangers at the same address who guess at the sign-in page', async () => {
    const person = await aPerson(clinch);
    const { agent } = await browserOf(person);
    const attempts = clinch.app.get(SignInAttempts);
    const address = '192.0.2.99';
    const names = [
      ...Array.from({ length: 8 }, () => person.username),
      ...Array.from({ length: 52 }, (_, n) => `n${n}`),
    ];
    for (const name of names) await attempts.begin({ usernameKey: name, address, knownBrowser: false });
    await expect(attempts.begin({ usernameKey: 'one-more', address, knownBrowser: false })).rejects.toThrow();
    expect(await ask(agent, person.password, NEXT, address)).toEqual({ outcome: 'changed' });
  });

  it('finds a wrong one in the audit, with the browser it came from', async () => {
    const person = await aPerson(clinch);
    const { agent } = await browserOf(person);
    const record = vi.spyOn(clinch.app.get(AuditLog), 'record');
    await ask(agent, 'wrong', NEXT);
    const details = { subject: person.id, method: 'pwd', userAgent: 'Test', sid: expect.any(String) as string };
    expect(record).toHaveBeenCalledWith('sign_in.failed', expect.objectContaining({ accountId: person.id }), details);
  });

  it('is told of one that was set twice by a double press that it is changed, and either answer’s cookie is good', async () => {
    const person = await aPerson(clinch);
    const { agent } = await browserOf(person);
    const [one, two, three] = [sameBrowser(agent), sameBrowser(agent), sameBrowser(agent)];
    const late = await submitted(three);
    const recordIn = vi.spyOn(clinch.app.get(AuditLog), 'recordIn').mockClear();
    const outcomes = await Promise.all([ask(one, person.password, NEXT), ask(two, person.password, NEXT)]);
    // This one's password was not looked at before the other one was set.
    outcomes.push(await late(person.password, NEXT));
    expect(outcomes).toEqual([{ outcome: 'changed' }, { outcome: 'changed' }, { outcome: 'changed' }]);
    for (const each of [one, two, three]) expect((await silently(each)).has('code')).toBe(true);
    const changes = recordIn.mock.calls.filter(([, event]) => event === 'account.password_changed');
    expect(changes).toHaveLength(1);
    expect(await signsIn(person, NEXT)).toBe(true);
    expect((await silently(agent)).get('error')).toBe('login_required');
  });

  it('cannot while local sign-in is switched off', async () => {
    const off = await startClinch({ CLINCH_LOCAL_SIGN_IN: 'off' });
    try {
      const person = await aPerson(off);
      const proof = { authTime: new Date(), acr: 'urn:clinch:acr:single-factor', amr: ['dingtalk'] };
      const { token } = await off.app.get(SessionStore).start(person.id, proof);
      const agent = new UserAgent(off.url);
      agent.cookies.set('clinch_session', token);
      const page = await agent.get('/account');
      expect(page.status).toBe(200);
      expect(page.text).not.toContain('/account/password');
      expect((await agent.get('/account/password')).status).toBe(404);
      const change = await submitted(agent, '127.0.0.1', off);
      expect(await change(person.password, NEXT)).toEqual({ outcome: 'switched_off' });
    } finally {
      await off.stop();
    }
  });

  it('cannot where there is none', async () => {
    const person = await aPerson(clinch);
    const { agent } = await browserOf(person);
    const accounts = clinch.app.get(DataSource);
    await accounts.query(`UPDATE accounts SET password_hash = NULL WHERE id = '${person.id}'`);
    expect(await ask(agent, person.password, NEXT)).toEqual({ outcome: 'no_password' });
  });

  it('is one of two that do so at once', async () => {
    const person = await aPerson(clinch);
    const { agent } = await browserOf(person);
    const other = sameBrowser(agent);
    const outcomes = await Promise.all([
      ask(agent, person.password, `${NEXT}-1`),
      ask(other, person.password, `${NEXT}-2`),
    ]);
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['changed', 'wrong_password']);
    const winner = outcomes[0].outcome === 'changed' ? 1 : 2;
    expect(await signsIn(person, `${NEXT}-${winner}`)).toBe(true);
    expect(await signsIn(person, `${NEXT}-${3 - winner}`)).toBe(false);
  });
});
