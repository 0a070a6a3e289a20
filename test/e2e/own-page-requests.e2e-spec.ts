import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPerson, type TestPerson } from '../support/builders.js';
import { atOwnPage } from '../support/own-pages.js';
import { countRows } from '../support/rows.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { UserAgent } from '../support/user-agent.js';

const PAGES = ['/', '/account', '/account/sessions', '/account/apps', '/account/devices', '/account/history'];

let clinch: TestClinch;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
  person = await aPerson(clinch);
});
afterAll(() => clinch.stop());

const waiting = () => countRows(clinch.app.get(DataSource), 'interactions');

describe('HEAD of a person’s own pages', () => {
  it.each(PAGES)('of %s keeps nothing and sets nothing', async (path) => {
    const before = await waiting();
    const answer = await fetch(clinch.url + path, { method: 'HEAD', redirect: 'manual' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await waiting()).toBe(before);
    // What is counted is what a GET leaves behind.
    expect((await new UserAgent(clinch.url).get(path)).status).toBe(303);
    expect(await waiting()).toBe(before + 1);
  });

  it('is refused where it would lead to the choice of accounts', async () => {
    const before = await waiting();
    const answer = await fetch(`${clinch.url}/account/switch`, { method: 'HEAD', redirect: 'manual' });
    expect(answer.status).toBe(405);
    expect(await waiting()).toBe(before);
  });
});

describe('a form that another site posts to a person’s own page', () => {
  const FOREIGN: Record<string, string>[] = [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ];

  it.each(FOREIGN)('is refused with %j, and leaves the browser’s cookies as they are', async (headers) => {
    const before = await waiting();
    // A browser sends no SameSite=Lax cookie with it: no cookie at all, as far as we can see.
    const answer = await new UserAgent(clinch.url).post('/account/sessions', { all: '1' }, headers);
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.text).toMatch(/<a [^>]*href="\/"/);
    expect(answer.text).not.toContain('the app');
    expect(await waiting()).toBe(before);
  });

  it('is sent to sign in when it is our own, and nobody is signed in any more', async () => {
    const { agent } = await atOwnPage(clinch.url, '/account/sessions', person);
    agent.cookies.delete('clinch_session');
    const own = { Origin: new URL(clinch.url).origin, 'Sec-Fetch-Site': 'same-origin' };
    const answer = await agent.post('/account/sessions', { all: '1' }, own);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toContain('/login?interaction=');
  });
});
