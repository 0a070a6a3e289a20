import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi } from '../support/admin-api.js';
import { aPerson, REDIRECT_URI } from '../support/builders.js';
import { ClientRegistrar, METADATA } from '../support/client-registrar.js';
import { enter, isSignedIn } from '../support/logout.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

describe('a session, as operators name it', () => {
  it('is found and ended by any sid that an app has of its chain', async () => {
    const app = await aRefreshingApp(clinch, { refreshTokenIssuance: 'always' });
    const person = await aPerson(clinch);
    const { agent, sid, tokens } = await enter(clinch, app, person);
    await agent.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), person);
    const found = await admin.call('GET', `sessions/${sid}`);
    expect(found.status).toBe(200);
    expect(found.body).toMatchObject({ user_id: person.id, apps: [app.clientId] });
    expect(found.body['id']).not.toBe(sid);
    expect((await admin.call('DELETE', `sessions/${sid}`)).status).toBe(204);
    expect(await isSignedIn(clinch, agent, app)).toBe(false);
    expect((await refresh(clinch.url, app, String(tokens['refresh_token']))).status).toBe(400);
    expect((await admin.call('GET', `sessions/${sid}`)).status).toBe(404);
    expect((await admin.call('DELETE', `sessions/${sid}`)).status).toBe(404);
  });

  it.each(['%00', 'a%00b', '%E4%BD%A0', '%F0%9F%98%80', "'%20OR%201=1", 'a%2Fb', '..%2F..', '%25', 'x'.repeat(65)])(
    'is not found by %s',
    async (id) => {
      for (const method of ['GET', 'DELETE']) {
        const { status, body } = await admin.call(method, `sessions/${id}`);
        expect([status, body['status']], method).toEqual([404, 404]);
      }
      expect((await admin.call('POST', `users/${id}/sign-out`)).status).toBe(404);
      expect((await admin.call('GET', `logout-deliveries/${id}`)).status).toBe(404);
      expect((await admin.call('POST', `logout-deliveries/${id}/replay`)).status).toBe(404);
    },
  );
});

describe('an address with a host that would be a directive of a Content-Security-Policy', () => {
  const HOSTILE = ['https://a;sandbox/x', 'https://a.example;form-action/x', "https://a.example,'none'/x"];

  it.each(HOSTILE)('%s is none that an app registers', async (uri) => {
    const registrar = new ClientRegistrar(clinch, admin.token);
    for (const metadata of [
      { redirect_uris: [uri] },
      { redirect_uris: [REDIRECT_URI, uri] },
      { redirect_uris: [uri], frontchannel_logout_uri: uri },
      { ...METADATA, logo_uri: uri },
      { ...METADATA, initiate_login_uri: uri },
      { ...METADATA, post_logout_redirect_uris: [uri] },
      { ...METADATA, backchannel_logout_uri: uri },
    ]) {
      const { status, body } = await registrar.register(metadata);
      expect(status, JSON.stringify(metadata)).toBe(400);
      expect(body['error']).toMatch(/^invalid_(redirect_uri|client_metadata)$/);
    }
  });
});
