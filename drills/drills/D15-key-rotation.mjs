// Keys are rotated five times under load, over two nodes, while apps verify that keep the key set as long as they may; then
// one is revoked.
import { createPublicKey, verify } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { API } from '../../bench/lib/settings.mjs';
import { atMost, exactly, NotRun, told } from '../lib/drill.mjs';
import { Installation } from '../lib/installation.mjs';
import { Visitor } from '../lib/visitor.mjs';

const ROTATIONS = 5;
/** Seconds; the proportions are those of an installation, where they are hours. */
const TIMES = { rotation: 30, announcement: 15, keep: 60, jwksMaxAge: 10 };
const PER_SECOND = 25;

/** An app that reads the key set when its copy is as old as it may be, and never because a key is unknown to it. */
class DumbVerifier {
  fetches = 0;
  #keys = new Map();
  #until = 0;

  constructor(url) {
    this.url = url;
  }

  async verify(token) {
    if (Date.now() > this.#until) await this.#read();
    const [head, body, signature] = token.split('.');
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString());
    const key = this.#keys.get(kid);
    if (key === undefined) throw new Error('the key is not in the set');
    if (!verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) {
      throw new Error('the signature is wrong');
    }
  }

  async #read() {
    this.fetches++;
    const answer = await fetch(this.url);
    const maxAge = Number(/max-age=(\d+)/.exec(answer.headers.get('cache-control') ?? '')?.[1] ?? 0);
    this.#until = Date.now() + maxAge * 1000;
    const { keys } = await answer.json();
    this.#keys = new Map(keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' })]));
  }
}

/** Tokens of both nodes, each shown to both verifiers, that read the key set at the other node. */
function startVerifying(installation, visitor) {
  const seen = { tokens: 0, failures: [], kids: new Set(), other: 0 };
  const jwks = installation.nodes.map(({ url }) => `${url}/oidc/jwks`);
  const dumb = jwks.map((url) => new DumbVerifier(url));
  // Its own times, ten minutes and thirty seconds, made shorter as all others are here.
  const times = { cacheMaxAge: TIMES.jwksMaxAge * 1000, cooldownDuration: 500 };
  const clever = jwks.map((url) => createRemoteJWKSet(new URL(url), times));
  let running = true;
  const form = { grant_type: 'client_credentials', resource: API.resource, scope: API.scope };
  const one = async (turn) => {
    const { json, status } = await visitor.client.post('/oidc/token', visitor.basic('service'), form);
    if (status !== 200) return seen.failures.push(`the token endpoint answered ${status}`);
    seen.tokens++;
    const token = json.access_token;
    seen.kids.add(JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString()).kid);
    for (const [name, work] of [
      ['strictly by max-age', () => dumb[turn % 2].verify(token)],
      ['jose', () => jwtVerify(token, clever[turn % 2])],
    ]) {
      await work().catch((error) => seen.failures.push(`${name}: ${error.message}`));
    }
  };
  const loop = (async () => {
    for (let turn = 0; running; turn++) {
      await one(turn).catch((error) => seen.failures.push(error.message));
      await sleep(1000 / PER_SECOND);
    }
  })();
  return {
    seen,
    fetches: () => dumb.reduce((sum, { fetches }) => sum + fetches, 0),
    async stop() {
      running = false;
      await loop;
    },
  };
}

async function revokeOne(drill, installation, kid) {
  const { body, status } = await installation.admin('POST', `/keys/${kid}/revoke`, {});
  drill.figure('revocation of the key that signs', status, exactly(200));
  drill.note(`the answer to it: ${JSON.stringify(body).slice(0, 400)}`);
  const begun = Date.now();
  let left = true;
  while (left && Date.now() < begun + 5_000) {
    const sets = await Promise.all(
      installation.nodes.map(async ({ url }) => (await (await fetch(`${url}/oidc/jwks`)).json()).keys),
    );
    left = sets.some((keys) => keys.some((key) => key.kid === kid));
    await sleep(50);
  }
  drill.figure('revoked: out of the key set of both nodes after', (Date.now() - begun) / 1000, atMost(2), 's');
}

/** @type {import('../run.mjs').Plan} */
export const plan = {
  id: 'D15',
  title: 'Keys rotated under load, and one revoked',
  minutes: '4',
  async run(drill) {
    const env = {
      CLINCH_DRILL_KEY_TIMES: Object.entries(TIMES)
        .map((entry) => entry.join('='))
        .join(','),
    };
    const installation = await Installation.start(drill, { nodes: 2, proxy: true, env }).catch((error) => {
      if (/CLINCH_DRILL_KEY_TIMES .*not a variable/.test(error.message))
        throw new NotRun('this version has no times for drills');
      throw error;
    });
    const listed = await installation.admin('GET', '/keys');
    if (listed.status !== 200) throw new NotRun(`this version has no admin API for keys (${listed.status})`);
    const visitor = new Visitor(installation);
    const load = startVerifying(installation, visitor);
    const rotations = drill.count(ROTATIONS, 2);
    const begun = Date.now();
    // The keys rotate by themselves; each waits for its turn.
    while (load.seen.kids.size <= rotations && Date.now() < begun + (rotations + 3) * TIMES.rotation * 1000)
      await sleep(500);
    const seconds = (Date.now() - begun) / 1000;
    await load.stop();
    drill.figure('tokens verified, each by two verifiers', load.seen.tokens, told());
    drill.figure('keys that signed', load.seen.kids.size, exactly(rotations + 1));
    drill.figure('verifications that failed', load.seen.failures.length, exactly(0));
    for (const text of [...new Set(load.seen.failures)].slice(0, 3)) drill.note(text);
    drill.figure(
      'reads of the key set by the one that goes by max-age',
      load.fetches(),
      atMost(2 * (seconds / TIMES.jwksMaxAge) + 10),
    );
    await revokeOne(drill, installation, [...load.seen.kids].at(-1));
    const tokens = await visitor.client.post('/oidc/token', visitor.basic('service'), {
      grant_type: 'client_credentials',
      resource: API.resource,
      scope: API.scope,
    });
    drill.figure('a token right after it', tokens.status, exactly(200));
    await visitor.close();
  },
};
