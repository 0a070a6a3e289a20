import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AssignmentEntity } from '../../src/access/assignment.entity.js';
import { RoleEntity } from '../../src/access/role.entity.js';
import { AppAccountEntity } from '../../src/app-accounts/app-account.entity.js';
import type { ApiAccess, ClientEntity, ExtendedClaim } from '../../src/app-registry/client.entity.js';
import { CustomScopes } from '../../src/custom-scopes/custom-scopes.js';
import { Expressions } from '../../src/expressions/expressions.js';
import { newIdentifier } from '../../src/protocol/opaque-token.js';
import { DataSource } from 'typeorm';
import { claimsOf } from '../security/support/arrange.js';
import { Organisation } from '../support/access.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { refresh } from '../support/refresh.js';
import { insertRows } from '../support/rows.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { tokensOf, userinfoOf } from '../support/tokens.js';
import type { TokenAnswer } from '../support/user-agent.js';

/** The same configurations at every run; another seed makes others. */
const SEED = 20_260_122;
const CONFIGURATIONS = process.env['CLINCH_TEST_DATABASE'] === 'postgres' ? 20 : 60;
const API = 'https://orders.example.com';

/** What comes with the signature, or belongs to what was granted. */
const LATER = new Set(['iat', 'exp', 'jti', 'at_hash', 'nonce', 'grant_id', 'sid']);

const EXPRESSIONS = [
  'user.username',
  'user.departments.map(d, d.path.join("/"))',
  'user.departments[0].name',
  'user.groups.map(g, g.name)',
  'user.custom.place',
  'user.custom.nothing',
  'user.email',
  'user.?phone_number.orValue("none")',
  'lower(user.email.split("@")[0])',
  'app.roles + app.permissions',
  'app.account',
  '{"who": user.id, "how": session.amr, "when": epochMs(session.auth_time), "acr": session.acr}',
  'scope',
  'null',
  'false',
  'user.custom.level > 5',
  'toJson(user)',
  '1 / (user.custom.level - 7)',
  '[1, 2.5, true, "汉字", {"a": []}]',
];
const NAMES = ['a', 'b', 'name', 'email', 'groups', 'roles', 'email_verified', 'https://acme.example/x', 'nickname'];
const SCOPES = ['profile', 'email', 'phone', 'address', 'roles', 'groups', 'entitlements', 'offline_access'];
const OTHER_SCOPES = ['place', 'employment', 'reports:read', 'reports:write', 'orders:read', 'unknown'];

let clinch: TestClinch;
let admin: AdminApi;
let people: TestPerson[];
let groupId: string;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  // The first evaluation waits for the threads to start.
  const nobody = { user: { id: 'x', username: 'x', status: 'active' }, app: { id: 'x' } };
  await clinch.app.get(Expressions).evaluate('claim', EXPRESSIONS, nobody);
  const organisation = await Organisation.of(clinch);
  people = [
    await aPerson(clinch, { custom: { place: '杭州', level: 7 } }),
    await aPerson(clinch, { custom: { level: 1 }, email: null, phoneNumber: null, preferredUsername: null }),
    await aPerson(clinch, { custom: { place: 'x'.repeat(1_500) } }),
  ];
  await organisation.put({ id: people[0]?.id ?? '' }, 'Sales Shanghai', 'Research');
  await organisation.put({ id: people[1]?.id ?? '' }, 'Acme');
  await groups();
  await admin.made('api-resources', { identifier: API, name: 'Orders', scopes: [{ name: 'orders:read' }] });
  await customScopes();
});
afterAll(() => clinch.stop());

async function groups(): Promise<void> {
  const dataSource = clinch.app.get(DataSource);
  for (let index = 0; index < 40; index++) {
    const name = `group ${index} ${'y'.repeat(90)}`;
    const id = newIdentifier();
    groupId = id;
    await insertRows(dataSource, 'groups', 1, { id, name, name_key: name, kind: 'manual' });
    // The second person is in a few of them, the third in more than a token can hold.
    const members = index < 3 ? [people[1], people[2]] : [people[2]];
    for (const member of members) {
      await insertRows(dataSource, 'group_members', 1, { group_id: id, account_id: member?.id ?? '' });
    }
  }
}

async function customScopes(): Promise<void> {
  const description = { 'zh-CN': '一', en: 'One' };
  const claims = [
    { name: 'place', value: 'user.custom.place' },
    { name: 'mail_domain', value: 'user.email.split("@")[1]', in: ['id_token', 'userinfo'] },
  ];
  await admin.call('POST', 'scopes', { name: 'place', description, claims });
  await admin.call('POST', 'scopes', {
    name: 'employment',
    description,
    claims: [{ name: 'b', value: 'user.departments.map(d, d.name)', in: ['id_token', 'access_token', 'userinfo'] }],
  });
  clinch.app.get(CustomScopes).forget();
}

/** Mulberry32: small, and the same everywhere. */
class Dice {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  one<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new Error('there is nothing to choose from');
    return item;
  }

  some<T>(items: readonly T[], probability: number): T[] {
    return items.filter(() => this.chance(probability));
  }
}

/** One configuration, and who asks for what in it. */
interface Configuration {
  readonly app: TestApp;
  readonly person: TestPerson;
  readonly scope: readonly string[];
  readonly resource: string | undefined;
  readonly refreshes: boolean;
  readonly amr: readonly string[];
  readonly said: string;
}

function extendedClaims(dice: Dice): ExtendedClaim[] {
  return dice.some(NAMES, 0.4).map((name) => ({
    name,
    value: dice.one(EXPRESSIONS),
    in: dice.some(['id_token', 'access_token', 'userinfo'] as const, 0.6),
    on_error: dice.chance(0.1) ? 'fail' : 'omit',
  }));
}

async function configuration(seed: number): Promise<Configuration> {
  const dice = new Dice(seed);
  const person = dice.one(people);
  const registered = ['openid', ...dice.some(SCOPES, 0.7), ...dice.some(OTHER_SCOPES, 0.5)];
  const apiAccess: ApiAccess[] = dice.chance(0.4) ? [{ resource: API, scope: 'orders:read' }] : [];
  const resource = apiAccess.length > 0 && dice.chance(0.6) ? API : undefined;
  const refreshes = dice.chance(0.7);
  const differences: Partial<ClientEntity> = {
    grantTypes: refreshes ? ['authorization_code', 'refresh_token'] : ['authorization_code'],
    refreshTokenIssuance: 'always',
    scope: registered.join(' '),
    apiAccess,
    idTokenClaims: extendedClaims(dice),
    access: dice.chance(0.3) ? 'assigned' : 'everyone',
    subjectType: dice.chance(0.3) ? 'pairwise' : 'public',
    accountRule: dice.one(['none', 'username', 'email_prefix', 'job_number', 'expression'] as const),
    accountExpression: 'user.username + "@acme"',
  };
  if (differences.subjectType === 'public' && dice.chance(0.2)) differences.subjectExpression = '"s/" + user.username';
  const app = await anApp(clinch, differences);
  await arrange(app, person, dice);
  const scope = ['openid', ...dice.some([...SCOPES, ...OTHER_SCOPES], 0.6)];
  const amr = dice.one([['pwd'], ['dingtalk'], ['pwd', 'otp']]);
  const said = JSON.stringify({ seed, scope, resource, ...differences });
  return { app, person, scope, resource, refreshes, amr, said };
}

/** Roles, assignments and names by hand. */
async function arrange({ clientId }: TestApp, person: TestPerson, dice: Dice): Promise<void> {
  const manager = clinch.app.get(DataSource).manager;
  const times = { createdAt: new Date(), updatedAt: new Date() };
  if (dice.chance(0.5)) {
    const role = { id: newIdentifier(), clientId, name: 'reader', description: '', permissions: ['reports:read'] };
    await manager.insert(RoleEntity, { ...role, ...times });
    const byGroup = dice.chance(0.5);
    await manager.insert(AssignmentEntity, {
      id: newIdentifier(),
      clientId,
      subjectType: byGroup ? 'group' : 'user',
      subjectId: byGroup ? groupId : person.id,
      includeDescendants: true,
      roleId: role.id,
      enabled: true,
      endsAt: null,
      ...times,
    });
    const other = { id: newIdentifier(), clientId, name: 'writer', description: '', permissions: ['reports:write'] };
    await manager.insert(RoleEntity, { ...other, ...times });
  }
  if (dice.chance(0.3)) {
    const name = { username: 'by-hand', usernameKey: 'by-hand', rule: null, chosenAt: null };
    const account = { id: newIdentifier(), clientId, accountId: person.id, ...name };
    await manager.insert(AppAccountEntity, { ...account, ...times });
  }
}

function withoutLater(claims: Json): Json {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !LATER.has(name)));
}

function claimsIn(token: unknown): Json | null {
  const claims = token as { claims: Json } | null;
  return claims === null ? null : claims.claims;
}

/** Every claim, wherever it is, must be the same; and what the lab would not issue must not be issued. */
async function expectEqual(lab: Json, { status, body }: TokenAnswer, said: string): Promise<void> {
  expect(lab['issued'], `${said}\n${JSON.stringify([lab['refusal'], body])}`).toBe(status === 200);
  if (status !== 200) {
    expect(lab['refusal'], said).toBe(`${String(body['error'])}: ${String(body['error_description'])}`);
    return;
  }
  expect(lab['scope'], said).toBe(body['scope'] ?? '');
  expect(withoutLater(claimsOf(body['access_token'])), said).toEqual(claimsIn(lab['access_token']));
  const idToken = body['id_token'] === undefined ? null : withoutLater(claimsOf(body['id_token']));
  expect(idToken, said).toEqual(claimsIn(lab['id_token']));
  if (lab['userinfo'] !== null) expect(await userinfoOf(clinch, body['access_token']), said).toEqual(lab['userinfo']);
}

describe('the tokens of the claim lab', { timeout: 120_000 }, () => {
  it('are equal, claim for claim, to those that are then issued', async () => {
    let [issued, refreshed] = [0, 0];
    for (let seed = SEED; seed < SEED + CONFIGURATIONS; seed++) {
      const { app, person, scope, resource, refreshes, amr, said } = await configuration(seed);
      const authTime = new Date();
      const ask = { user: person.id, scope: scope.join(' '), resource, amr, auth_time: authTime.toISOString() };
      const answer = await admin.call('POST', `apps/${app.clientId}/claim-lab`, ask);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      const proof = { authTime, acr: 'urn:clinch:acr:single-factor', amr };
      const tokens = await tokensOf(clinch, app, person, { scope, ...(resource ? { resource } : {}), proof });
      await expectEqual(answer.body, tokens, said);
      if (tokens.status !== 200) continue;
      issued++;
      if (!refreshes) continue;
      refreshed++;
      const again = await admin.call('POST', `apps/${app.clientId}/claim-lab`, { ...ask, grant: 'refresh_token' });
      const token = String(tokens.body['refresh_token']);
      await expectEqual(again.body, await refresh(clinch.url, app, token), said);
    }
    // The dice must not have made it too easy.
    expect([issued > CONFIGURATIONS / 2, issued < CONFIGURATIONS, refreshed > CONFIGURATIONS / 4]).toEqual([
      true,
      true,
      true,
    ]);
  });
});
