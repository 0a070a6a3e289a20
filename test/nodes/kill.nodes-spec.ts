import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { createDatabase, freePort, type TestDatabase } from '../support/postgres.js';
import { aRefreshingApp, refresh } from '../support/refresh.js';
import { NODES_MASTER_KEY, seed } from '../support/seed.js';
import { type RunningServer, startServer } from '../support/start-processes.js';
import { authorizeUrl, credentials, pkce, redeem, UserAgent } from '../support/user-agent.js';

const ROUNDS = 5;
const LOOPS = 8;
/** Milliseconds of sign-ins before each kill: at least, and as much again at random. */
const AT_LEAST_MS = 400;

/** A code that the server has answered, and the tokens if those were answered too. */
interface Entry {
  readonly code: string;
  readonly verifier: string;
  token: string | undefined;
  /** The newest that was answered. */
  refreshToken?: string;
}

let database: TestDatabase;
let app: TestApp;
let people: TestPerson[];
let env: Record<string, string>;
let server: RunningServer;

beforeAll(async () => {
  database = await createDatabase();
  await seed(database.url, async (clinch) => {
    // Long-lived codes: what refuses them after the restart must be that they were used.
    // The longest grace: a restart takes its time.
    const lifetimes = { authorizationCodeLifetime: 600, refreshTokenGrace: 60 };
    app = await aRefreshingApp(clinch, { ...lifetimes, requirePkce: true });
    people = await Promise.all(Array.from({ length: LOOPS }, () => aPerson(clinch)));
  });
  const port = String(await freePort());
  env = {
    DATABASE_URL: database.url,
    CLINCH_MASTER_KEY: NODES_MASTER_KEY,
    CLINCH_LOG_LEVEL: 'error',
    PORT: port,
    CLINCH_ISSUER: `http://127.0.0.1:${port}`,
  };
  server = await startServer({ env });
});
afterAll(async () => {
  await server?.kill();
  await database?.drop();
});

/** One browser that signs in once and then opens the app again and again, until its server is gone. */
class Loop {
  readonly agent: UserAgent;
  readonly failures: string[] = [];
  journal: Entry[] = [];

  constructor(
    private readonly base: string,
    private readonly person: TestPerson,
  ) {
    this.agent = new UserAgent(base);
  }

  async run(): Promise<void> {
    this.journal = [];
    try {
      for (;;) await this.signIn();
    } catch (error) {
      // What a dead server answers: nothing at all. Anything else is a fault of the living one.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  private async signIn(): Promise<void> {
    const { verifier, challenge } = pkce();
    const challenged = { code_challenge: challenge, code_challenge_method: 'S256', scope: 'openid offline_access' };
    const answer = await this.agent.authorize(authorizeUrl(this.base, app, challenged), this.person);
    const entry: Entry = { code: answer.get('code') ?? '', verifier, token: undefined };
    if (entry.code === '') this.failures.push(`no code: ${answer.toString()}`);
    this.journal.push(entry);
    const tokens = await redeem(this.base, app, entry.code, { code_verifier: verifier });
    if (tokens.status === 200) {
      entry.token = String(tokens.body['access_token']);
      entry.refreshToken = String(tokens.body['refresh_token']);
      await this.refresh(entry, entry.refreshToken);
    } else this.failures.push(`no token: ${tokens.status} ${JSON.stringify(tokens.body)}`);
  }

  private async refresh(entry: Entry, refreshToken: string): Promise<void> {
    const refreshed = await refresh(this.base, app, refreshToken);
    if (refreshed.status === 200) entry.refreshToken = String(refreshed.body['refresh_token']);
    else this.failures.push(`no refresh: ${refreshed.status} ${JSON.stringify(refreshed.body)}`);
  }
}

async function userinfoStatus(token: string): Promise<number> {
  const answer = await fetch(`${server.url}/oidc/userinfo`, { headers: { Authorization: `Bearer ${token}` } });
  await answer.text();
  return answer.status;
}

async function refreshStatus(token: string): Promise<number> {
  return (await refresh(server.url, app, token)).status;
}

async function present({ code, verifier }: Entry): Promise<string> {
  const { status, body } = await redeem(server.url, app, code, { code_verifier: verifier });
  return status === 200 ? '200' : `${status} ${String(body['error'])}`;
}

/** A few at a time, so that it is the database that is asked and not the queue of sockets. */
async function each<T, R>(items: readonly T[], action: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += LOOPS) {
    results.push(...(await Promise.all(items.slice(start, start + LOOPS).map(action))));
  }
  return results;
}

function counted(results: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

describe('kill -9 during a run of sign-ins', () => {
  let loops: Loop[];
  /** Tokens whose code was presented again after a restart: revoked from then on. */
  let revoked: string[] = [];

  beforeAll(() => {
    loops = people.map((person) => new Loop(server.url, person));
  });

  it.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
    'what was answered is kept, and no code can be spent twice (round %i)',
    async () => {
      const running = loops.map((loop) => loop.run());
      // The first round signs in by password first; the time counts from the first token.
      const begun = ({ journal, failures }: Loop) =>
        failures.length > 0 || journal.some(({ token }) => token !== undefined);
      while (!loops.some(begun)) await delay(20);
      await delay(AT_LEAST_MS * (1 + Math.random()));
      expect(await server.kill()).toEqual({ code: null, signal: 'SIGKILL' });
      await Promise.all(running);
      expect(loops.flatMap(({ failures }) => failures)).toEqual([]);
      server = await startServer({ env });

      const journal = loops.flatMap((loop) => loop.journal);
      const redeemed = journal.filter(({ token }) => token !== undefined);
      const tokens = redeemed.map(({ token }) => token ?? '');
      expect(redeemed.length).toBeGreaterThan(0);
      expect(counted(await each(tokens, userinfoStatus))).toEqual({ 200: tokens.length });
      // Good, or spent by a refresh whose answer was lost: then its successor can still be fetched.
      const refreshTokens = redeemed.map(({ refreshToken }) => refreshToken ?? '');
      expect(counted(await each(refreshTokens, refreshStatus))).toEqual({ 200: refreshTokens.length });
      // A second use that was answered before the kill stays answered: its tokens are still revoked.
      expect(counted(await each(revoked, userinfoStatus))).toEqual(revoked.length > 0 ? { 401: revoked.length } : {});

      expect(counted(await each(redeemed, present))).toEqual({ '400 invalid_grant': redeemed.length });
      revoked = tokens;
      // Codes whose answer was lost may have been spent or not: never twice.
      const open = journal.filter(({ token }) => token === undefined);
      for (const entry of open) {
        const outcomes = [await present(entry), await present(entry)];
        expect(outcomes.filter((outcome) => outcome === '200').length).toBeLessThanOrEqual(1);
        expect(outcomes[1]).toBe('400 invalid_grant');
      }
      expect(server.output()).toBe('');
    },
  );

  it('sessions outlive the kills: everybody is still signed in', async () => {
    const { challenge } = pkce();
    const url = authorizeUrl(server.url, app, {
      prompt: 'none',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    const answers = await each(loops, ({ agent }) => agent.get(url));
    for (const answer of answers) expect(answer.headers.get('location')).toContain('code=');
  });
});

describe('SIGTERM', () => {
  /** A redemption that has sent its header and half of its body: the server waits for the rest. */
  async function halfSent(entry: Entry): Promise<{ sent: ClientRequest; body: string }> {
    const { headers, form } = credentials(app);
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code: entry.code,
      code_verifier: entry.verifier,
      redirect_uri: app.redirectUri,
      ...form,
    }).toString();
    const sent = request(`${server.url}/oidc/token`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length },
    });
    sent.write(body.slice(0, 20));
    await once(sent, 'socket');
    return { sent, body: body.slice(20) };
  }

  it('lets requests that run end, takes no new ones, and ends with code 0', async () => {
    const agent = new UserAgent(server.url);
    const entries: Entry[] = [];
    for (let index = 0; index < 5; index++) {
      const { verifier, challenge } = pkce();
      const url = authorizeUrl(server.url, app, { code_challenge: challenge, code_challenge_method: 'S256' });
      const answer = await agent.authorize(url, people[0] ?? { username: '', password: '' });
      entries.push({ code: answer.get('code') ?? '', verifier, token: undefined });
    }
    const halves = await Promise.all(entries.map(halfSent));
    await delay(200);
    const asked = Date.now();
    const stopped = server.stop('SIGTERM');
    await delay(300);
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow('fetch failed');
    const answers = await Promise.all(
      halves.map(async ({ sent, body }) => {
        const answered = once(sent, 'response') as Promise<[{ statusCode: number; resume(): void }]>;
        sent.end(body);
        const [response] = await answered;
        response.resume();
        return response.statusCode;
      }),
    );
    expect(answers).toEqual([200, 200, 200, 200, 200]);
    expect(await stopped).toEqual({ code: 0, signal: null });
    // Idle keep-alive connections do not hold the process up until the 20 s are over.
    expect(Date.now() - asked).toBeLessThan(5_000);
    expect(server.output()).toBe('');
    server = await startServer({ env });
    expect(counted(await each(entries, present))).toEqual({ '400 invalid_grant': entries.length });
  });

  it('ends with code 0 while nobody asks for anything, with idle connections open', async () => {
    await Promise.all(Array.from({ length: 5 }, () => fetch(`${server.url}/livez`).then((answer) => answer.text())));
    const asked = Date.now();
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(Date.now() - asked).toBeLessThan(5_000);
  });
});
