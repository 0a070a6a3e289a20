import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DingTalkClient } from '../../src/dingtalk/api/dingtalk-client.js';
import { DingTalkError, type DingTalkFault } from '../../src/dingtalk/api/dingtalk-error.js';
import type { FaultKind } from '../../src/dingtalk-simulator/faults.js';
import { samplePeople } from '../../src/dingtalk-simulator/sample-company.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { CLIENT_SECRET, clientsOfTest, sourceAt } from '../support/fake-dingtalk.js';
import { startDingTalk } from '../support/start-dingtalk.js';

const USER_GET = '/oapi/topapi/v2/user/get';
const NOW = { retries: 0 };

let dingtalk: DingTalkSimulator;
let client: DingTalkClient;

beforeAll(async () => {
  dingtalk = await startDingTalk({ apps: [{ clientSecret: CLIENT_SECRET }] });
});
beforeEach(() => {
  // Each test has a client of its own, which knows nothing of the others' calls.
  dingtalk.faults.switches.throttle = false;
  const { api, oapi } = dingtalk.bases;
  client = clientsOfTest().of(sourceAt(api, { oapiBaseUrl: oapi }));
});
afterEach(() => {
  dingtalk.faults.reset();
  Object.assign(dingtalk.app, { published: true, egressAllowed: true, scope: { departments: [1], users: [] } });
  dingtalk.world.calls.clear();
});
afterAll(() => dingtalk.stop());

async function failure(attempt: Promise<unknown>): Promise<DingTalkError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DingTalkError)) throw new Error(`not a DingTalkError: ${String(error)}`);
  return error;
}

async function without(permission: string, attempt: () => Promise<unknown>): Promise<DingTalkError> {
  const { permissions } = dingtalk.app;
  const held = new Set(permissions);
  permissions.delete(permission as never);
  try {
    return await failure(attempt());
  } finally {
    dingtalk.app.permissions = held;
  }
}

describe('the chain of a sign-in', () => {
  it('leads from a browser’s code to the organisation’s record', async () => {
    const { clientId, corpId } = dingtalk.app;
    const unionid = dingtalk.company.person(samplePeople.ordinary)?.unionid ?? '';
    const code = dingtalk.world.codes.browser.issue({ clientId, corpId, unionid, consented: true });
    const token = await client.userToken(code, NOW);
    expect(token.corpId).toBe(corpId);
    const unionId = await client.unionIdOf(token.accessToken, NOW);
    const found = await client.findByUnionId(unionId, NOW);
    expect(found).toEqual({ userid: samplePeople.ordinary, external: false });
    const record = await client.user(samplePeople.ordinary, NOW);
    expect(record).toMatchObject({ userid: samplePeople.ordinary, unionid, name: '徐鹏', mobile: '+8613800000010' });
    expect((await failure(client.userToken(code, NOW))).fault).toBe('bad_code');
  });

  it('leads from a code from inside DingTalk to the person, and takes no other kind', async () => {
    const { clientId, corpId } = dingtalk.app;
    const code = dingtalk.world.codes.inApp.issue({ clientId, corpId, userid: 'u010' });
    expect((await failure(client.userToken(code, NOW))).fault).toBe('bad_code');
    const unionid = dingtalk.company.person('u010')?.unionid;
    expect(await client.userOfInAppCode(code, NOW)).toEqual({ userid: 'u010', unionid });
    expect((await failure(client.userOfInAppCode(code, NOW))).fault).toBe('bad_code');
  });

  it('tells strangers from members', async () => {
    const external = dingtalk.company.externalContacts.get(samplePeople.externalContact)?.unionid ?? '';
    expect(await client.findByUnionId(external)).toMatchObject({ external: true });
    expect(await client.findByUnionId('UNION-OUTSIDER-1')).toBeUndefined();
  });

  it('is refused by the organisation that the app does not belong to', async () => {
    const { api, oapi } = dingtalk.bases;
    const settings = { oapiBaseUrl: oapi, corpId: dingtalk.foreign.corpId };
    const foreign = clientsOfTest().of(sourceAt(api, settings));
    expect(await failure(foreign.user('u010', NOW))).toMatchObject({
      fault: 'credentials',
      code: 'unauthorized.client',
    });
  });
});

describe('the directory', () => {
  it('is walked whole', async () => {
    const { departments } = await client.visibleRange();
    const queue = [...departments];
    const people = new Set<string>();
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      queue.push(...(await client.subDepartments(id)).map((each) => each.id));
      let cursor: number | undefined = 0;
      while (cursor !== undefined) {
        const page = await client.departmentUsers(id, cursor);
        expect(page.skipped).toBe(0);
        for (const { userid } of page.users) people.add(userid);
        cursor = page.nextCursor;
      }
    }
    expect(people.size).toBe(dingtalk.company.size);
    expect(await client.department(411)).toMatchObject({ id: 411, name: '上海组', parentId: 410 });
    expect(await client.department(999)).toBeUndefined();
    const roles = await client.roles();
    expect(roles).toContainEqual({ id: 9101, name: '主管', groupName: '默认' });
    expect((await client.roleMembers(9102, 0)).userids).toEqual(['u001']);
  });

  it('is the same when numbers and booleans come as strings', async () => {
    const usual = await client.user('u003');
    dingtalk.faults.switches.stringlyTyped = true;
    expect(await client.user('u003')).toEqual(usual);
  });

  it('says less without permission, and empties nothing', async () => {
    const held = new Set(dingtalk.app.permissions);
    dingtalk.app.permissions.delete('fieldEmail');
    dingtalk.app.permissions.delete('fieldMobile');
    const record = await client.user('u010');
    dingtalk.app.permissions = held;
    for (const field of ['mobile', 'email', 'org_email', 'extension']) expect(record).not.toHaveProperty(field);
  });

  it('skips and counts people without a union id, knows no department −1, and shows no hidden characters', async () => {
    dingtalk.faults.switches.departmentMinusOne = 'u010';
    expect((await client.user('u010'))?.departments?.map(({ id }) => id)).toEqual([212]);
    dingtalk.faults.switches.poison = { userid: 'u010', name: 'nul' };
    expect((await client.user('u010'))?.name).toBe('徐鹏');
    dingtalk.faults.switches.poison = { userid: 'u010', name: 'long' };
    expect((await client.user('u010'))?.name).toHaveLength(200);
    dingtalk.faults.switches.noUnionid = true;
    expect((await failure(client.user('u010'))).fault).toBe('refused');
    const page = await client.departmentUsers(212, 0);
    expect(page.users).toEqual([]);
    expect(page.skipped).toBeGreaterThan(0);
  });
});

describe('failures', () => {
  it.each<[FaultKind, DingTalkFault]>([
    ['throttled', 'throttled'],
    ['api-throttled', 'throttled'],
    ['ip-not-listed', 'address'],
    ['out-of-range', 'out_of_range'],
    ['ip-banned', 'unavailable'],
    ['ip-banned-html', 'unavailable'],
    ['busy', 'busy'],
    ['backend-timeout', 'busy'],
    ['authentication-timeout', 'busy'],
    ['empty-body', 'unavailable'],
    ['not-json', 'unavailable'],
    ['huge-body', 'unavailable'],
    ['http-403', 'throttled'],
    ['http-429', 'throttled'],
    ['http-500', 'unavailable'],
    ['http-504', 'busy'],
    ['refuse', 'unavailable'],
  ])('%s on the old host is %s', async (kind, fault) => {
    dingtalk.faults.fail(kind, { path: USER_GET });
    expect((await failure(client.user('u010', NOW))).fault).toBe(fault);
  });

  it.each<[FaultKind, DingTalkFault]>([
    ['throttled', 'throttled'],
    ['api-throttled', 'throttled'],
    ['ip-not-listed', 'address'],
    ['ip-banned', 'unavailable'],
    ['backend-timeout', 'busy'],
    ['empty-body', 'unavailable'],
    ['not-json', 'unavailable'],
    ['huge-body', 'unavailable'],
    ['http-429', 'throttled'],
    ['http-500', 'busy'],
    ['refuse', 'unavailable'],
  ])('%s on the new host is %s', async (kind, fault) => {
    dingtalk.faults.fail(kind, { path: '/api' });
    expect((await failure(client.userToken('code', NOW))).fault).toBe(fault);
  });

  it('that come of the settings are told apart', async () => {
    dingtalk.app.published = false;
    expect((await failure(client.user('u010', NOW))).fault).toBe('credentials');
    dingtalk.app.published = true;
    dingtalk.app.egressAllowed = false;
    expect((await failure(client.user('u010', NOW))).fault).toBe('address');
    dingtalk.app.egressAllowed = true;
    dingtalk.app.scope = { departments: [400], users: [] };
    expect((await failure(client.user('u010', NOW))).fault).toBe('out_of_range');
    expect((await client.visibleRange(NOW)).departments).toEqual([400]);
    expect(await without('qyapi_get_member', () => client.user('u010', NOW))).toMatchObject({
      fault: 'permission',
      code: '60011',
      requiredScopes: ['qyapi_get_member'],
    });
  });

  it('of the token are mended by a new one, once', async () => {
    await client.user('u010', NOW);
    dingtalk.world.tokens.expireApps();
    dingtalk.world.calls.clear();
    expect(await client.user('u010', NOW)).toMatchObject({ userid: 'u010' });
    expect(dingtalk.calls('/api/v1.0/oauth2')).toHaveLength(1);
    expect(dingtalk.calls(USER_GET)).toHaveLength(2);
    dingtalk.faults.fail('token-expired', { path: USER_GET });
    expect((await failure(client.user('u010', NOW))).fault).toBe('credentials');
  });
});

describe('the pace', () => {
  it('is never more than 20 calls in any second, and hardly less', async () => {
    dingtalk.faults.switches.throttle = true;
    await Promise.all(Array.from({ length: 101 }, () => client.user('u010')));
    const times = dingtalk
      .calls(USER_GET)
      .map(({ at }) => at)
      .sort((one, other) => one - other);
    expect(times).toHaveLength(101);
    times.slice(20).forEach((at, index) => expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(1_000));
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan(5_000 * 1.1 + 500);
  });

  it('is of its own for each API', async () => {
    await client.user('u010');
    const startedAt = performance.now();
    await Promise.all([
      ...Array.from({ length: 19 }, () => client.user('u010')),
      ...Array.from({ length: 20 }, () => client.department(212)),
      ...Array.from({ length: 20 }, () => client.subDepartments(1)),
    ]);
    // Together, the sixty would take more than two seconds.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('does not hold those who have no more time', async () => {
    await client.user('u010');
    const sync = Promise.all(Array.from({ length: 40 }, () => client.user('u010')));
    const error = await failure(client.user('u010', { signal: AbortSignal.timeout(50), retries: 3 }));
    expect(error.fault).toBe('throttled');
    await sync;
    expect(dingtalk.calls(USER_GET)).toHaveLength(41);
  });
});
