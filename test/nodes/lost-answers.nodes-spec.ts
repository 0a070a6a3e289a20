import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLosingProxy } from '../../bench/lib/losing-proxy.mjs';
import { aPerson, type TestApp } from '../support/builders.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { NODES, RacingNodes } from '../support/racing-nodes.js';
import { aRefreshingApp, aRefreshToken, refresh } from '../support/refresh.js';
import { seed } from '../support/seed.js';
import type { TokenAnswer } from '../support/user-agent.js';

const CLIENTS = 40;
const REFRESHES = 2_000;
const SHARE = 0.05;
const MOST_TRIES = 10;
/** Which answers are lost. CLINCH_TEST_SEED repeats a run, as far as the order of the answers does. */
const SEED = Number(process.env.CLINCH_TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));

type LosingProxy = Awaited<ReturnType<typeof startLosingProxy>>;

let database: TestDatabase;
let nodes: RacingNodes;
let proxies: LosingProxy[];
let app: TestApp;
let tokens: string[];

beforeAll(async () => {
  database = await createDatabase();
  await seed(database.url, async (clinch) => {
    app = await aRefreshingApp(clinch);
    const person = await aPerson(clinch);
    tokens = [];
    while (tokens.length < CLIENTS) tokens.push((await aRefreshToken(clinch, app, person)).token);
  });
  nodes = await RacingNodes.start(database);
  const random = randomFrom(SEED);
  proxies = await Promise.all(
    Array.from({ length: NODES }, (_, index) => startLosingProxy(nodes.url(index), SHARE, random)),
  );
});
afterAll(async () => {
  for (const proxy of proxies ?? []) proxy.close();
  await nodes?.stop();
  await database?.drop();
});

/** Mulberry32: small, and the same for the same seed. */
function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Refreshes once: with the same token again, maybe at another node, for as long as no answer comes. */
async function refreshUntilAnswered(token: string, firstNode: number): Promise<TokenAnswer> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const proxy = proxies[(firstNode + tries) % proxies.length];
    try {
      return await refresh(`http://127.0.0.1:${proxy?.port}`, app, token);
    } catch (error) {
      // What fetch throws for a connection that ends without an answer.
      if (!(error instanceof TypeError)) throw error;
      await delay(50);
    }
  }
  throw new Error(`no answer in ${MOST_TRIES} tries`);
}

describe(`apps that lose ${SHARE * 100} % of the answers (RFC 9700 §4.14)`, () => {
  it(`stay signed in for ${REFRESHES} refreshes on ${NODES} node(s), seed ${SEED}`, async () => {
    let begun = 0;
    const signedOut: string[] = [];
    const keepRefreshing = async (first: string): Promise<void> => {
      let token = first;
      while (begun < REFRESHES) {
        const { status, body } = await refreshUntilAnswered(token, begun++);
        if (status !== 200) {
          signedOut.push(`${status} ${JSON.stringify(body)}`);
          return;
        }
        token = String(body['refresh_token']);
      }
    };
    await Promise.all(tokens.map(keepRefreshing));
    expect(signedOut).toEqual([]);
    const lost = proxies.reduce((sum, proxy) => sum + proxy.lost(), 0);
    // Otherwise this was no drill.
    expect(lost).toBeGreaterThan((REFRESHES * SHARE) / 2);
    nodes.expectNothingLogged();
  });
});
