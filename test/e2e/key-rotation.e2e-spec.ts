import { createLocalJWKSet, createRemoteJWKSet, jwtVerify, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import * as client from 'openid-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SIGNING_ALGORITHMS } from '../../src/protocol/signing-algorithm.js';
import { KeyWatch } from '../../src/token-signing/key-watch.js';
import { SigningKeyStore } from '../../src/token-signing/signing-key-store.js';
import { TokenSigningService } from '../../src/token-signing/token-signing.service.js';
import { anotherNode, type AnotherNode } from '../support/another-node.js';
import { anApp, aPerson, REDIRECT_URI, type TestApp, type TestPerson } from '../support/builders.js';
import { NODES } from '../support/racing-nodes.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { aCode } from '../support/tokens.js';

const ROTATIONS = 5;
const SECOND = 1000;
const DAY = 86_400_000;
/** Seconds: the longest that a token may live. */
const LIFETIME = 86_400;

/** Keeps the key set for exactly as long as it was told to, and asks for nothing in between. */
class DumbVerifier {
  fetches = 0;
  private keys: JWTVerifyGetKey | undefined;
  private until = 0;

  constructor(private readonly url: string) {}

  async verify(token: string, issuer: string): Promise<void> {
    if (this.keys === undefined || Date.now() >= this.until) {
      const answer = await fetch(`${this.url}/oidc/jwks`);
      const maxAge = Number(/max-age=(\d+)/.exec(answer.headers.get('cache-control') ?? '')?.[1]);
      this.until = Date.now() + maxAge * SECOND;
      this.keys = createLocalJWKSet((await answer.json()) as JSONWebKeySet);
      this.fetches += 1;
    }
    await jwtVerify(token, this.keys, { issuer, currentDate: new Date() });
  }
}

describe(`rotations under load, ${NODES} node(s), verifying apps that cache the key set for five minutes`, () => {
  let clinch: TestClinch;
  let other: AnotherNode | undefined;
  let app: TestApp;
  let person: TestPerson;

  beforeAll(async () => {
    clinch = await startClinch();
    if (NODES > 1) other = await anotherNode(clinch);
    app = await anApp(clinch);
    person = await aPerson(clinch);
  });
  afterEach(() => vi.useRealTimers());
  afterAll(async () => {
    await other?.stop();
    await clinch.stop();
  });

  const nodes = () => [clinch, ...(other === undefined ? [] : [other])];

  /** What every node does each second. */
  async function look(): Promise<void> {
    await Promise.all(nodes().map((node) => node.app.get(KeyWatch).look()));
  }

  /** A few tokens of each algorithm from each node, all at once. */
  async function load(): Promise<string[]> {
    const iat = Math.floor(Date.now() / SECOND);
    const claims = { iss: clinch.url, sub: person.id, aud: app.clientId, iat, exp: iat + LIFETIME };
    return Promise.all(
      nodes().flatMap((node) =>
        SIGNING_ALGORITHMS.flatMap((alg) =>
          [1, 2].map(() => node.app.get(TokenSigningService).sign('JWT', claims, alg)),
        ),
      ),
    );
  }

  function retirement(): number {
    const states = clinch.app.get(SigningKeyStore).states();
    return Math.max(
      ...[...states].filter(([, state]) => state === 'signing').map(([key]) => key.retiresAt?.getTime() ?? 0),
    );
  }

  it(
    'D15: no token fails to verify, from the first announcement to the last key that is gone',
    { timeout: 240_000 },
    async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
      const last = nodes().at(-1)?.url ?? '';
      const remote = createRemoteJWKSet(new URL(`${last}/oidc/jwks`), { cacheMaxAge: 300 * SECOND });
      const dumb = nodes().map(({ url }) => new DumbVerifier(url));
      const library = await client.discovery(
        new URL(clinch.url),
        app.clientId,
        { client_secret: app.clientSecret },
        client.ClientSecretBasic(app.clientSecret),
        { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
      );
      const kids = new Set<unknown>();
      let live: { readonly token: string; readonly until: number }[] = [];
      let verified = 0;

      const step = async (now: number) => {
        vi.setSystemTime(now);
        // The load does not wait for the nodes to look.
        const [fresh] = await Promise.all([load(), look()]);
        live = live.filter(({ until }) => until > now);
        const tokens = [...live.map(({ token }) => token), ...fresh];
        for (const token of tokens) {
          kids.add((await jwtVerify(token, remote, { issuer: clinch.url })).protectedHeader.kid);
          for (const verifier of dumb) await verifier.verify(token, clinch.url);
        }
        const callback = new URL(
          `${REDIRECT_URI}?code=${await aCode(clinch, app, person, { scope: ['openid'] })}&iss=${clinch.url}`,
        );
        expect((await client.authorizationCodeGrant(library, callback)).claims()?.sub).toBe(person.id);
        verified += tokens.length * (1 + dumb.length) + 1;
        live.push(
          ...fresh
            .slice(0, SIGNING_ALGORITHMS.length)
            .map((token) => ({ token, until: now + (LIFETIME - 1) * SECOND })),
        );
      };

      for (let rotation = 0; rotation < ROTATIONS; rotation++) {
        const retires = retirement();
        // Around the announcement, the day of it, the change itself, and until the old key is gone.
        for (const at of [
          -DAY - 30,
          -DAY + 1,
          -DAY + 200_000,
          -DAY / 2,
          -299_000,
          -30_000,
          -1,
          0,
          1,
          30_000,
          299_000,
          301_000,
        ])
          await step(retires + at);
        for (const at of [DAY / 2, DAY - 1, DAY, DAY + 600_000, DAY + 601_000]) await step(retires + at);
      }
      expect(kids.size).toBeGreaterThanOrEqual((ROTATIONS + 1) * SIGNING_ALGORITHMS.length);
      expect(verified).toBeGreaterThan(2_000);
      for (const { app: node } of nodes()) {
        const gone = [...node.get(SigningKeyStore).states().values()].filter((state) => state === 'gone');
        expect(gone.length).toBe(ROTATIONS * SIGNING_ALGORITHMS.length);
      }
    },
  );
});
