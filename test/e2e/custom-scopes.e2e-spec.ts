import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CustomScopes } from '../../src/custom-scopes/custom-scopes.js';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { anApp, aPerson } from '../support/builders.js';
import { aCli, askForCodes, confirmationPage } from '../support/device.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, UserAgent } from '../support/user-agent.js';

const DESCRIPTION = { 'zh-CN': '查看你的部门', en: 'See your department' };
const CLAIM = { name: 'department', value: 'user.departments[0].name' };

let clinch: TestClinch;
let admin: AdminApi;
let count = 0;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

async function scope(fields: object = {}): Promise<string> {
  const body = { name: `scope-${count++}`, description: DESCRIPTION, claims: [CLAIM], ...fields };
  return String((await admin.made('scopes', body))['name']);
}

const discovery = async () => (await (await fetch(`${clinch.url}/.well-known/openid-configuration`)).json()) as Json;

describe('a scope of the operator’s own', () => {
  it('is made, read, changed, replaced, listed and deleted', async () => {
    const name = await scope();
    const path = `scopes/${name}`;
    const made = await admin.call('GET', path);
    const claims = [{ ...CLAIM, in: ['userinfo'], on_error: 'omit' }];
    expect(made).toMatchObject({ status: 200, body: { name, description: DESCRIPTION, claims } });
    const words = { 'zh-CN': '部门', en: 'Department' };
    const changed = await admin.call('PATCH', path, { name, description: words });
    expect(changed).toMatchObject({ status: 200, body: { description: words, claims } });
    const replaced = await admin.call('PUT', path, { description: DESCRIPTION });
    expect(replaced).toMatchObject({ status: 200, body: { name, description: DESCRIPTION, claims: [] } });
    const listed = await admin.call('GET', 'scopes?limit=200');
    expect(listed.body['items']).toContainEqual(replaced.body);
    expect((await admin.call('DELETE', path)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await admin.call(method, path)).status).toBe(404);
  });

  it('may be called whatever RFC 6749 §3.3 allows', async () => {
    const name = await scope({ name: "hr/employment:read?#[~'" });
    const path = `scopes/${encodeURIComponent(name)}`;
    expect((await admin.call('GET', path)).body['name']).toBe(name);
    expect((await admin.call('DELETE', path)).status).toBe(204);
  });

  it('stands in the discovery document with its claims, for as long as it is there', async () => {
    const name = await scope({
      claims: [
        { ...CLAIM, name: 'cost_center' },
        { ...CLAIM, name: 'email' },
      ],
    });
    const document = await discovery();
    expect(document['scopes_supported']).toContain(name);
    const claims = document['claims_supported'] as string[];
    expect(claims).toContain('cost_center');
    expect(claims.filter((claim) => claim === 'email')).toHaveLength(1);
    await admin.call('DELETE', `scopes/${name}`);
    expect(await discovery()).toMatchObject({ scopes_supported: expect.not.arrayContaining([name]) as unknown });
  });

  it('stays in the discovery document while the database is away, or silent', async () => {
    const name = await scope();
    expect((await discovery())['scopes_supported']).toContain(name);
    const rows = vi.spyOn(clinch.app.get(CustomScopes)['scopes'], 'find');
    const faults = [() => Promise.reject(new Error('the database is away')), () => new Promise<never>(() => undefined)];
    for (const fault of faults) {
      rows.mockImplementation(fault);
      // What was read before counts no more.
      await delay(1_100);
      const began = performance.now();
      const documents = await Promise.all(Array.from({ length: 20 }, discovery));
      for (const document of documents) expect(document['scopes_supported']).toContain(name);
      expect(performance.now() - began).toBeLessThan(3_000);
    }
    // A token is not made from what may be old.
    rows.mockRejectedValue(new Error('the database is away'));
    clinch.app.get(CustomScopes).forget();
    await expect(clinch.app.get(CustomScopes).find(name)).rejects.toThrow('away');
    rows.mockRestore();
    expect((await discovery())['scopes_supported']).toContain(name);
    expect(await clinch.app.get(CustomScopes).find(name)).toBeDefined();
  });

  it('is found in memory at once after a change', async () => {
    const scopes = clinch.app.get(CustomScopes);
    const name = await scope();
    expect(await scopes.find(name)).toMatchObject({ name, description: DESCRIPTION, claims: [CLAIM] });
    expect(await scopes.among(['openid', name, 'other', name])).toHaveLength(1);
    await admin.call('PATCH', `scopes/${name}`, { claims: [] });
    expect(await scopes.find(name)).toMatchObject({ claims: [] });
    await admin.call('DELETE', `scopes/${name}`);
    expect(await scopes.find(name)).toBeUndefined();
  });
});

describe('a person who is asked', () => {
  it.each([
    ['en', 'See your department'],
    ['zh-CN', '查看你的部门'],
  ])('reads it in words (%s): for an app and for a device', async (locale, words) => {
    const name = await scope();
    const person = await aPerson(clinch);
    const app = await anApp(clinch, { scope: `openid ${name}`, requireConsent: true });
    const agent = new UserAgent(clinch.url);
    agent.headers['Accept-Language'] = locale;
    const asked = await agent.get(authorizeUrl(clinch.url, app, { scope: `openid ${name}` }));
    const page = await agent.signIn(await agent.follow(asked), person);
    expect(page.text).toContain(`<span class="scope-title">${words}</span>`);
    const cli = await aCli(clinch, { scope: `openid ${name}` });
    const codes = await askForCodes(clinch.url, cli, { scope: `openid ${name}` });
    const device = await confirmationPage(clinch.url, codes, person, agent);
    expect(device.page.text).toContain(`<span class="scope-title">${words}</span>`);
  });
});

describe('what is refused', () => {
  const whole = { name: 'fine', description: DESCRIPTION, claims: [] };
  it.each([
    ['a scope of OpenID Connect', { ...whole, name: 'email' }, ['name']],
    ['a scope of Clinch’s own', { ...whole, name: 'groups' }, ['name']],
    ['what looks like a right on the admin API', { ...whole, name: 'clinch:users:read' }, ['name']],
    ['what is no scope-token', { ...whole, name: 'two words' }, ['name']],
    ['no name', { description: DESCRIPTION }, ['name']],
    ['no words', { name: 'fine' }, ['description.en', 'description.zh-CN']],
    ['words in one language', { ...whole, description: { en: 'See' } }, ['description.zh-CN']],
    ['words in another', { ...whole, description: { ...DESCRIPTION, fr: 'Voir' } }, ['description.fr']],
    ['a claim of the token itself', { ...whole, claims: [{ ...CLAIM, name: 'aud' }] }, ['claims.0.name']],
    ['a claim twice', { ...whole, claims: [CLAIM, CLAIM] }, ['claims.1.name']],
    ['a claim without a value', { ...whole, claims: [{ name: 'x' }] }, ['claims.0.value']],
    ['a place that there is not', { ...whole, claims: [{ ...CLAIM, in: ['cookie'] }] }, ['claims.0.in']],
    [
      'an expression of nothing',
      { ...whole, claims: [CLAIM, { name: 'x', value: 'user.nothing' }] },
      ['claims.1.value'],
    ],
    ['half an expression', { ...whole, claims: [{ name: 'x', value: '"a" +\n' }] }, ['claims.0.value']],
  ])('%s', async (_, body, fields) => {
    const answer = await admin.call('POST', 'scopes', body);
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer).toSorted()).toEqual(fields);
  });

  it('an expression, with the place of the mistake', async () => {
    const claims = [{ name: 'x', value: 'user.name +\n  user.nothing' }];
    const { body } = await admin.call('POST', 'scopes', { ...whole, claims });
    expect((body['errors'] as Json[])[0]?.['problem']).toMatch(/^line 2, column \d+: /);
  });

  it('a name that is taken, and another name', async () => {
    const name = await scope();
    expect((await admin.call('POST', 'scopes', { ...whole, name })).status).toBe(409);
    const renamed = await admin.call('PATCH', `scopes/${name}`, { name: 'other' });
    expect(renamed.status).toBe(400);
    expect(fieldsOf(renamed)).toEqual(['name']);
  });
});
