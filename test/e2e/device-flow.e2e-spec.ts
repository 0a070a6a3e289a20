import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsentStore } from '../../src/interaction/consent-store.js';
import { ClientRegistry } from '../../src/app-registry/client-registry.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestPerson } from '../support/builders.js';
import {
  aCli,
  askForCodes,
  atCodeForm,
  changeDevice,
  confirmationPage,
  DEVICE_CODE_GRANT,
  deviceOf,
  poll,
} from '../support/device.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { formOf, UserAgent } from '../support/user-agent.js';
import { changeApp, claimsOf, disable } from '../security/support/arrange.js';

const WORDS = MESSAGES.en.device;
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);

describe('the device flow (RFC 8628)', () => {
  let clinch: TestClinch;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    person = await aPerson(clinch);
  });
  afterAll(() => clinch.stop());

  /** A device of a new app that the person has let in. */
  async function allowed(differences: Parameters<typeof aCli>[1] = {}, parameters: Record<string, string> = {}) {
    const app = await aCli(clinch, differences);
    const codes = await askForCodes(clinch.url, app, parameters);
    const { agent, page } = await confirmationPage(clinch.url, codes, person);
    const done = await agent.press(page, 'allow');
    expect(done.status).toBe(200);
    expect(done.text).toContain(WORDS.allowedTitle);
    return { app, codes, agent, page };
  }

  describe('§3.1 and §3.2: the device asks', () => {
    it('tells a public client all it needs, and where to send its person', async () => {
      const app = await aCli(clinch);
      const codes = await askForCodes(clinch.url, app, { scope: 'openid profile' });
      expect(codes).toEqual({
        device_code: expect.stringMatching(/^[\w-]{43}$/),
        user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
        verification_uri: `${clinch.url}/device`,
        verification_uri_complete: `${clinch.url}/device?user_code=${codes.user_code}`,
        expires_in: 1200,
        expires_at: expect.any(Number),
        interval: 5,
      });
      expect(Math.abs(codes.expires_at - Date.now() / 1000 - 1200)).toBeLessThan(5);
      const { digest, userCodeDigest } = await deviceOf(clinch, app.clientId);
      expect([digest, userCodeDigest]).not.toContain(codes.device_code);
      expect(userCodeDigest).not.toContain(codes.user_code.replace('-', ''));
    });

    it.each([
      ['without a scope', {}, 'openid'],
      ['with more than the app may have', { scope: 'openid email reports:read' }, 'openid email'],
    ])('narrows the scope in silence: %s', async (_name, parameters: Record<string, string>, scope) => {
      const app = await aCli(clinch);
      await askForCodes(clinch.url, app, parameters);
      expect((await deviceOf(clinch, app.clientId)).scope).toBe(scope);
    });

    it('asks for openid only where the app may have it', async () => {
      const app = await aCli(clinch, { scope: 'reports:read' });
      await askForCodes(clinch.url, app);
      expect((await deviceOf(clinch, app.clientId)).scope).toBe('');
    });

    it('is found in the discovery document', async () => {
      const document = (await (await fetch(`${clinch.url}/.well-known/openid-configuration`)).json()) as object;
      expect(document).toMatchObject({
        device_authorization_endpoint: `${clinch.url}/oidc/device_authorization`,
        grant_types_supported: expect.arrayContaining([DEVICE_CODE_GRANT]) as string[],
      });
    });
  });

  describe('§3.3: the person answers', () => {
    it('signs in first, and comes back to the code', async () => {
      const codes = await askForCodes(clinch.url, await aCli(clinch));
      const agent = new UserAgent(clinch.url);
      const login = await agent.follow(await agent.get(`/device?user_code=${codes.user_code}`));
      expect(login.text).toContain(MESSAGES.en.login.ownDestination);
      expect(login.text).not.toContain('Deploy CLI');
      const answer = await agent.post('/login', {
        ...formOf(login).hidden,
        username: person.username,
        password: person.password,
      });
      expect(answer.headers.get('location')).toBe(codes.verification_uri_complete);
    });

    it('sees which app, which account, which code, from where, and what it would have', async () => {
      const app = await aCli(clinch);
      const codes = await askForCodes(clinch.url, app, { scope: 'openid email' });
      await changeDevice(clinch, app.clientId, { createdAt: ago(200), address: '192.0.2.77' });
      const { page } = await confirmationPage(clinch.url, codes, person);
      const { scopes } = MESSAGES.en.consent;
      for (const text of ['Deploy CLI', '李华', codes.user_code, '192.0.2.77', WORDS.minutesAgo(3), WORDS.caution]) {
        expect(page.text).toContain(text);
      }
      expect(page.text).toContain(scopes.email.title);
      expect(page.text).not.toContain(scopes.phone.title);
      expect(page.text.indexOf('value="deny"')).toBeLessThan(page.text.indexOf('value="allow"'));
    });

    it('types the code in any spelling', async () => {
      const codes = await askForCodes(clinch.url, await aCli(clinch));
      const { agent, page } = await atCodeForm(clinch.url, person);
      const typed = ` ${codes.user_code.toLowerCase().replace('-', ' ')}\n`;
      const answer = await agent.post('/device', { ...formOf(page).hidden, user_code: typed });
      expect(answer.status).toBe(200);
      expect(answer.text).toContain(codes.user_code);
      expect(answer.text).toContain('value="allow"');
    });

    it('is told beside the field that nothing was typed', async () => {
      const { agent, page } = await atCodeForm(clinch.url, await aPerson(clinch));
      const answer = await agent.post('/device', { ...formOf(page).hidden, user_code: '' });
      expect(answer.status).toBe(400);
      expect(answer.text).toContain(WORDS.codeMissing);
    });

    it('gives a consent that the app’s consent page remembers', async () => {
      const { app } = await allowed({}, { scope: 'openid email' });
      const client = await clinch.app.get(ClientRegistry).find(app.clientId);
      expect(await clinch.app.get(ConsentStore).find(person.id, client!)).toEqual(['openid', 'email']);
    });

    it('refuses for good', async () => {
      const app = await aCli(clinch);
      const codes = await askForCodes(clinch.url, app);
      const { agent, page } = await confirmationPage(clinch.url, codes, person);
      const refused = await agent.press(page, 'deny');
      expect(refused.text).toContain(WORDS.deniedTitle);
      const late = await agent.press(page, 'allow');
      expect(late.status).toBe(409);
      expect(late.text).toContain(WORDS.overTitle);
      for (let count = 0; count < 2; count++) {
        expect((await poll(clinch.url, app, codes)).body['error']).toBe('access_denied');
      }
    });

    it('sees the same page when a button was pressed twice', async () => {
      const app = await aCli(clinch);
      const codes = await askForCodes(clinch.url, app);
      const { agent, page } = await confirmationPage(clinch.url, codes, person);
      const answers = await Promise.all([1, 2, 3, 4].map(() => agent.press(page, 'allow')));
      for (const answer of answers) {
        expect(answer.status).toBe(200);
        expect(answer.text).toContain(WORDS.allowedTitle);
      }
    });

    it('has one answer when both buttons are pressed at once', async () => {
      const app = await aCli(clinch);
      const codes = await askForCodes(clinch.url, app);
      const { agent, page } = await confirmationPage(clinch.url, codes, person);
      const presses = ['allow', 'deny', 'allow', 'deny', 'allow', 'deny'];
      const answers = await Promise.all(presses.map((decision) => agent.press(page, decision)));
      expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
      const { decision } = await deviceOf(clinch, app.clientId);
      const shown = answers.filter(({ status }) => status === 200).map(({ text }) => text.includes(WORDS.allowedTitle));
      expect(new Set(shown)).toEqual(new Set([decision === 'allow']));
    });

    it('cannot answer for an app that is switched off', async () => {
      const app = await aCli(clinch);
      const codes = await askForCodes(clinch.url, app);
      const { agent, page } = await confirmationPage(clinch.url, codes, person);
      await changeApp(clinch, app, { enabled: false });
      const { title } = MESSAGES.en.error.situations.app_disabled;
      expect((await agent.press(page, 'allow')).text).toContain(title);
      expect((await agent.get(`/device?user_code=${codes.user_code}`)).text).toContain(title);
      expect((await deviceOf(clinch, app.clientId)).decision).toBeNull();
    });
  });

  describe('§3.4 and §3.5: the device fetches its tokens', () => {
    it('gets them for the person who answered, at the time and in the way they had signed in', async () => {
      const { app, codes } = await allowed({}, { scope: 'openid email' });
      const { status, body, headers } = await poll(clinch.url, app, codes);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toMatchObject({ token_type: 'Bearer', scope: 'openid email' });
      const idToken = claimsOf(body['id_token']);
      const accessToken = claimsOf(body['access_token']);
      const { authTime } = await deviceOf(clinch, app.clientId);
      for (const claims of [idToken, accessToken]) {
        expect(claims).toMatchObject({
          sub: person.id,
          auth_time: Math.floor((authTime?.getTime() ?? 0) / 1000),
          acr: 'urn:clinch:acr:single-factor',
          amr: ['pwd'],
        });
        // The session is that of the phone.
        expect(claims).not.toHaveProperty('sid');
        expect(claims).not.toHaveProperty('nonce');
      }
      expect(accessToken['grant_id']).toBe((await deviceOf(clinch, app.clientId)).grantId);
      const answer = await fetch(`${clinch.url}/oidc/userinfo`, {
        headers: { Authorization: `Bearer ${String(body['access_token'])}` },
      });
      expect(await answer.json()).toMatchObject({ sub: person.id, email: 'lihua@example.com' });
    });

    it('gets them as a confidential client too', async () => {
      const { app, codes } = await allowed({ tokenEndpointAuthMethod: 'client_secret_basic' });
      expect((await poll(clinch.url, app, codes)).status).toBe(200);
    });

    it('gets them once, however many ask at the same time', async () => {
      const { app, codes } = await allowed();
      const answers = await Promise.all(Array.from({ length: 12 }, () => poll(clinch.url, app, codes)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const { status, body } of answers) if (status !== 200) expect(body['error']).toBe('invalid_grant');
    });

    it('goes on when the person signs out of nothing but the browser', async () => {
      const { app, codes, agent } = await allowed();
      agent.cookies.clear();
      expect((await poll(clinch.url, app, codes)).status).toBe(200);
    });

    it('is slowed down by five seconds each time that it comes too early', async () => {
      const app = await aCli(clinch);
      const codes = await askForCodes(clinch.url, app);
      const error = async () => (await poll(clinch.url, app, codes)).body['error'];
      expect(await error()).toBe('authorization_pending');
      expect(await error()).toBe('slow_down');
      await changeDevice(clinch, app.clientId, { polledAt: ago(9) });
      expect(await error()).toBe('slow_down');
      expect((await deviceOf(clinch, app.clientId)).pollInterval).toBe(15);
      await changeDevice(clinch, app.clientId, { polledAt: ago(15) });
      expect(await error()).toBe('authorization_pending');
      expect((await deviceOf(clinch, app.clientId)).pollInterval).toBe(15);
    });

    it('may be half a second early', async () => {
      const app = await aCli(clinch);
      const codes = await askForCodes(clinch.url, app);
      for (const [seconds, expected] of [
        [4.6, 'authorization_pending'],
        [4, 'slow_down'],
      ] as const) {
        await changeDevice(clinch, app.clientId, { polledAt: ago(seconds), pollInterval: 5 });
        expect((await poll(clinch.url, app, codes)).body['error']).toBe(expected);
      }
    });

    it('gets its tokens at once after the person has answered, early or not', async () => {
      const app = await aCli(clinch);
      const codes = await askForCodes(clinch.url, app);
      await poll(clinch.url, app, codes);
      const { agent, page } = await confirmationPage(clinch.url, codes, person);
      await agent.press(page, 'allow');
      expect((await poll(clinch.url, app, codes)).status).toBe(200);
    });

    it('counts polls of one instant as one in time and the others as early', async () => {
      const app = await aCli(clinch);
      const codes = await askForCodes(clinch.url, app);
      const answers = await Promise.all(Array.from({ length: 6 }, () => poll(clinch.url, app, codes)));
      const errors = answers.map(({ body }) => body['error']);
      expect(errors.filter((error) => error === 'authorization_pending')).toHaveLength(1);
      expect(errors.filter((error) => error === 'slow_down')).toHaveLength(5);
      expect((await deviceOf(clinch, app.clientId)).pollInterval).toBe(30);
    });

    it('gets nothing for a person who was disabled after the answer', async () => {
      const leaver = await aPerson(clinch);
      const app = await aCli(clinch);
      const codes = await askForCodes(clinch.url, app);
      const { agent, page } = await confirmationPage(clinch.url, codes, leaver);
      await agent.press(page, 'allow');
      await disable(clinch, leaver);
      expect((await poll(clinch.url, app, codes)).body['error']).toBe('invalid_grant');
    });

    it('gets no more than the app may have by then', async () => {
      const { app, codes } = await allowed({}, { scope: 'openid email' });
      await changeApp(clinch, app, { scope: 'openid' });
      expect((await poll(clinch.url, app, codes)).body['scope']).toBe('openid');
    });
  });

  it('leaves the other grants of an app as they are', async () => {
    const both = await anApp(clinch, { grantTypes: ['authorization_code', DEVICE_CODE_GRANT] });
    const codes = await askForCodes(clinch.url, both);
    expect((await poll(clinch.url, both, codes)).body['error']).toBe('authorization_pending');
  });
});
