import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { randomUUID } from 'node:crypto';
import { In } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.js';
import { DeviceCodeStore } from '../../src/device-flow/device-code-store.js';
import { RefreshTokenEntity } from '../../src/refresh-token/refresh-token.entity.js';
import { RevokedTokenEntity } from '../../src/token-signing/revoked-token.entity.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { aCli, DEVICE_CODE_GRANT } from '../support/device.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { NODES, type Outcome, PARALLEL, RacingNodes } from '../support/racing-nodes.js';
import { aRefreshingApp, aRefreshToken } from '../support/refresh.js';
import { seed } from '../support/seed.js';
import type { TestClinch } from '../support/start-clinch.js';
import { type Answer, authorizeUrl, credentials, formOf, UserAgent } from '../support/user-agent.js';

const CODES = 200;
const INTERACTIONS = 50;
const ASSERTIONS = 20;
const FAMILIES = 200;
const GENERATIONS = 20;
const CROWD = 200;
const DEVICES = 200;

let database: TestDatabase;
let nodes: RacingNodes;
let app: TestApp;
let keyed: TestApp[];
let person: TestPerson;
let privateKey: CryptoKey;
let strict: Refreshing;
let lenient: Refreshing;
let cli: TestApp;
let deviceCodes: string[];

/** An app, and refresh tokens that it has: one family each. */
interface Refreshing {
  readonly app: TestApp;
  readonly tokens: readonly string[];
}

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
    strict = await refreshing(clinch, 0, FAMILIES);
    // One token a round, and one each for the chain and for the crowd.
    lenient = await refreshing(clinch, 10, FAMILIES + 2);
    cli = await aCli(clinch, { grantTypes: [DEVICE_CODE_GRANT, 'refresh_token'], scope: 'openid offline_access' });
    deviceCodes = await times(DEVICES, () => anAllowedDevice(clinch));
  });
  nodes = await RacingNodes.start(database);
});
afterAll(async () => {
  await nodes?.stop();
  await database?.drop();
});

type Seeding = Pick<TestClinch, 'app'>;

async function times<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) made.push(await make());
  return made;
}

async function refreshing(clinch: Seeding, grace: number, families: number): Promise<Refreshing> {
  const its = await aRefreshingApp(clinch, { refreshTokenGrace: grace });
  return { app: its, tokens: await times(families, async () => (await aRefreshToken(clinch, its, person)).token) };
}

/** The device code of a device that the person has let in, without the pages. */
async function anAllowedDevice({ app: server }: Seeding): Promise<string> {
  const codes = server.get(DeviceCodeStore);
  const scope = ['openid', 'offline_access'];
  const device = { clientId: cli.clientId, scope, resource: undefined, address: '192.0.2.1' };
  const { deviceCode, userCode } = await codes.begin(device);
  const session = { id: 'none', chainId: 'none', accountId: person.id, authTime: new Date(), acr: '1', amr: ['pwd'] };
  expect(await codes.decide(userCode, 'allow', session)).toBe(true);
  return deviceCode;
}

describe(`one code, ${NODES} node(s), ${PARALLEL} redemptions at once (RFC 6749 §4.1.2)`, () => {
  it(`${CODES} rounds bring exactly ${CODES} winners, and invalid_grant for everybody else`, async () => {
    const agent = new UserAgent(nodes.url(0));
    const { headers, form } = credentials(app);
    const outcomes: Outcome[] = [];
    for (let round = 0; round < CODES; round++) {
      const answer = await agent.authorize(authorizeUrl(nodes.url(round), app), person);
      const redemption = { grant_type: 'authorization_code', redirect_uri: app.redirectUri, ...form };
      const answers = await nodes.tenTimes(round, { ...redemption, code: answer.get('code') ?? '' }, headers);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      outcomes.push(...answers);
    }
    expect(counted(outcomes)).toEqual({ '200': CODES, '400 invalid_grant': CODES * (PARALLEL - 1) });
    nodes.expectNothingLogged();
  });
});

describe('one client assertion presented ten times at once (RFC 7523 §3: jti)', () => {
  it(`${ASSERTIONS} assertions bring ${ASSERTIONS} tokens`, async () => {
    for (const [round, { clientId }] of keyed.entries()) {
      const assertion = await new SignJWT({ jti: randomUUID() })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(nodes.url(0))
        .setIssuedAt()
        .setExpirationTime('1 min')
        .sign(privateKey);
      const form = {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      };
      const answers = await nodes.tenTimes(round, form, {});
      const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
      expect(statuses).toEqual([200, ...Array.from({ length: PARALLEL - 1 }, () => 401)]);
    }
    nodes.expectNothingLogged();
  });
});

describe('one interaction answered twice at once (CVE-2022-39222)', () => {
  let agent: UserAgent;

  beforeAll(async () => {
    agent = new UserAgent(nodes.url(0));
    await agent.authorize(authorizeUrl(nodes.url(0), app), person);
  });

  /** A consent page that waits for its answer. */
  async function consentPage(round: number): Promise<{ action: string; fields: Record<string, string> }> {
    const url = authorizeUrl(nodes.url(round), app, { prompt: 'consent' });
    const { action, hidden } = formOf(await agent.follow(await agent.get(url)));
    return { action, fields: hidden };
  }

  const at = (index: number, path: string) => new URL(path, nodes.url(index)).href;
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
    nodes.expectNothingLogged();
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
    nodes.expectNothingLogged();
  });
});

describe(`one refresh token, ${NODES} node(s), ${PARALLEL} refreshes at once (RFC 9700 §4.14)`, () => {
  const refresh = (round: number, { app: its }: Refreshing, token: string | undefined) => {
    const { headers, form } = credentials(its);
    return nodes.tenTimes(round, { grant_type: 'refresh_token', refresh_token: token ?? '', ...form }, headers);
  };
  /** The one refresh token that all of these carry. */
  const successorOf = (outcomes: readonly Outcome[]): string => {
    const successors = new Set(outcomes.map(({ body }) => String(body['refresh_token'])));
    expect([...successors]).toEqual([expect.stringMatching(/^clinch_rt_/)]);
    return [...successors][0] ?? '';
  };

  it(`without a grace ${FAMILIES} tokens bring one winner each, and end, because one of the ten is a thief`, async () => {
    for (const [round, token] of strict.tokens.entries()) {
      const outcomes = await refresh(round, strict, token);
      expect(counted(outcomes)).toEqual({ '200': 1, '400 invalid_grant': PARALLEL - 1 });
      const successor = successorOf(outcomes.filter(({ status }) => status === 200));
      if (round % 10 !== 0) continue;
      expect(counted(await refresh(round, strict, successor))).toEqual({ '400 invalid_grant': PARALLEL });
    }
    nodes.expectNothingLogged();
  });

  it(`with a grace ${FAMILIES} tokens bring one successor each, to everybody`, async () => {
    for (const [round, token] of lenient.tokens.slice(0, FAMILIES).entries()) {
      const outcomes = await refresh(round, lenient, token);
      expect(counted(outcomes)).toEqual({ '200': PARALLEL });
      successorOf(outcomes);
      // Each has tokens of its own beside it.
      expect(new Set(outcomes.map(({ body }) => body['access_token'])).size).toBe(PARALLEL);
    }
    nodes.expectNothingLogged();
  });

  it(`a chain of ${GENERATIONS} generations stays one chain`, async () => {
    let token = lenient.tokens.at(-2);
    const seen = new Set([token]);
    for (let generation = 0; generation < GENERATIONS; generation++) {
      const outcomes = await refresh(generation, lenient, token);
      expect(counted(outcomes)).toEqual({ '200': PARALLEL });
      token = successorOf(outcomes);
      seen.add(token);
    }
    expect(seen.size).toBe(GENERATIONS + 1);
    nodes.expectNothingLogged();
  });

  it(`a crowd of ${CROWD} gets one successor as well`, async () => {
    const { headers, form } = credentials(lenient.app);
    const token = lenient.tokens.at(-1) ?? '';
    const crowd = await nodes.manyTimes(CROWD, { grant_type: 'refresh_token', refresh_token: token, ...form }, headers);
    expect(counted(crowd)).toEqual({ '200': CROWD });
    const successor = successorOf(crowd);
    expect(counted(await refresh(0, lenient, successor))).toEqual({ '200': PARALLEL });
    nodes.expectNothingLogged();
  });

  it('each family has one living token, and none has ended that should not', async () => {
    const { families, ended } = await seed(database.url, async ({ app: server }) => {
      const { dataSource } = server.get(Database);
      const all = await dataSource.getRepository(RefreshTokenEntity).findBy({ clientId: lenient.app.clientId });
      const revoked = await dataSource.getRepository(RevokedTokenEntity).findBy({ id: In(all.map((f) => f.grantId)) });
      return { families: all, ended: revoked };
    });
    expect(ended).toEqual([]);
    const generations = families.map(({ generation }) => generation).sort((a, b) => a - b);
    expect(generations).toEqual([...Array.from({ length: FAMILIES }, () => 2), 3, GENERATIONS + 1]);
  });
});

describe(`one device code, ${NODES} node(s), ${PARALLEL} polls at once (RFC 8628 §3.4)`, () => {
  it(`${DEVICES} devices that were let in bring ${DEVICES} winners, and invalid_grant for everybody else`, async () => {
    const outcomes: Outcome[] = [];
    for (const [round, code] of deviceCodes.entries()) {
      const form = { grant_type: DEVICE_CODE_GRANT, device_code: code, client_id: cli.clientId };
      const answers = await nodes.tenTimes(round, form, {});
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      outcomes.push(...answers);
    }
    expect(counted(outcomes)).toEqual({ '200': DEVICES, '400 invalid_grant': DEVICES * (PARALLEL - 1) });
    const winners = outcomes.filter(({ status }) => status === 200);
    expect(new Set(winners.map(({ body }) => body['refresh_token'])).size).toBe(DEVICES);
    nodes.expectNothingLogged();
  });
});

function counted(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of outcomes) {
    const outcome = status === 200 ? '200' : `${status} ${String(body['error'])}`;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}
