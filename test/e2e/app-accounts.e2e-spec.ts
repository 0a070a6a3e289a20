import { decodeJwt } from 'jose';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountEntity } from '../../src/accounts/account.entity.js';
import type { ClientEntity } from '../../src/app-registry/client.entity.js';
import { newIdentifier } from '../../src/protocol/opaque-token.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aCli, askForCodes, confirmationPage, poll } from '../support/device.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { insertRows } from '../support/rows.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, formOf, redeem, responseParameters, UserAgent, type Answer } from '../support/user-agent.js';

const CLAIMS = JSON.stringify({ id_token: { preferred_username: null } });

let clinch: TestClinch;
let admin: AdminApi;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

async function named({ clientId }: TestApp, { id: user }: TestPerson, username: string): Promise<string> {
  const { status, body } = await admin.call('POST', `apps/${clientId}/accounts`, { user, username });
  expect(status, JSON.stringify(body)).toBe(201);
  return String(body['id']);
}

async function userinfo(token: unknown): Promise<Json> {
  const response = await fetch(`${clinch.url}/oidc/userinfo`, {
    headers: { Authorization: `Bearer ${String(token)}` },
  });
  return (await response.json()) as Json;
}

/** Signs in and stops where a choice is to be made, or at the app. */
async function asked(
  app: TestApp,
  person: TestPerson,
  parameters: Readonly<Record<string, string>> = {},
  agent = new UserAgent(clinch.url),
): Promise<{ agent: UserAgent; page: Answer }> {
  const url = authorizeUrl(clinch.url, app, { scope: 'openid profile offline_access', claims: CLAIMS, ...parameters });
  const first = await agent.follow(await agent.get(url));
  return { agent, page: first.text.includes('name="password"') ? await agent.signIn(first, person) : first };
}

async function choose(agent: UserAgent, page: Answer, id: string): Promise<Answer> {
  const { action, hidden } = formOf(page);
  return agent.follow(await agent.post(action, { ...hidden, app_account: id }));
}

async function tokensOf(app: TestApp, answer: Answer): Promise<Json> {
  return (await redeem(clinch.url, app, responseParameters(answer).get('code') ?? '')).body;
}

/** What the app hears of the name, wherever it can: it must be the same everywhere. */
async function nameHeard(tokens: Json): Promise<unknown> {
  const atUserinfo = (await userinfo(tokens['access_token']))['preferred_username'];
  expect(decodeJwt(String(tokens['id_token']))['preferred_username']).toBe(atUserinfo);
  return atUserinfo;
}

async function nameOf(app: TestApp, person: TestPerson): Promise<unknown> {
  return nameHeard(await tokensOf(app, (await asked(app, person)).page));
}

describe('the name of a person in an app', () => {
  const DRESSED: Partial<AccountEntity> = { custom: { job_number: 4711, nick: 'Äffchen' } };

  it.each<[rule: string, app: Partial<ClientEntity>, person: Partial<AccountEntity>, name: string | undefined]>([
    ['none: their own', {}, {}, 'lihua'],
    ['username', { accountRule: 'username' }, { username: 'By.Username' }, 'By.Username'],
    ['email_prefix', { accountRule: 'email_prefix' }, { email: 'zhang.san@x.example' }, 'zhang.san'],
    ['email_prefix, not verified', { accountRule: 'email_prefix' }, { emailVerified: false }, undefined],
    ['email_prefix, for an app without email', { accountRule: 'email_prefix', scope: 'openid profile' }, {}, undefined],
    ['job_number', { accountRule: 'job_number' }, DRESSED, '4711'],
    ['job_number, of somebody without', { accountRule: 'job_number' }, {}, undefined],
    ['dingtalk_user_id, of somebody without', { accountRule: 'dingtalk_user_id' }, {}, undefined],
    [
      'expression',
      { accountRule: 'expression', accountExpression: 'lower(user.custom.nick) + "@" + app.id.substring(0, 3)' },
      DRESSED,
      'äffchen@app',
    ],
    ['expression without a value', { accountRule: 'expression', accountExpression: 'user.custom.none' }, {}, undefined],
    ['expression that gives nothing', { accountRule: 'expression', accountExpression: '""' }, {}, undefined],
    [
      'expression over an e-mail that the app may not have',
      { accountRule: 'expression', accountExpression: 'user.email', scope: 'openid profile' },
      {},
      undefined,
    ],
  ])('by the rule %s', async (_rule, app, differences, name) => {
    expect(await nameOf(await anApp(clinch, app), await aPerson(clinch, differences))).toBe(name);
  });

  it('by the rule dingtalk_user_id is that of the first source in which the person still is', async () => {
    const person = await aPerson(clinch);
    const identity = { account_id: person.id, corp_id: 'ding1', left_at: null };
    const rows = [
      { id: newIdentifier(), source_id: 'b', user_id: 'manager4711', user_key: `1 ${person.id}`, union_id: 'u1' },
      { id: newIdentifier(), source_id: 'c', user_id: 'other', user_key: `2 ${person.id}`, union_id: 'u2' },
      { id: newIdentifier(), source_id: 'a', user_id: 'left', user_key: null, union_id: 'u3' },
    ];
    for (const row of rows) {
      await insertRows(clinch.app.get(DataSource), 'federated_identities', 1, { ...identity, ...row });
    }
    expect(await nameOf(await anApp(clinch, { accountRule: 'dingtalk_user_id' }), person)).toBe('manager4711');
  });

  it('is first of all the one that was given by hand, from the next token on', async () => {
    const [app, person] = await Promise.all([aRefreshingApp(clinch, { accountRule: 'username' }), aPerson(clinch)]);
    const tokens = await tokensOf(app, (await asked(app, person)).page);
    expect(await nameHeard(tokens)).toBe(person.username);
    expect(decodeJwt(String(tokens['access_token']))).not.toHaveProperty('app_account');
    const id = await named(app, person, 'by.hand');
    expect((await userinfo(tokens['access_token']))['preferred_username']).toBe('by.hand');
    const { body } = await refresh(clinch.url, app, String(tokens['refresh_token']));
    expect((await userinfo(body['access_token']))['preferred_username']).toBe('by.hand');
    await admin.call('PATCH', `apps/${app.clientId}/accounts/${id}`, { username: 'by.hand.2' });
    expect((await userinfo(body['access_token']))['preferred_username']).toBe('by.hand.2');
    await admin.call('DELETE', `apps/${app.clientId}/accounts/${id}`);
    expect((await userinfo(body['access_token']))['preferred_username']).toBe(person.username);
  });

  it('is not made by a rule out of what is somebody else’s by hand', async () => {
    const [app, owner, other] = await Promise.all([
      anApp(clinch, { accountRule: 'username' }),
      aPerson(clinch),
      aPerson(clinch, { username: 'admin.4711' }),
    ]);
    await named(app, owner, 'Admin.4711');
    expect(await nameOf(app, owner)).toBe('Admin.4711');
    expect(await nameOf(app, other)).toBeUndefined();
  });
});

describe('a name that a rule would make for two people', () => {
  const BY_EMAIL = { accountRule: 'email_prefix' } as const;
  const rename = (person: TestPerson, email: string) =>
    clinch.app.get(DataSource).getRepository('accounts').update({ id: person.id }, { email, emailVerified: true });

  it('is of the one who came first, whatever the case of its letters; the other one has none, and does not get in', async () => {
    const [app, first, second] = await Promise.all([
      aRefreshingApp(clinch, { ...BY_EMAIL, requireAccount: true }),
      aPerson(clinch, { email: 'boss@a.example' }),
      aPerson(clinch, { email: 'Boss@b.example' }),
    ]);
    const path = `apps/${app.clientId}`;
    // Looking at it takes nothing.
    const lab = await admin.call('POST', `${path}/claim-lab`, { user: second.id });
    expect(lab.status, JSON.stringify(lab.body)).toBe(200);
    expect((await admin.call('GET', `${path}/access/${second.id}`)).body['allowed']).toBe(true);
    expect((await admin.call('GET', `${path}/accounts`)).body['items']).toEqual([]);
    expect(await nameOf(app, first)).toBe('boss');
    const { body } = await admin.call('GET', `${path}/access/${second.id}`);
    expect(body).toMatchObject({ allowed: false, reason: { kind: 'no_app_account' } });
    expect((body['reason'] as Json)['text']).toMatch(/somebody else/);
    const { page } = await asked(app, second);
    expect(page.headers.get('location') ?? '').not.toContain('code=');
    await admin.call('PATCH', path, { require_account: false });
    expect(await nameOf(app, second)).toBeUndefined();
    expect(await nameOf(app, first)).toBe('boss');
    const kept = await admin.call('GET', `${path}/accounts`);
    expect(kept.body['items']).toMatchObject([{ user: first.id, username: 'boss', made_by: 'rule' }]);
  });

  it('follows the person, and is free when the rule is another one or the operator says so', async () => {
    const [app, first, second] = await Promise.all([
      aRefreshingApp(clinch, BY_EMAIL),
      aPerson(clinch, { email: 'one@a.example', custom: { job_number: 7 } }),
      aPerson(clinch, { email: 'one@b.example', custom: { job_number: 8 } }),
    ]);
    const path = `apps/${app.clientId}`;
    const tokens = await tokensOf(app, (await asked(app, first)).page);
    expect(await nameHeard(tokens)).toBe('one');
    await rename(first, 'two@a.example');
    expect((await userinfo(tokens['access_token']))['preferred_username']).toBe('two');
    expect(await nameOf(app, second)).toBe('one');
    await rename(first, 'one@a.example');
    expect(await nameOf(app, first)).toBeUndefined();
    await admin.call('PATCH', path, { account_rule: 'job_number' });
    expect((await admin.call('GET', `${path}/accounts`)).body['items']).toEqual([]);
    expect([await nameOf(app, first), await nameOf(app, second)]).toEqual(['7', '8']);
    await admin.call('PATCH', path, { account_rule: 'email_prefix' });
    expect([await nameOf(app, first), await nameOf(app, second)]).toEqual(['one', undefined]);
    const { body } = await admin.call('GET', `${path}/accounts?user=${first.id}`);
    const [{ id } = {}] = body['items'] as Json[];
    const taken = await admin.call('POST', `${path}/accounts`, { user: second.id, username: 'ONE' });
    expect([taken.status, fieldsOf(taken)]).toEqual([409, ['username']]);
    await admin.call('DELETE', `${path}/accounts/${String(id)}`);
    await named(app, second, 'ONE');
    expect([await nameOf(app, first), await nameOf(app, second)]).toEqual([undefined, 'ONE']);
  });

  it('is kept once, of any number of first sign-ins at once', async () => {
    const app = await aRefreshingApp(clinch, BY_EMAIL);
    const people = await Promise.all(
      ['a', 'b', 'c', 'd'].map((host) => aPerson(clinch, { email: `x@${host}.example` })),
    );
    const names = await Promise.all(people.map((person) => nameOf(app, person)));
    expect(names.filter((name) => name === 'x')).toHaveLength(1);
    expect(names.filter((name) => name === undefined)).toHaveLength(3);
  });

  it('may be given by hand to whom the rule calls so', async () => {
    const [app, person] = await Promise.all([
      aRefreshingApp(clinch, BY_EMAIL),
      aPerson(clinch, { email: 'hand@a.example' }),
    ]);
    expect(await nameOf(app, person)).toBe('hand');
    await named(app, person, 'hand');
    expect(await nameOf(app, person)).toBe('hand');
  });
});

describe('a choice among several names', () => {
  let app: TestApp;
  let person: TestPerson;
  let first: string;
  let second: string;

  beforeAll(async () => {
    [app, person] = await Promise.all([aRefreshingApp(clinch, { clientName: 'Payroll' }), aPerson(clinch)]);
    [first, second] = [await named(app, person, 'a.payer'), await named(app, person, 'b.auditor')];
  });

  it('is asked for at the sign-in, and goes with the tokens as long as they are refreshed', async () => {
    const { agent, page } = await asked(app, person);
    expect(page.text).toContain(MESSAGES.en.selectAppAccount.question('Payroll'));
    expect(page.text.indexOf('a.payer')).toBeLessThan(page.text.indexOf('b.auditor'));
    const tokens = await tokensOf(app, await choose(agent, page, second));
    expect(await nameHeard(tokens)).toBe('b.auditor');
    expect(decodeJwt(String(tokens['access_token']))['app_account']).toBe(second);
    // Another sign-in with the other name changes nothing for this one.
    const again = await asked(app, person);
    await choose(again.agent, again.page, first);
    const { body } = await refresh(clinch.url, app, String(tokens['refresh_token']));
    expect(await userinfo(body['access_token'])).toMatchObject({ preferred_username: 'b.auditor' });
  });

  it('shows the last choice first, and takes it where no page may be shown', async () => {
    const fresh = await asked(app, person);
    await choose(fresh.agent, fresh.page, second);
    const { agent, page } = await asked(app, person, {}, fresh.agent);
    expect(page.text).toContain(MESSAGES.en.selectAppAccount.asLastTime('b.auditor'));
    expect(page.text.indexOf('b.auditor')).toBeLessThan(page.text.indexOf('a.payer'));
    const silent = await agent.get(authorizeUrl(clinch.url, app, { scope: 'openid profile', prompt: 'none' }));
    const tokens = await tokensOf(app, silent);
    expect(await userinfo(tokens['access_token'])).toMatchObject({ preferred_username: 'b.auditor' });
  });

  it('answers account_selection_required with prompt=none to somebody who never chose', async () => {
    const other = await aPerson(clinch);
    await named(app, other, 'c.one');
    const { agent } = await asked(app, other);
    await named(app, other, 'c.two');
    const silent = await agent.get(authorizeUrl(clinch.url, app, { prompt: 'none' }));
    expect(responseParameters(silent).get('error')).toBe('account_selection_required');
  });

  it('is asked again for a name that was taken away, or is somebody else’s', async () => {
    const other = await aPerson(clinch);
    const [one, two, three] = [
      await named(app, other, 'd.one'),
      await named(app, other, 'd.two'),
      await named(app, other, 'd.three'),
    ];
    const { agent, page } = await asked(app, other);
    for (const wrong of [first, 'x']) {
      const answer = await choose(agent, page, wrong);
      expect(answer.text, wrong).toContain(MESSAGES.en.selectAppAccount.heading);
    }
    await admin.call('DELETE', `apps/${app.clientId}/accounts/${two}`);
    const stale = await choose(agent, page, two);
    expect(stale.text).not.toContain('d.two');
    const tokens = await tokensOf(app, await choose(agent, stale, three));
    await admin.call('DELETE', `apps/${app.clientId}/accounts/${three}`);
    const { body } = await refresh(clinch.url, app, String(tokens['refresh_token']));
    expect(decodeJwt(String(body['access_token']))['app_account']).toBe(one);
    expect(await userinfo(tokens['access_token'])).toMatchObject({ preferred_username: 'd.one' });
  });

  it('is not made for somebody else who signed in since', async () => {
    const other = await aPerson(clinch);
    const theirs = [await named(app, other, 'e.one'), await named(app, other, 'e.two')];
    const { agent, page } = await asked(app, person);
    const { action, hidden } = formOf(page);
    await asked(await anApp(clinch), other, { prompt: 'login' }, agent);
    // The form names the first one: it is worth nothing for the second.
    expect((await agent.post(action, { ...hidden, app_account: theirs[0] ?? '' })).status).toBe(403);
  });

  it('is made where a device is let in', async () => {
    const cli = await aCli(clinch, { scope: 'openid profile' });
    const names = [await named(cli, person, 'f.one'), await named(cli, person, 'f.two')];
    const codes = await askForCodes(clinch.url, cli, { scope: 'openid profile' });
    const { agent, page } = await confirmationPage(clinch.url, codes, person);
    expect(page.text).toContain('<select');
    const { action, hidden } = formOf(page);
    const none = await agent.post(action, { ...hidden, decision: 'allow', app_account: first });
    expect(none.status).toBe(400);
    await agent.post(action, { ...hidden, decision: 'allow', app_account: names[1] ?? '' });
    const { body } = await poll(clinch.url, cli, codes);
    expect(await userinfo(body['access_token'])).toMatchObject({ preferred_username: 'f.two' });
  });
});

describe('/admin/api/v1/apps/{client_id}/accounts', () => {
  it('lists by cursor and by person, reads, changes, deletes', async () => {
    const [app, one, other] = await Promise.all([anApp(clinch), aPerson(clinch), aPerson(clinch)]);
    const path = `apps/${app.clientId}/accounts`;
    const ids = [await named(app, one, '甲'), await named(app, one, '乙'), await named(app, other, 'c')];
    const page = await admin.call('GET', `${path}?limit=2`);
    const rest = await admin.call('GET', `${path}?limit=2&cursor=${String(page.body['next_cursor'])}`);
    const items = [...(page.body['items'] as Json[]), ...(rest.body['items'] as Json[])];
    expect(items.map(({ id }) => String(id)).toSorted()).toEqual(ids.toSorted());
    const theirs = await admin.call('GET', `${path}?user=${other.id}`);
    expect(theirs.body['items']).toMatchObject([{ id: ids[2], user: other.id, username: 'c', chosen_at: null }]);
    expect((await admin.call('PATCH', `${path}/${ids[2] ?? ''}`, { username: 'd' })).body['username']).toBe('d');
    expect((await admin.call('DELETE', `${path}/${ids[2] ?? ''}`)).status).toBe(204);
    expect((await admin.call('GET', `${path}/${ids[2] ?? ''}`)).status).toBe(404);
  });

  it('refuses what cannot be, naming the field', async () => {
    const [app, another, one, other] = await Promise.all([
      anApp(clinch),
      anApp(clinch),
      aPerson(clinch),
      aPerson(clinch),
    ]);
    const path = `apps/${app.clientId}/accounts`;
    const id = await named(app, one, 'taken');
    const second = await named(app, other, 'free');
    const taken = await admin.call('POST', path, { user: other.id, username: 'taken' });
    expect([taken.status, fieldsOf(taken)]).toEqual([409, ['username']]);
    const renamed = await admin.call('PATCH', `${path}/${second}`, { username: 'taken' });
    expect([renamed.status, fieldsOf(renamed)]).toEqual([409, ['username']]);
    await named(another, other, 'taken');
    const unknown = await admin.call('POST', path, { user: 'nobody', username: 'x' });
    expect([unknown.status, fieldsOf(unknown)]).toEqual([400, ['user']]);
    for (const username of ['', ' x', 'x\u202e', 'x'.repeat(201), 7, null]) {
      const answer = await admin.call('POST', path, { user: one.id, username });
      expect([answer.status, fieldsOf(answer)], String(username)).toEqual([400, ['username']]);
    }
    expect((await admin.call('POST', 'apps/nothing/accounts', { user: one.id, username: 'x' })).status).toBe(404);
    // One of another app is not there.
    for (const method of ['GET', 'DELETE']) {
      expect((await admin.call(method, `apps/${another.clientId}/accounts/${id}`)).status).toBe(404);
    }
  });

  it('goes with the app and with the person', async () => {
    const [app, another, one] = await Promise.all([anApp(clinch), anApp(clinch), aPerson(clinch)]);
    await named(app, one, 'gone');
    await named(another, one, 'gone');
    const other = await aPerson(clinch);
    await admin.call('DELETE', `users/${one.id}`);
    await named(another, other, 'gone');
    await admin.call('DELETE', `apps/${another.clientId}`);
    const left = await clinch.app.get(DataSource).query(`SELECT * FROM app_accounts WHERE username = 'gone'`);
    expect(left).toEqual([]);
  });

  it('gives nobody more than twenty', async () => {
    const [app, one] = await Promise.all([anApp(clinch), aPerson(clinch)]);
    for (let count = 0; count < 20; count++) await named(app, one, `n${count}`);
    const more = await admin.call('POST', `apps/${app.clientId}/accounts`, { user: one.id, username: 'more' });
    expect(more.status).toBe(409);
  });

  it.each<[fields: Json, problem: RegExp | undefined]>([
    [{ account_rule: 'expression' }, /is needed/],
    [{ account_expression: 'user.username' }, /only with account_rule expression/],
    [{ account_rule: 'username', account_expression: 'user.username' }, /only with account_rule expression/],
    [{ account_rule: 'expression', account_expression: 'user.usrname' }, /line 1, column \d+/],
    [{ account_rule: 'expression', account_expression: '1 + 1' }, /line 1, column \d+/],
    [{ account_rule: 'expression', account_expression: 'lower(user.username)' }, undefined],
  ])('judges the rule of an app when it is saved: %j', async (fields, problem) => {
    const app = await anApp(clinch);
    const answer = await admin.call('PATCH', `apps/${app.clientId}`, fields);
    expect(answer.status, JSON.stringify(answer.body)).toBe(problem === undefined ? 200 : 400);
    if (problem === undefined) return;
    expect(fieldsOf(answer)).toEqual(['account_expression']);
    expect(answer.body['detail']).toMatch(problem);
  });
});
