import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, redeem, UserAgent } from '../support/user-agent.js';

const EMAIL = 'canary.wang@personal.example';
const PHONE = '+8613955557777';
const WITHHELD = /canary\.wang|personal\.example|13955557777/;

let clinch: TestClinch;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  person = await aPerson(clinch, { email: EMAIL, phoneNumber: PHONE });
});
afterAll(() => clinch.stop());

interface Told {
  readonly idToken: string;
  readonly accessToken: string;
  readonly userinfo: string;
  readonly introspection: string;
}

/** All that an app is told of the person when it asks so, as text. */
async function told(differences: Partial<ClientEntity>, request: Readonly<Record<string, string>>): Promise<Told> {
  const app = await anApp(clinch, differences);
  const answer = await new UserAgent(clinch.url).authorize(authorizeUrl(clinch.url, app, request), person);
  const { status, body } = await redeem(clinch.url, app, answer.get('code') ?? '');
  expect(status, JSON.stringify(body)).toBe(200);
  const token = String(body['access_token']);
  const bearer = { headers: { authorization: `Bearer ${token}` } };
  return {
    idToken: payloadOf(body['id_token']),
    accessToken: payloadOf(token),
    userinfo: await (await fetch(`${clinch.url}/oidc/userinfo`, bearer)).text(),
    introspection: await introspected(app, token),
  };
}

async function introspected(app: TestApp, token: string): Promise<string> {
  const { headers, form } = credentials(app);
  const body = new URLSearchParams({ ...form, token });
  const text = await (await fetch(`${clinch.url}/oidc/introspect`, { method: 'POST', headers, body })).text();
  expect(text).toContain('"active":true');
  return text;
}

function payloadOf(token: unknown): string {
  return Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString('utf8');
}

const BOTH = '{"email":{"essential":true},"email_verified":null,"phone_number":{"essential":true}}';
const EVERYTHING = {
  scope: 'openid profile email phone address',
  claims: `{"id_token":${BOTH},"userinfo":${BOTH}}`,
};

describe('e-mail and phone leave Clinch', () => {
  it('for no app that is not registered for them, whatever it asks for', async () => {
    const all = await told({ scope: 'openid profile address' }, EVERYTHING);
    for (const [place, text] of Object.entries(all)) expect(text, place).not.toMatch(WITHHELD);
    expect(all.userinfo).toContain('李华');
  });

  it('for no app that does not ask for them, whatever it is registered for', async () => {
    const all = await told({}, { scope: 'openid profile' });
    for (const [place, text] of Object.entries(all)) expect(text, place).not.toMatch(WITHHELD);
  });

  it('each for itself, and by scope at userinfo only (OpenID Connect Core 1.0 §5.4)', async () => {
    const { userinfo, idToken, accessToken, introspection } = await told({}, { scope: 'openid email' });
    expect(JSON.parse(userinfo)).toMatchObject({ email: EMAIL });
    expect(userinfo).not.toMatch(/phone|13955557777/);
    for (const text of [idToken, accessToken, introspection]) expect(text).not.toMatch(WITHHELD);
  });

  it('by the claims parameter as far as the app is registered, and to where it asks (§5.5)', async () => {
    const { idToken, userinfo, accessToken } = await told(
      { scope: 'openid email' },
      { scope: 'openid', claims: `{"id_token":${BOTH}}` },
    );
    expect(JSON.parse(idToken)).toMatchObject({ email: EMAIL });
    expect(idToken).not.toMatch(/phone|13955557777/);
    for (const text of [userinfo, accessToken]) expect(text).not.toMatch(/canary|13955557777/);
  });

  it('not with the address that a launch opens: its hint is the user name', async () => {
    const app = await anApp(clinch, { initiateLoginUri: 'https://app.example/start' });
    const agent = new UserAgent(clinch.url);
    await agent.authorize(authorizeUrl(clinch.url, app), person);
    const answer = await agent.get(`/launch/${app.clientId}`);
    const opened = decodeURIComponent(answer.headers.get('location') ?? '');
    expect(opened).toContain(`login_hint=${person.username}`);
    expect(opened).not.toMatch(WITHHELD);
  });
});
