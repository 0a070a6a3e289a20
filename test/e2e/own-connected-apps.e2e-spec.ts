import { DataSource, SelectQueryBuilder } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientRegistry } from '../../src/app-registry/client-registry.js';
import { ClientEntity } from '../../src/app-registry/client.entity.js';
import { Database } from '../../src/database/database.js';
import { MESSAGES } from '../../src/ui/messages.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { askForCodes, confirmationPage, DEVICE_CODE_GRANT, poll } from '../support/device.js';
import { enter } from '../support/logout.js';
import { atOwnPage, postFormsOf } from '../support/own-pages.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { UserAgent, type Answer } from '../support/user-agent.js';

const PATH = '/account/apps';
const WORDS = MESSAGES.en.portal.connected;
const SCOPE = 'openid offline_access';
/** In the order of their pinyin: ā, bào, zhāng. By their characters 张 would be the first. */
const CHINESE = ['阿里', '报销', '张贴'];

let clinch: TestClinch;
let person: TestPerson;

beforeAll(async () => {
  clinch = await startClinch();
});
afterAll(() => clinch.stop());
beforeEach(async () => {
  person = await aPerson(clinch);
});

function app(differences: Partial<ClientEntity> = {}): Promise<TestApp> {
  const grantTypes = ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT];
  return anApp(clinch, { grantTypes, scope: SCOPE, ...differences });
}

async function withdraw(agent: UserAgent): Promise<Answer> {
  const form = postFormsOf(await agent.get(PATH))[0];
  if (form === undefined) throw new Error('nothing to withdraw');
  return agent.follow(await agent.post(form.action, form.hidden));
}

async function letDeviceIn(device: TestApp, agent: UserAgent): Promise<void> {
  const codes = await askForCodes(clinch.url, device, { scope: SCOPE });
  await agent.press((await confirmationPage(clinch.url, codes, person, agent)).page, 'allow');
  expect((await poll(clinch.url, device, codes)).status).toBe(200);
}

describe('what a withdrawal is said to do', () => {
  it('is that the app asks again, of an app that asks', async () => {
    const { agent } = await enter(clinch, await app({ requireConsent: true }), person, undefined, SCOPE);
    expect((await agent.get(PATH)).text).not.toContain(WORDS.notAsked);
    const { text } = await withdraw(agent);
    expect(text).toContain(WORDS.withdrawn);
    expect(text).not.toContain(WORDS.withdrawnNotAsked);
  });

  it('is that the app has it again without a question, of an app that need not ask', async () => {
    const { agent } = await enter(clinch, await app(), person, undefined, SCOPE);
    expect((await agent.get(PATH)).text).toContain(WORDS.notAsked);
    const { text } = await withdraw(agent);
    expect(text).toContain(WORDS.withdrawnNotAsked);
    expect(text).not.toContain(WORDS.withdrawn);
  });

  it('is that devices of the app are signed out with it, where there are some', async () => {
    const shared = await app();
    const { agent } = await enter(clinch, shared, person, undefined, SCOPE);
    expect((await agent.get(PATH)).text).not.toContain(WORDS.devicesToo);
    await letDeviceIn(shared, agent);
    expect((await agent.get(PATH)).text).toContain(WORDS.devicesToo);
    await withdraw(agent);
    expect((await agent.get('/account/devices')).text).toContain(MESSAGES.en.portal.devices.none);
  });
});

describe('the list of connected apps', () => {
  it('takes as many statements for many apps as for one', async () => {
    const apps = [await app({ requireConsent: true })];
    const { agent } = await enter(clinch, apps[0]!, person, undefined, SCOPE);
    const forOne = await statementsFor(agent, apps);
    for (let more = 0; more < 4; more++) apps.push(await app({ requireConsent: true }));
    for (const each of apps.slice(1)) await enter(clinch, each, person, agent, SCOPE);
    expect(await statementsFor(agent, apps)).toBe(forOne);
    expect(postFormsOf(await agent.get(PATH))).toHaveLength(5);
  });

  it.each([PATH, '/'])('has Chinese names in the order of their pinyin, at %s', async (path) => {
    const agent = new UserAgent(clinch.url);
    agent.headers['Accept-Language'] = 'zh-CN';
    await atOwnPage(clinch.url, PATH, person, agent);
    for (const clientName of CHINESE.toReversed()) {
      const named = await app({ clientName, ssoInitiator: 'portal_and_app', initiateLoginUri: 'https://a.example/in' });
      if (path === PATH) await enter(clinch, named, person, agent, SCOPE);
    }
    const { text } = await agent.get(path);
    const names = [...text.matchAll(new RegExp(`>(${CHINESE.join('|')})<`, 'g'))].map(([, name]) => name);
    expect([...new Set(names)]).toEqual(CHINESE);
  });
});

describe('the time line', () => {
  it('does not call an app by the name of a later one of the same id', async () => {
    const earlier = await app({ clientName: 'The earlier one' });
    const { agent } = await enter(clinch, earlier, person, undefined, SCOPE);
    await withdraw(agent);
    await expect.poll(async () => (await agent.get('/account/history')).text).toContain('The earlier one');
    const later = { clientName: 'The later one', version: 2, createdAt: new Date(Date.now() + 5_000) };
    const { clientId } = earlier;
    await clinch.app.get(DataSource).getRepository(ClientEntity).update({ clientId }, later);
    clinch.app.get(ClientRegistry).forget(clientId);
    const { text } = await agent.get('/account/history');
    expect(text).not.toContain('The later one');
    expect(text).toContain(MESSAGES.en.portal.history.kinds.consent_withdrawn(MESSAGES.en.portal.history.someApp));
  });
});

/** How many statements the page takes when no app is in memory: the fewest of several times, because timers read too. */
async function statementsFor(agent: UserAgent, apps: readonly TestApp[]): Promise<number> {
  const counts: number[] = [];
  for (let time = 0; time < 5; time++) counts.push(await statementsOnce(agent, apps));
  return Math.min(...counts);
}

async function statementsOnce(agent: UserAgent, apps: readonly TestApp[]): Promise<number> {
  const database = clinch.app.get(Database);
  for (const { clientId } of apps) clinch.app.get(ClientRegistry).forget(clientId);
  const spies = [
    vi.spyOn(database, 'all'),
    vi.spyOn(database, 'first'),
    vi.spyOn(SelectQueryBuilder.prototype, 'getRawAndEntities'),
  ];
  await agent.get(PATH);
  const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  for (const spy of spies) spy.mockRestore();
  return count;
}
