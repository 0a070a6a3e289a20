import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import { AuditLog, type AuditRecord } from '../../src/audit/audit-log.js';
import { People } from '../../src/dingtalk/people/people.js';
import { IdentitySources } from '../../src/dingtalk/source/identity-sources.js';
import { containerUserAgents } from '../../src/dingtalk-simulator/bridge-script.js';
import { SignOut } from '../../src/sign-out/sign-out.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aCli, askForCodes, confirmationPage, DEVICE_CODE_GRANT, poll } from '../support/device.js';
import { anIdentitySource, type SourceOfTest } from '../support/identity-source.js';
import { atOwnPage, postFormsOf, postFormTo } from '../support/own-pages.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, credentials, postToken, redeem, UserAgent, type Answer } from '../support/user-agent.js';

const PAGES = ['/account', '/account/apps', '/account/devices', '/account/sessions', '/account/history'];
/** Those with forms. */
const FORMS = ['/account/apps', '/account/devices', '/account/sessions', '/account/password', '/account/edit'];
const WORDS = MESSAGES.en.portal;
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36';

let clinch: TestClinch;

beforeAll(async () => {
  clinch = await startClinch();
});
afterAll(() => clinch.stop());

/** An app that asks for a consent, with a refresh token for that person. */
async function connected(person: TestPerson, agent: UserAgent, scope = 'openid email offline_access') {
  const app = await anApp(clinch, {
    clientName: 'Expenses',
    requireConsent: true,
    grantTypes: ['authorization_code', 'refresh_token'],
    scope: 'openid profile email offline_access',
  });
  const answer = await agent.authorize(authorizeUrl(clinch.url, app, { scope, prompt: 'consent' }), person);
  const { body } = await redeem(clinch.url, app, answer.get('code') ?? '');
  return { app, refreshToken: String(body['refresh_token']), accessToken: String(body['access_token']) };
}

/** A device that was let in by that person. */
async function device(person: TestPerson, agent: UserAgent, name = 'Deploy CLI') {
  const app = await aCli(clinch, {
    clientName: name,
    grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
    scope: 'openid offline_access',
  });
  const codes = await askForCodes(clinch.url, app, { scope: 'openid offline_access' });
  await agent.press((await confirmationPage(clinch.url, codes, person, agent)).page, 'allow');
  const { body } = await poll(clinch.url, app, codes);
  return { app, refreshToken: String(body['refresh_token']) };
}

async function refresh(app: TestApp, refreshToken: string): Promise<number> {
  const { headers, form } = credentials(app);
  const grant = { grant_type: 'refresh_token', refresh_token: refreshToken, ...form };
  return (await postToken(clinch.url, grant, headers)).status;
}

async function press(agent: UserAgent, page: Answer, path: string, saying = ''): Promise<Answer> {
  const { action, hidden } = postFormTo(page, path, saying);
  return agent.post(action, hidden);
}

describe('every page of a person’s own', () => {
  it.each(PAGES)('%s is for who is signed in, and the browser comes back to it from the sign-in', async (path) => {
    const person = await aPerson(clinch);
    const agent = new UserAgent(clinch.url);
    const first = await agent.get(path);
    expect(first.status).toBe(303);
    const page = await agent.signIn(await agent.follow(first), person);
    expect(new URL(page.url).pathname).toBe(path);
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'none'");
    expect(page.text).toContain('aria-current="page"');
    expect(page.text).not.toMatch(/<script|\sstyle=|\son[a-z]+="/i);
  });

  it.each(FORMS)('%s takes no form from elsewhere, and none without its token', async (path) => {
    const { agent } = await atOwnPage(clinch.url, path, await aPerson(clinch));
    const forms: Record<string, string>[] = [{}, { csrf_token: 'x' }];
    for (const form of forms) expect((await agent.post(path, form)).status).toBe(403);
    expect((await agent.post(path, {}, { Origin: 'https://evil.test' })).status).toBe(403);
    const headers = { 'content-type': 'application/json' };
    expect((await agent.post(path, {}, headers)).status).toBe(400);
  });

  it.each(FORMS)('%s asks who has been signed out to sign in, and does nothing before', async (path) => {
    const answer = await new UserAgent(clinch.url).post(path, { csrf_token: 'x', device: 'x', client_id: 'x' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toContain('/login?interaction=');
  });

  it('refuses a form that was shown to somebody else who was signed in with this browser', async () => {
    const [first, second] = [await aPerson(clinch), await aPerson(clinch)];
    const { agent } = await atOwnPage(clinch.url, '/account/apps', first);
    const { app } = await connected(first, agent);
    const page = await agent.get('/account/apps');
    await agent.signIn(await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'login' }))), second);
    expect((await press(agent, page, '/account/apps')).status).toBe(403);
    expect((await atOwnPage(clinch.url, '/account/apps', first)).page.text).toContain('Expenses');
  });
});

describe('connected apps', () => {
  it('shows what an app may in the words of the consent page, and withdraws it with all that came of it', async () => {
    const person = await aPerson(clinch);
    const { agent, page: before } = await atOwnPage(clinch.url, '/account/apps', person);
    expect(before.text).toContain(WORDS.connected.none);
    const { app, refreshToken, accessToken } = await connected(person, agent);
    const page = await agent.get('/account/apps');
    const { email, offline_access: offline, phone } = MESSAGES.en.consent.scopes;
    for (const { title } of [email, offline]) expect(page.text).toContain(title);
    expect(page.text).not.toContain(phone.title);
    const answer = await press(agent, page, '/account/apps');
    expect(answer.status).toBe(303);
    const after = await agent.follow(answer);
    expect(after.text).toContain(WORDS.connected.withdrawn);
    expect(after.text).not.toContain('Expenses');
    expect(await refresh(app, refreshToken)).toBe(400);
    const userinfo = await fetch(`${clinch.url}/oidc/userinfo`, {
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    expect(userinfo.status).toBe(401);
    // Once more: there is nothing left to withdraw.
    expect(await press(agent, page, '/account/apps')).toSatisfy(isBackAt('/account/apps'));
  });

  it('shows an app with offline access that nobody was asked about, and none without it', async () => {
    const person = await aPerson(clinch);
    const { agent } = await atOwnPage(clinch.url, '/account/apps', person);
    const grants = { grantTypes: ['authorization_code', 'refresh_token'], scope: 'openid offline_access' };
    for (const [clientName, scope] of [
      ['Goes on', 'openid offline_access'],
      ['Ends with the session', 'openid'],
    ] as const) {
      const app = await anApp(clinch, { clientName, refreshTokenIssuance: 'always', ...grants });
      const answer = await agent.authorize(authorizeUrl(clinch.url, app, { scope }), person);
      expect((await redeem(clinch.url, app, answer.get('code') ?? '')).status).toBe(200);
    }
    const { text } = await agent.get('/account/apps');
    expect(text).toContain('Goes on');
    expect(text).not.toContain('Ends with the session');
  });

  it('is one’s own: an app that only somebody else connected is not there', async () => {
    const [owner, stranger] = [await aPerson(clinch), await aPerson(clinch)];
    const { agent: ownersAgent } = await atOwnPage(clinch.url, '/account/apps', owner);
    const { app, refreshToken } = await connected(owner, ownersAgent);
    const { agent } = await atOwnPage(clinch.url, '/account/apps', stranger);
    // The stranger connects an app as well, so as to have a form.
    await connected(stranger, agent);
    const form = postFormTo(await agent.get('/account/apps'), '/account/apps');
    for (const id of [app.clientId, 'nobodys', '\u0000']) {
      const answer = await agent.post(form.action, { ...form.hidden, client_id: id });
      expect(answer, id).toSatisfy(isBackAt('/account/apps'));
    }
    const none = new URLSearchParams({ csrf_token: form.hidden['csrf_token'] ?? '' });
    expect((await agent.post(form.action, none)).status).toBe(400);
    expect(await refresh(app, refreshToken)).toBe(200);
  });

  it('shows names as text', async () => {
    const person = await aPerson(clinch, { name: '<b>Mallory</b>' });
    const { agent } = await atOwnPage(clinch.url, '/account/apps', person);
    const app = await anApp(clinch, {
      clientName: '<script>alert(1)</script>',
      requireConsent: true,
      logoUri: 'javascript:alert(1)',
    });
    await agent.authorize(authorizeUrl(clinch.url, app), person);
    const { text } = await agent.get('/account/apps');
    expect(text).toContain('&lt;script>alert(1)');
    expect(text).toContain('&lt;b>Mallory');
    expect(text).not.toMatch(/<script|<b>|javascript:/);
  });
});

describe('devices', () => {
  it('shows what was let in by a code and from where it asked, and signs out that one only', async () => {
    const person = await aPerson(clinch);
    const { agent, page: before } = await atOwnPage(clinch.url, '/account/devices', person);
    expect(before.text).toContain(WORDS.devices.none);
    const [one, other] = [await device(person, agent, 'Deploy CLI'), await device(person, agent, 'Television')];
    const page = await agent.get('/account/devices');
    expect(postFormsOf(page)).toHaveLength(2);
    expect(page.text).toContain(WORDS.device.thisComputer);
    const after = await agent.follow(await press(agent, page, '/account/devices', 'Deploy CLI'));
    expect(after.text).toContain(WORDS.devices.ended);
    expect(postFormsOf(after)).toHaveLength(1);
    expect(await refresh(one.app, one.refreshToken)).toBe(400);
    expect(await refresh(other.app, other.refreshToken)).toBe(200);
    expect(await press(agent, page, '/account/devices', 'Deploy CLI')).toSatisfy(isBackAt('/account/devices'));
  });

  it('goes on when the session of the browser ends, and is not listed among the apps of a session', async () => {
    const person = await aPerson(clinch);
    const { agent } = await atOwnPage(clinch.url, '/account/devices', person);
    const { app, refreshToken } = await device(person, agent);
    expect((await agent.get('/account/sessions')).text).not.toContain('Deploy CLI');
    expect((await clinch.app.get(SignOut).endAllOf(person.id, 'person', {})).sessions).toBe(1);
    expect((await agent.get('/account/devices')).status).toBe(303);
    const elsewhere = await atOwnPage(clinch.url, '/account/devices', person);
    expect(elsewhere.page.text).toContain('Deploy CLI');
    expect((await elsewhere.agent.get('/account/sessions')).text).not.toContain('Deploy CLI');
    expect(await refresh(app, refreshToken)).toBe(200);
  });

  it('is one’s own: the device of somebody else is not there, whatever the form says', async () => {
    const [owner, stranger] = [await aPerson(clinch), await aPerson(clinch)];
    const owners = await atOwnPage(clinch.url, '/account/devices', owner);
    const { app, refreshToken } = await device(owner, owners.agent);
    const theirs = postFormTo(await owners.agent.get('/account/devices'), '/account/devices').hidden['device'] ?? '';
    const { agent } = await atOwnPage(clinch.url, '/account/devices', stranger);
    await device(stranger, agent);
    const form = postFormTo(await agent.get('/account/devices'), '/account/devices');
    for (const id of [theirs, 'x', '\u0000', '%', "' OR 1=1"]) {
      const answer = await agent.post(form.action, { ...form.hidden, device: id });
      expect(answer, id).toSatisfy(isBackAt('/account/devices'));
    }
    expect(await refresh(app, refreshToken)).toBe(200);
  });

  it('shows none whose tokens are past their time, or whose app is gone', async () => {
    const person = await aPerson(clinch);
    const { agent } = await atOwnPage(clinch.url, '/account/devices', person);
    const app = await aCli(clinch, {
      clientName: 'Short-lived',
      grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'],
      scope: 'openid offline_access',
      refreshTokenLifetime: 1,
    });
    const codes = await askForCodes(clinch.url, app, { scope: 'openid offline_access' });
    await agent.press((await confirmationPage(clinch.url, codes, person, agent)).page, 'allow');
    expect((await poll(clinch.url, app, codes)).status).toBe(200);
    await expect.poll(async () => (await agent.get('/account/devices')).text).not.toContain('Short-lived');
  });
});

describe('sessions', () => {
  const PATH = '/account/sessions';

  it('shows each browser once with its device, marks the one that looks, and ends another with what came of it', async () => {
    const person = await aPerson(clinch);
    const { agent: phone } = await atOwnPage(clinch.url, PATH, person, browser(containerUserAgents.ios));
    const app = await anApp(clinch, {
      grantTypes: ['authorization_code', 'refresh_token'],
      refreshTokenIssuance: 'always',
    });
    const answer = await phone.authorize(authorizeUrl(clinch.url, app), person);
    const { body } = await redeem(clinch.url, app, answer.get('code') ?? '');
    // A fresh proof in the same browser is no second session.
    await phone.authorize(authorizeUrl(clinch.url, app, { prompt: 'login' }), person);
    const { agent, page } = await atOwnPage(clinch.url, PATH, person, browser(CHROME));
    expect(headings(page)).toEqual([`Chrome on Windows${WORDS.sessions.thisOne}`, 'DingTalk on iPhone']);
    const after = await agent.follow(await press(agent, page, PATH, 'DingTalk on iPhone'));
    expect(headings(after)).toEqual([`Chrome on Windows${WORDS.sessions.thisOne}`]);
    expect(after.text).toContain(WORDS.sessions.ended);
    expect(after.text).toContain(WORDS.sessions.onlyThis);
    expect((await phone.get(PATH)).status).toBe(303);
    expect(await refresh(app, String(body['refresh_token']))).toBe(400);
    expect(await press(agent, page, PATH, 'DingTalk on iPhone')).toSatisfy(isBackAt(PATH));
  });

  it('ends all others, and stays signed in here', async () => {
    const person = await aPerson(clinch);
    const others = [];
    for (let each = 0; each < 3; each++) others.push((await atOwnPage(clinch.url, PATH, person)).agent);
    const { agent, page } = await atOwnPage(clinch.url, PATH, person);
    const { action, hidden } = postFormTo(page, PATH, WORDS.sessions.endOthers);
    const after = await agent.follow(await agent.post(action, { ...hidden, session: 'others' }));
    expect(after.status).toBe(200);
    expect(headings(after)).toHaveLength(1);
    for (const other of others) expect((await other.get(PATH)).status).toBe(303);
    // Pressed twice, or when there are none: nothing to end, and no fault.
    expect(await agent.post(action, { ...hidden, session: 'others' })).toSatisfy(isBackAt(PATH));
    expect((await agent.get(PATH)).status).toBe(200);
  });

  it('is one’s own: the session of somebody else is not there, whatever the form says', async () => {
    const [owner, stranger] = [await aPerson(clinch), await aPerson(clinch)];
    const { agent: owners } = await atOwnPage(clinch.url, PATH, owner);
    const second = await atOwnPage(clinch.url, PATH, owner);
    const theirs = postFormTo(second.page, PATH, WORDS.sessions.endOf('node')).hidden['session'] ?? '';
    await atOwnPage(clinch.url, PATH, stranger);
    const { agent, page } = await atOwnPage(clinch.url, PATH, stranger);
    const { action, hidden } = postFormTo(page, PATH, WORDS.sessions.endOf('node'));
    for (const id of [theirs, 'x', '\u0000', '%', "' OR 1=1"]) {
      expect(await agent.post(action, { ...hidden, session: id }), id).toSatisfy(isBackAt(PATH));
    }
    expect((await agent.post(action, { csrf_token: hidden['csrf_token'] ?? '' })).status).toBe(400);
    expect((await owners.get(PATH)).status).toBe(200);
  });
});

describe('the profile', () => {
  it('shows what is known, says whom to ask, and is read only', async () => {
    const person = await aPerson(clinch, { name: '<i>Wang</i>', phoneNumberVerified: false });
    const { page } = await atOwnPage(clinch.url, '/account', person);
    for (const value of ['lihua@example.com', '+8613800000000', 'Asia/Shanghai', '杭州市余杭区', '&lt;i>Wang']) {
      expect(page.text).toContain(value);
    }
    expect(page.text).toContain(WORDS.profile.unverified);
    expect(page.text).toContain(WORDS.profile.whomToAsk);
    expect(page.text).not.toContain(WORDS.profile.fromDingTalk);
    expect(page.text).not.toContain('<i>');
    expect(postFormsOf(page)).toEqual([]);
    expect(page.text).toContain('/account/password');
  });
});

describe('what people change of themselves', () => {
  const PATH = '/account/edit';
  const words = WORDS.profileEdit;

  async function claimsOf({ id }: Pick<TestPerson, 'id'>): Promise<Readonly<Record<string, unknown>>> {
    return (await clinch.app.get(AccountStore).find(id))?.claims ?? {};
  }

  function namesOf(page: Answer): string[] {
    return [...page.text.matchAll(/<(?:input type="text"|select)[^>]* name="(\w+)"/g)].map(([, name = '']) => name);
  }

  /** Makes them somebody of an organisation, whose record says what is given. */
  async function ofOrganisation(person: TestPerson, given: SourceOfTest = {}) {
    const { id } = await anIdentitySource(clinch, {
      id: person.username.replace('.', '-'),
      corpId: person.username,
      matchBy: ['email'],
      ...given,
    });
    const source = await clinch.app.get(IdentitySources).find(id);
    if (source === undefined) throw new Error('no source');
    const record = {
      userid: person.id,
      unionid: person.id,
      name: '李华',
      nickname: '小华',
      org_email: emailOf(person),
    };
    const sync = () => clinch.app.get(People).admit(source, record, 'test');
    expect(await sync()).toMatchObject({ outcome: 'matched' });
    return sync;
  }

  const emailOf = ({ username }: TestPerson) => `${username}@corp.example`;

  it('is saved, shown, told to apps and noted with the person as the one who did it', async () => {
    const seen: AuditRecord[] = [];
    clinch.app.get(AuditLog).declareSink((record) => seen.push(record));
    const person = await aPerson(clinch);
    const { agent, page: profile } = await atOwnPage(clinch.url, '/account', person);
    expect(profile.text).toContain(`href="${PATH}"`);
    const page = await agent.get(PATH);
    expect(namesOf(page)).toEqual(['nickname', 'website', 'zoneinfo', 'locale']);
    expect(page.text).toContain(words.whomToAsk);
    expect(page.text).not.toMatch(/<script|\sstyle=|\son[a-z]+="/i);
    const { action, hidden } = postFormTo(page, PATH);
    const form = { nickname: ' 阿华 ', website: 'https://hua.example/?a=1&b=2', zoneinfo: '', locale: 'en-GB' };
    const answer = await agent.post(action, { ...hidden, ...form });
    expect(answer.status).toBe(303);
    const after = await agent.follow(answer);
    expect(new URL(after.url).pathname).toBe('/account');
    for (const text of [words.saved, '阿华', 'https://hua.example/?a=1&amp;b=2']) expect(after.text).toContain(text);
    const claims = await claimsOf(person);
    expect(claims).toMatchObject({ nickname: '阿华', website: 'https://hua.example/?a=1&b=2', locale: 'en-GB' });
    expect(claims['zoneinfo']).toBeUndefined();
    const again = await agent.get(PATH);
    expect(again.text).toContain('value="阿华"');
    expect(again.text).toMatch(/<option selected[^>]* value="en-GB"|<option value="en-GB" selected/);
    const noted = seen.filter(({ event, details }) => event === 'account.changed' && details['account'] === person.id);
    expect(noted).toHaveLength(1);
    expect(noted[0]?.actor.accountId).toBe(person.id);
    expect(noted[0]?.details['fields']).toEqual(['nickname', 'website', 'zoneinfo', 'locale']);
    // The same once more is no change.
    await agent.post(action, { ...hidden, ...form });
    expect(
      seen.filter(({ event, details }) => event === 'account.changed' && details['account'] === person.id),
    ).toEqual(noted);
  });

  it.each([
    ['nickname', 'x'.repeat(201)],
    ['nickname', 'a\u202eb'],
    ['nickname', 'a\u0000b'],
    ['website', 'javascript:alert(1)'],
    ['website', 'example.com'],
    ['website', 'https://u:p@example.com/'],
    ['website', `https://example.com/${'x'.repeat(1_000)}`],
    ['zoneinfo', 'Mars/Olympus'],
    ['zoneinfo', '+08:00'],
    ['locale', 'not a language'],
    ['locale', 'zh_CN'],
  ] as const)('refuses as %s what the admin API refuses, and says so beside the field: %j', async (field, value) => {
    const person = await aPerson(clinch);
    const before = await claimsOf(person);
    const { agent, page } = await atOwnPage(clinch.url, PATH, person);
    const { action, hidden } = postFormTo(page, PATH);
    const answer = await agent.post(action, {
      ...hidden,
      [field]: value,
      ...(field === 'nickname' ? {} : { nickname: 'x' }),
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(`id="field-${field}-error"`);
    expect(answer.text).toContain(words.unfit[field]);
    expect(answer.text).toContain(`aria-describedby="field-${field}-error"`);
    expect(await claimsOf(person)).toEqual(before);
  });

  it('shows what was typed as text', async () => {
    const { agent, page } = await atOwnPage(clinch.url, PATH, await aPerson(clinch));
    const { action, hidden } = postFormTo(page, PATH);
    const typed = '"><script>alert(1)</script>';
    const refused = await agent.post(action, {
      ...hidden,
      nickname: typed,
      website: typed,
      zoneinfo: typed,
      locale: typed,
    });
    expect(refused.status).toBe(400);
    expect(refused.text).not.toContain('<script');
    const saved = await agent.follow(await agent.post(action, { ...hidden, nickname: typed }));
    expect(saved.text).toContain('&lt;script>alert(1)');
    expect(saved.text).not.toContain('<script');
  });

  it('takes no other field, whatever the form says, and leaves alone what it does not say', async () => {
    const person = await aPerson(clinch, { nickname: '小李' });
    const before = await claimsOf(person);
    const { agent, page } = await atOwnPage(clinch.url, PATH, person);
    const { action, hidden } = postFormTo(page, PATH);
    const forged = {
      email: 'boss@corp.example',
      email_verified: 'true',
      phone_number: '+8613900000000',
      status: 'disabled',
      username: 'root',
      name: 'Boss',
      password: 'a brand new password 7',
      id: 'x',
      custom: '{}',
      'address[country]': 'x',
      __proto__x: 'x',
    };
    expect((await agent.post(action, { ...hidden, ...forged, website: 'https://hua.example/' })).status).toBe(303);
    const { updated_at: _, website, ...rest } = await claimsOf(person);
    const { updated_at: _before, website: _website, ...old } = before;
    expect(website).toBe('https://hua.example/');
    expect(rest).toEqual(old);
    expect((await atOwnPage(clinch.url, '/account', person)).page.status).toBe(200);
  });

  it('is not what the directory says, and outlasts the next sync', async () => {
    const person = await aPerson(clinch, {
      username: 'synced.one',
      email: 'synced.one@corp.example',
      emailVerified: true,
    });
    const sync = await ofOrganisation(person);
    const { agent, page } = await atOwnPage(clinch.url, PATH, person);
    expect(namesOf(page)).toEqual(['website', 'zoneinfo', 'locale']);
    expect(page.text).toContain(words.fromDingTalkNote);
    const { action, hidden } = postFormTo(page, PATH);
    const form = { nickname: 'forged', website: 'https://hua.example/', zoneinfo: 'Europe/Berlin', locale: 'de' };
    expect((await agent.post(action, { ...hidden, ...form })).status).toBe(303);
    expect((await claimsOf(person))['nickname']).toBe('小华');
    await sync();
    const kept = { nickname: '小华', website: form.website, zoneinfo: form.zoneinfo, locale: form.locale };
    expect(await claimsOf(person)).toMatchObject(kept);
  });

  it('is not there where the directory says all of it', async () => {
    const person = await aPerson(clinch, {
      username: 'synced.all',
      email: 'synced.all@corp.example',
      emailVerified: true,
    });
    const { agent, page } = await atOwnPage(clinch.url, PATH, person);
    const { action, hidden } = postFormTo(page, PATH);
    const fields = { website: ['x'], zoneinfo: ['x'], locale: ['x'], nickname: ['nickname'] };
    await ofOrganisation(person, { mapping: { email: ['org_email'], ...fields } });
    expect((await agent.get(PATH)).status).toBe(404);
    expect((await agent.post(action, { ...hidden, locale: 'de' })).status).toBe(404);
    expect((await agent.get('/account')).text).not.toContain(PATH);
  });
});

describe('the password', () => {
  const PATH = '/account/password';

  it('is changed with the old one, twice the same, and the browser stays signed in', async () => {
    const person = await aPerson(clinch);
    const { agent, page } = await atOwnPage(clinch.url, PATH, person);
    const { action, hidden } = postFormTo(page, PATH);
    const next = 'a brand new password 7';
    const words = WORDS.password;
    const refusals: [Record<string, string>, string][] = [
      [{}, words.currentMissing],
      [{ current: person.password }, words.freshMissing],
      [{ current: person.password, fresh: next, again: 'something else 77' }, words.againDiffers],
      [{ current: 'not this one', fresh: next, again: next }, words.currentWrong],
      [{ current: person.password, fresh: 'short', again: 'short' }, words.freshUnfit.too_short],
      [{ current: person.password, fresh: 'password', again: 'password' }, words.freshUnfit.common],
    ];
    for (const [form, word] of refusals) {
      const answer = await agent.post(action, { ...hidden, ...form });
      expect(answer.status).toBe(400);
      expect(answer.text).toContain(word);
      expect(answer.text).not.toContain(person.password);
    }
    const changed = await agent.post(action, { ...hidden, current: person.password, fresh: next, again: next });
    expect(changed.status).toBe(303);
    const profile = await agent.follow(changed);
    expect(new URL(profile.url).pathname).toBe('/account');
    expect(profile.text).toContain(words.changed);
    const again = await atOwnPage(clinch.url, '/account', { ...person, password: next });
    expect(again.page.status).toBe(200);
    // Whoever was led there by a link has not changed it.
    expect((await again.agent.get('/account?done=1')).text).not.toContain(words.changed);
  });

  it('is not there for who has none, or has none any more', async () => {
    const person = await aPerson(clinch);
    const { agent, page } = await atOwnPage(clinch.url, PATH, person);
    const { action, hidden } = postFormTo(page, PATH);
    await clinch.app.get(AccountStore).repository.update({ id: person.id }, { passwordHash: null });
    expect((await agent.get(PATH)).status).toBe(404);
    const form = { ...hidden, current: person.password, fresh: 'a brand new one 9', again: 'a brand new one 9' };
    expect((await agent.post(action, form)).status).toBe(404);
    expect((await agent.get('/account')).text).not.toContain(PATH);
  });
});

describe('another account', () => {
  it('is chosen, or signed in, and its apps come next', async () => {
    const [first, second] = [await aPerson(clinch), await aPerson(clinch)];
    const { agent, page } = await atOwnPage(clinch.url, '/', first);
    expect(page.text).toContain('href="/account/switch"');
    const chooser = await agent.follow(await agent.get('/account/switch'));
    expect(chooser.text).toContain(first.username);
    const login = await agent.press(chooser, 'other');
    const after = await agent.signIn(login, second);
    expect(new URL(after.url).pathname).toBe('/');
    expect(after.text).toContain(second.username);
  });
});

function browser(userAgent: string): UserAgent {
  const agent = new UserAgent(clinch.url);
  agent.headers['User-Agent'] = userAgent;
  return agent;
}

/** The list as it is, without a word that something was done. */
function isBackAt(path: string): (answer: Answer) => boolean {
  return ({ status, headers }) => status === 303 && headers.get('location') === clinch.url + path;
}

function headings({ text }: Answer): string[] {
  return [...text.matchAll(/<h2>(.*?)<\/h2>/gs)].map(([, heading = '']) => heading.replace(/<[^>]*>/g, ''));
}
