import type { Request } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountEntity } from '../../src/accounts/account.entity.js';
import { hashPassword } from '../../src/accounts/password.js';
import { ClientAuthentication } from '../../src/app-registry/client-authentication.js';
import { Csrf } from '../../src/http/csrf.js';
import { newOpaqueToken } from '../../src/protocol/opaque-token.js';
import { Parameters } from '../../src/protocol/parameters.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { formOf, UserAgent } from '../support/user-agent.js';
import { loginPage } from './support/b-flow.js';
import { mediansOf } from './support/b-measure.js';

const SAMPLES = 60;

// Times on a busy machine are worth a second look before they are believed.
describe('what time tells', { retry: 2 }, () => {
  let clinch: TestClinch;
  let app: TestApp;
  let person: TestPerson;
  let addresses = 0;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_TRUST_PROXY: '127.0.0.1' });
    app = await anApp(clinch);
    person = await aPersonAsStored();
  });
  afterAll(() => clinch.stop());

  /** Whose password takes as long to check as anybody's. */
  const aPersonAsStored = (differences: Partial<AccountEntity> = {}) => aPerson(clinch, differences, hashPassword);

  /** As from somebody whom no limit has met yet. */
  const stranger = () => ({
    'X-Forwarded-For': `10.${(++addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`,
  });

  /** What is left of a token request without the network: its client is looked up, and refused. */
  async function authenticate(clientId: string, secret: string): Promise<unknown> {
    const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
    const from = stranger()['X-Forwarded-For'];
    const request = { headers: { authorization }, rawHeaders: ['Authorization', authorization], ip: from };
    const authentication = clinch.app.get(ClientAuthentication);
    return authentication.authenticate(request as unknown as Request, Parameters.empty()).then(
      () => expect.unreachable(),
      (error: unknown) => error,
    );
  }

  async function attempts() {
    const agent = new UserAgent(clinch.url);
    const { action, hidden } = formOf(await loginPage(clinch, app, agent));
    return (username: string, password = 'not the password', headers = stranger()) =>
      agent.post(action, { ...hidden, username, password }, headers);
  }

  it('TIME-01 answers known and unknown names alike, in the same time', async () => {
    const attempt = await attempts();
    const known: string[] = [];
    // A name that is attacked often is slowed, so several share the samples.
    for (let index = 0; index < 6; index++) known.push((await aPersonAsStored()).username);
    const disabled = await aPersonAsStored({ status: 'disabled' });
    const without = await aPersonAsStored({ passwordHash: null });
    const pages = [
      await attempt(known[0] ?? ''),
      await attempt('nobody.at.all'),
      await attempt(disabled.username, disabled.password),
      await attempt(without.username),
    ];
    const shape = (page: (typeof pages)[number]) => ({
      status: page.status,
      headers: [...page.headers.entries()].filter(
        ([name]) => !['date', 'x-request-id', 'content-length'].includes(name),
      ),
      text: page.text.replace(/value="[^"]*"/g, ''),
    });
    for (const page of pages) expect(shape(page)).toEqual(shape(pages[0] ?? page));
    expect(pages[0]?.status).toBe(401);

    const { left, difference } = await mediansOf(
      SAMPLES,
      (index) => attempt(known[index % known.length] ?? ''),
      (index) => attempt(`${known[index % known.length] ?? ''}.nobody`),
    );
    expect(difference).toBeLessThan(Math.max(2, left * 0.2));
  });

  it('TIME-02 refuses known and unknown clients alike, in the same time', async () => {
    const attempt = async (clientId: string) => {
      const pair = Buffer.from(`${clientId}:${'x'.repeat(53)}`).toString('base64');
      const body = new URLSearchParams({ grant_type: 'authorization_code', code: 'c', redirect_uri: 'r' });
      const headers = { Authorization: `Basic ${pair}`, ...stranger() };
      const answer = await fetch(`${clinch.url}/oidc/token`, { method: 'POST', headers, body });
      return { status: answer.status, text: await answer.text(), challenge: answer.headers.get('www-authenticate') };
    };
    expect(await attempt(app.clientId)).toEqual(await attempt('app-nobody'));
    const { difference } = await mediansOf(
      2_000,
      () => authenticate(app.clientId, newOpaqueToken('clinch_cs_')),
      () => authenticate('app-nobody', newOpaqueToken('clinch_cs_')),
    );
    expect(difference).toBeLessThan(0.2);
  });

  it('TIME-03 shows no trend for a client secret that begins right', async () => {
    const right = app.clientSecret.slice(0, -1) + (app.clientSecret.endsWith('A') ? 'B' : 'A');
    const wrong = newOpaqueToken('clinch_cs_');
    const { left, difference } = await mediansOf(
      5_000,
      () => authenticate(app.clientId, right),
      () => authenticate(app.clientId, wrong),
    );
    expect(difference).toBeLessThan(Math.max(0.005, left * 0.1));
  });

  it('TIME-03 shows no trend for a CSRF token that begins right', async () => {
    const csrf = clinch.app.get(Csrf);
    const browser = newOpaqueToken();
    const token = csrf.token(browser, 'form');
    const headers = { cookie: `clinch_browser=${browser}` };
    const attempt = (value: string) => {
      try {
        csrf.check({ headers } as unknown as Request, 'form', value);
      } catch {
        return undefined;
      }
      throw new Error('the wrong token was taken');
    };
    const right = token.slice(0, -1) + (token.endsWith('A') ? 'E' : 'A');
    const wrong = (token.startsWith('A') ? 'B' : 'A').repeat(43);
    const { left, difference } = await mediansOf(
      5_000,
      () => attempt(right),
      () => attempt(wrong),
    );
    expect(difference).toBeLessThan(Math.max(0.005, left * 0.1));
  });

  it('TIME-07 counts all spellings of a name together', async () => {
    const attempt = await attempts();
    const name = `jörg.${person.username}`;
    const target = await aPersonAsStored({ username: name });
    const fullWidth = Array.from(name)
      .map((c) => (c >= 'a' && c <= 'z' ? String.fromCharCode(c.charCodeAt(0) + 0xfee0) : c))
      .join('');
    const spellings = [name, name.toUpperCase(), ` ${name} `, fullWidth, name.normalize('NFD'), `\u3000${name}\t`];
    const from = stranger();
    const statuses: number[] = [];
    for (let index = 0; index < 10; index++) {
      statuses.push((await attempt(spellings[index % spellings.length] ?? name, 'wrong', from)).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 8 }, () => 401), 429, 429]);
    expect((await attempt(name, target.password, from)).status).toBe(429);
    expect((await attempt(name.toUpperCase(), target.password)).status).toBe(303);
  });

  it('TIME-07 finds a name in any spelling, even one whose lower case is another letter', async () => {
    const attempt = await attempts();
    const target = await aPersonAsStored({ username: `J\u030Cana.${person.username}` });
    expect((await attempt(target.username, target.password)).status).toBe(303);
    expect((await attempt(target.username.toLowerCase(), target.password)).status).toBe(303);
  });

  it('TIME-08 lets no more than the limit through when a hundred guess at once', async () => {
    const attempt = await attempts();
    const target = await aPersonAsStored();
    const from = stranger();
    const answers = await Promise.all(Array.from({ length: 100 }, () => attempt(target.username, 'wrong', from)));
    const counted = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect(counted(401)).toBeLessThanOrEqual(8);
    expect(counted(429)).toBeGreaterThanOrEqual(92);
    expect(counted(401) + counted(429) + counted(503)).toBe(100);
    for (const answer of answers) {
      if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    // Nobody was locked out: from elsewhere the owner gets in.
    expect((await attempt(target.username, target.password)).status).toBe(303);
  });

  it('TIME-08 slows guesses for one name from a hundred addresses, and lets its owner in meanwhile', async () => {
    const attempt = await attempts();
    const target = await aPersonAsStored();
    const timed = async (password: string) => {
      const started = performance.now();
      const { status } = await attempt(target.username, password);
      return { status, slowed: performance.now() - started >= 1_900 };
    };
    const guesses = Array.from({ length: 100 }, () => timed('wrong'));
    const owner = await timed(target.password);
    const answers = await Promise.all(guesses);
    expect(answers.every(({ status }) => [401, 429, 503].includes(status))).toBe(true);
    expect(answers.filter(({ status, slowed }) => status === 401 && !slowed).length).toBeLessThanOrEqual(25);
    // 503: as many passwords as are checked at a time were being checked, whoever they were of.
    expect([303, 503]).toContain(owner.status);
    expect((await timed(target.password)).status).toBe(303);
  });
});
