import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { createDatabase, freePort, testDatabaseKind, type TestDatabase } from '../support/postgres.js';
import { NODES_MASTER_KEY, seed } from '../support/seed.js';
import { type RunningServer, startServer } from '../support/start-processes.js';
import { type Answer, authorizeUrl, credentials, formOf, UserAgent } from '../support/user-agent.js';

/** One embedded database has one node; a server database has two. */
const NODES = testDatabaseKind() === 'postgres' ? 2 : 1;
const PARALLEL = 10;
const CODES = 200;
const INTERACTIONS = 50;
const ASSERTIONS = 20;

interface Outcome {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A node, and connections to it that are open already, so that what is sent in one tick arrives together. */
interface Node {
  readonly server: RunningServer;
  readonly pool: Pool;
}

let database: TestDatabase;
let nodes: Node[];
let app: TestApp;
let keyed: TestApp[];
let person: TestPerson;
let privateKey: CryptoKey;

beforeAll(async () => {
  database = await createDatabase();
  const pair = await generateKeyPair('ES256');
  privateKey = pair.privateKey;
  const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1' }] };
  await seed(database.url, async (clinch) => {
    app = await anApp(clinch);
    person = await aPerson(clinch);
    const machine = { jwks, tokenEndpointAuthMethod: 'private_key_jwt', grantTypes: ['client_credentials'] } as const;
    // One app a round: so many failures of a single one would be slowed down.
    keyed = await Promise.all(
      Array.from({ length: ASSERTIONS }, () => anApp(clinch, { ...machine, grantTypes: [...machine.grantTypes] })),
    );
  });
  nodes = await startNodes();
});
afterAll(async () => {
  await Promise.all((nodes ?? []).map(({ pool, server }) => pool.close().then(() => server.stop())));
  await database?.drop();
});

async function startNodes(): Promise<Node[]> {
  const port = String(await freePort());
  const env = {
    DATABASE_URL: database.url,
    CLINCH_MASTER_KEY: NODES_MASTER_KEY,
    CLINCH_ISSUER: `http://127.0.0.1:${port}`,
    CLINCH_LOG_LEVEL: 'error',
  };
  const servers = [await startServer({ env: { ...env, PORT: port } })];
  while (servers.length < NODES) servers.push(await startServer({ env }));
  return Promise.all(
    servers.map(async (server) => {
      const pool = new Pool(server.url, { connections: PARALLEL / NODES, pipelining: 1 });
      await Promise.all(Array.from({ length: PARALLEL / NODES }, () => get(pool, '/livez')));
      return { server, pool };
    }),
  );
}

async function get(pool: Pool, path: string): Promise<void> {
  const { body } = await pool.request({ method: 'GET', path });
  await body.dump();
}

/** Sends the same form to the token endpoint of all nodes in one tick, the node that is asked first changing by round. */
async function tenTimes(
  round: number,
  form: Record<string, string>,
  headers: Record<string, string>,
): Promise<Outcome[]> {
  const body = new URLSearchParams(form).toString();
  const all = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
  return Promise.all(
    Array.from({ length: PARALLEL }, async (_, index) => {
      const { pool } = nodeAt(round + index);
      const answer = await pool.request({ method: 'POST', path: '/oidc/token', headers: all, body });
      return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> };
    }),
  );
}

function nodeAt(index: number): Node {
  const node = nodes[index % nodes.length];
  if (node === undefined) throw new Error('no node runs');
  return node;
}

describe(`one code, ${NODES} node(s), ${PARALLEL} redemptions at once (RFC 6749 §4.1.2)`, () => {
  it(`${CODES} rounds bring exactly ${CODES} winners, and invalid_grant for everybody else`, async () => {
    const agent = new UserAgent(nodeAt(0).server.url);
    const { headers, form } = credentials(app);
    const outcomes: Outcome[] = [];
    for (let round = 0; round < CODES; round++) {
      const answer = await agent.authorize(authorizeUrl(nodeAt(round).server.url, app), person);
      const redemption = { grant_type: 'authorization_code', redirect_uri: app.redirectUri, ...form };
      const answers = await tenTimes(round, { ...redemption, code: answer.get('code') ?? '' }, headers);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      outcomes.push(...answers);
    }
    const losers = outcomes.filter(({ status }) => status !== 200);
    expect(losers).toHaveLength(CODES * (PARALLEL - 1));
    expect(new Set(losers.map(({ status, body }) => `${status} ${String(body['error'])}`))).toEqual(
      new Set(['400 invalid_grant']),
    );
    expectNothingLogged();
  });
});

describe('one client assertion presented ten times at once (RFC 7523 §3: jti)', () => {
  it(`${ASSERTIONS} assertions bring ${ASSERTIONS} tokens`, async () => {
    for (const [round, { clientId }] of keyed.entries()) {
      const assertion = await new SignJWT({ jti: randomUUID() })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(nodeAt(0).server.url)
        .setIssuedAt()
        .setExpirationTime('1 min')
        .sign(privateKey);
      const form = {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      };
      const answers = await tenTimes(round, form, {});
      const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
      expect(statuses).toEqual([200, ...Array.from({ length: PARALLEL - 1 }, () => 401)]);
    }
    expectNothingLogged();
  });
});

describe('one interaction answered twice at once (CVE-2022-39222)', () => {
  let agent: UserAgent;

  beforeAll(async () => {
    agent = new UserAgent(nodeAt(0).server.url);
    await agent.authorize(authorizeUrl(nodeAt(0).server.url, app), person);
  });

  /** A consent page that waits for its answer. */
  async function consentPage(round: number): Promise<{ action: string; fields: Record<string, string> }> {
    const url = authorizeUrl(nodeAt(round).server.url, app, { prompt: 'consent' });
    const { action, hidden } = formOf(await agent.follow(await agent.get(url)));
    return { action, fields: hidden };
  }

  const at = (index: number, path: string) => new URL(path, nodeAt(index).server.url).href;
  const pathOf = (answer: Answer) => {
    const { pathname, search } = new URL(answer.headers.get('location') ?? '');
    return pathname + search;
  };
  const reachTheApp = (answers: Answer[]) =>
    answers.filter(({ headers }) => headers.get('location')?.startsWith(app.redirectUri));

  it(`${INTERACTIONS} double clicks on "allow" bring ${INTERACTIONS} codes`, async () => {
    for (let round = 0; round < INTERACTIONS; round++) {
      const { action, fields } = await consentPage(round);
      const allow = { ...fields, decision: 'allow' };
      const posted = await Promise.all([0, 1].map((node) => agent.post(at(round + node, action), allow)));
      expect(posted.map(({ status }) => status)).toEqual([303, 303]);
      const continued = await Promise.all(posted.map((answer, node) => agent.get(at(round + node, pathOf(answer)))));
      expect(reachTheApp(continued)).toHaveLength(1);
      expect(continued.map(({ status }) => status).sort((a, b) => a - b)).toEqual([303, 400]);
    }
    expectNothingLogged();
  });

  it(`${INTERACTIONS} times "allow" and "deny" at once bring one answer each`, async () => {
    for (let round = 0; round < INTERACTIONS; round++) {
      const { action, fields } = await consentPage(round);
      const allowed = await agent.post(at(round, action), { ...fields, decision: 'allow' });
      const path = pathOf(allowed);
      const answers = await Promise.all([
        agent.get(at(round, path)),
        agent.get(at(round + 1, `${path}&decision=deny`)),
        agent.get(at(round + 1, path)),
      ]);
      expect(reachTheApp(answers)).toHaveLength(1);
      expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    }
    expectNothingLogged();
  });
});

/** The servers log errors only: an unhappy database would stand here, even if the client was told something else. */
function expectNothingLogged(): void {
  for (const { server } of nodes) expect(server.output()).toBe('');
}
