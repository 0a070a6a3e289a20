import { expect, vi } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import { hashPassword } from '../../src/accounts/password.js';
import { FederatedIdentityEntity } from '../../src/accounts/federated-identity.entity.js';
import type { AppSettings } from '../../src/dingtalk-simulator/app.js';
import type { DeliveryTimings } from '../../src/dingtalk-simulator/delivery-timings.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { DirectoryUpdates } from '../../src/dingtalk/directory/directory-updates.js';
import { IdentitySources } from '../../src/dingtalk/source/identity-sources.js';
import type { IdentitySource } from '../../src/dingtalk/source/identity-source.js';
import { DataSource } from 'typeorm';
import type { TestApp } from './builders.js';
import { anIdentitySource, type SourceOfTest } from './identity-source.js';
import { refresh } from './refresh.js';
import type { TestClinch } from './start-clinch.js';
import { startDingTalk } from './start-dingtalk.js';
import { authorizeUrl, credentials, redeem, responseParameters, UserAgent } from './user-agent.js';

export const CALLBACK_KEYS = { token: 'clinchTok1', aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' };

/** A server, a simulated DingTalk, and the source that leads from the one to the other. */
export interface Connected {
  readonly clinch: TestClinch;
  readonly dingtalk: DingTalkSimulator;
  readonly source: IdentitySource;
}

export interface Connection {
  /** Which ways events come. */
  readonly callback?: boolean;
  readonly stream?: boolean;
  readonly timings?: Partial<DeliveryTimings>;
  readonly app?: AppSettings;
  readonly source?: SourceOfTest;
}

/** Starts a simulated DingTalk and makes a source of it. The caller stops it. */
export async function connectDingTalk(
  clinch: TestClinch,
  { callback = false, stream = false, timings = {}, app = {}, source: settings = {} }: Connection,
): Promise<Connected> {
  const dingtalk = await startDingTalk({ timings, apps: [{ stream, ...app }] });
  const id = settings.id ?? 'acme';
  if (callback) dingtalk.app.callback = { url: `${clinch.url}/dingtalk/${id}/events`, ...CALLBACK_KEYS };
  await anIdentitySource(clinch, {
    corpId: dingtalk.app.corpId,
    clientId: dingtalk.app.clientId,
    secret: dingtalk.app.clientSecret,
    loginBaseUrl: dingtalk.bases.login,
    apiBaseUrl: dingtalk.bases.api,
    oapiBaseUrl: dingtalk.bases.oapi,
    streamEvents: stream,
    callbackEvents: callback,
    ...CALLBACK_KEYS,
    ...settings,
  });
  const source = await clinch.app.get(IdentitySources).findEnabled(id);
  if (source === undefined) throw new Error('the source is not there');
  return { clinch, dingtalk, source };
}

/** Somebody of the organisation who is signed in: in a browser, and in an app. */
export interface Member {
  readonly userid: string;
  readonly accountId: string;
  readonly app: TestApp;
  readonly agent: UserAgent;
  readonly refreshToken: string;
  readonly accessToken: string;
}

/** Reads somebody from DingTalk and signs them in, by a password that stands for any way of signing in. */
export async function aMember({ clinch, source }: Connected, app: TestApp, userid: string): Promise<Member> {
  await clinch.app.get(DirectoryUpdates).refreshPerson(source, userid, 'test');
  const accountId = await accountOf(clinch, userid);
  const { repository } = clinch.app.get(AccountStore);
  await repository.update({ id: accountId }, { passwordHash: await hashPassword('copper-meadow-17') });
  const { username } = await repository.findOneByOrFail({ id: accountId });
  const agent = new UserAgent(clinch.url);
  const url = authorizeUrl(clinch.url, app, { scope: 'openid profile offline_access' });
  const answer = await agent.authorize(url, { username, password: 'copper-meadow-17' });
  const { body } = await redeem(clinch.url, app, answer.get('code') ?? '');
  const [refreshToken, accessToken] = [String(body['refresh_token']), String(body['access_token'])];
  return { userid, accountId, app, agent, refreshToken, accessToken };
}

/** The account of whoever has that user id now. */
export async function accountOf(clinch: TestClinch, userid: string): Promise<string> {
  const identities = clinch.app.get(DataSource).getRepository(FederatedIdentityEntity);
  const all = await identities.findBy({ userId: userid });
  const identity = all.find(({ userKey }) => userKey !== null);
  if (identity === undefined) throw new Error(`nobody is ${userid}`);
  return identity.accountId;
}

export async function statusOf(clinch: TestClinch, accountId: string): Promise<string> {
  const account = await clinch.app.get(AccountStore).repository.findOneByOrFail({ id: accountId });
  return account.status;
}

/** Whether the session of the browser is good, and what introspection says of the access token. */
export async function standing(
  { clinch }: Pick<Connected, 'clinch'>,
  { agent, app, accessToken }: Member,
): Promise<{ session: boolean; active: unknown }> {
  const answer = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'none' })));
  const session = responseParameters(answer).has('code');
  const { headers } = credentials(app);
  const body = new URLSearchParams({ token: accessToken });
  const told = await fetch(`${clinch.url}/oidc/introspect`, { method: 'POST', headers, body });
  const { active } = (await told.json()) as { active: unknown };
  return { session, active };
}

/** Waits until the member is out of everything: milliseconds that it took. */
export async function untilOut(connected: Connected, member: Member, within = 5_000): Promise<number> {
  const start = performance.now();
  await expect
    .poll(() => standing(connected, member), { timeout: within, interval: 20 })
    .toEqual({
      session: false,
      active: false,
    });
  const took = performance.now() - start;
  const refused = await refresh(connected.clinch.url, member.app, member.refreshToken);
  expect(refused).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect(await statusOf(connected.clinch, member.accountId)).toBe('disabled');
  return took;
}

/** A row of the queue, as it is stored. */
export interface StoredEvent {
  readonly event_id: string;
  readonly type: string;
  readonly subject: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly via: string;
  readonly attempts: number;
  readonly error: string | null;
}

export async function storedEvents(clinch: TestClinch): Promise<StoredEvent[]> {
  return clinch.app
    .get(DataSource)
    .query(
      'SELECT event_id, type, subject, state, outcome, via, attempts, error FROM directory_events ORDER BY received_at',
    );
}

/** Waits until every stored event is in one of these states. */
export async function untilEvents(clinch: TestClinch, count: number, states = ['done'], within = 10_000) {
  const look = async () => {
    const rows = await storedEvents(clinch);
    expect(rows.filter(({ state }) => states.includes(state)).length, JSON.stringify(rows)).toBe(count);
  };
  await vi.waitFor(look, { timeout: within, interval: 30 });
  return storedEvents(clinch);
}
