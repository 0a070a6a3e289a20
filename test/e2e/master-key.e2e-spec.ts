import type { INestApplication } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.setup.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { KEY_ENTITIES } from '../../src/cli/keys.js';
import { runCommand } from '../../src/cli/run-command.js';
import { ClinchConfig } from '../../src/config/clinch-config.js';
import { sealedColumnsOf } from '../../src/database/sealed.js';
import { SignInStateStore } from '../../src/dingtalk/sign-in/sign-in-state-store.js';
import { InteractionStore } from '../../src/interaction/interaction-store.js';
import { Keyring } from '../../src/keyring/keyring.js';
import { MasterKeyEntity } from '../../src/keys/master-key.entity.js';
import { MasterKeys } from '../../src/keys/master-keys.js';
import { Reencryption } from '../../src/keys/reencryption.js';
import { HandoverStore } from '../../src/launch/handover-store.js';
import { TokenSigningService } from '../../src/token-signing/token-signing.service.js';
import { anApp, type TestApp } from '../support/builders.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { credentials, postToken } from '../support/user-agent.js';

const [OLD, NEW, WRONG] = [1, 2, 3].map(() => randomBytes(32).toString('base64')) as [string, string, string];
const idOf = (key: string) => new Keyring([Buffer.from(key, 'base64')]).currentKeyId;

/** More than one step takes. */
const STATES = 120;
const PLACE = { browser: 'b'.repeat(43), sourceId: 'acme' };
const HANDOVER = { sessionId: 's', accountId: 'a', clientId: 'c', page: '/' };
const REQUEST = { kind: 'page', page: '/' } as never;

describe('a change of the master key', () => {
  let database: TestDatabase;
  let testApp: TestApp;
  let states: string[];
  let handover: string;
  let interaction: string;

  const environment = (masterKey: string) => ({
    DATABASE_URL: database.url,
    CLINCH_MASTER_KEY: masterKey,
    CLINCH_LOG_LEVEL: 'silent',
  });

  async function running<T>(masterKey: string, use: (app: INestApplication, url: string) => Promise<T>): Promise<T> {
    const app = await createApp(ClinchConfig.fromEnvironment(environment(masterKey)));
    try {
      await app.listen(0, '127.0.0.1');
      const { port } = app.getHttpServer().address() as { port: number };
      return await use(app, `http://127.0.0.1:${port}`);
    } finally {
      await app.close();
    }
  }

  async function command(masterKey: string, ...args: string[]): Promise<{ code: number; said: string }> {
    let said = '';
    const streams = { out: (text: string) => void (said += text), err: (text: string) => void (said += text) };
    const code = await runCommand(
      COMMANDS,
      ['keys', ...args],
      environment(masterKey),
      streams,
      new AbortController().signal,
    );
    return { code, said };
  }

  const sealedUnder = async (app: INestApplication, key: string) =>
    (await app.get(MasterKeys).sealed()).get(idOf(key)) ?? 0;

  beforeAll(async () => {
    database = await createDatabase();
    await running(OLD, async (app) => {
      testApp = await anApp({ app: app as never }, { grantTypes: ['client_credentials'] });
      const store = app.get(SignInStateStore);
      states = [];
      for (let n = 0; n < STATES; n++) states.push(await store.begin('browser', PLACE, `interaction ${n}`));
      handover = await app.get(HandoverStore).begin(HANDOVER);
      interaction = await app.get(InteractionStore).begin(PLACE.browser, REQUEST, '127.0.0.1');
    });
  });
  afterAll(() => database.drop());

  it('has all sealed columns among those that the command works on', async () => {
    await running(OLD, async (app) => {
      const entities = app.get(DataSource).entityMetadatas;
      const sealed = entities.filter(({ target }) => sealedColumnsOf(target as object).length > 0);
      expect(sealed.map(({ tableName }) => tableName).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
        'audit_exports',
        'dingtalk_sign_in_states',
        'idempotency_keys',
        'identity_sources',
        'signing_keys',
      ]);
      for (const { target, columns } of sealed) {
        expect(KEY_ENTITIES).toContain(target);
        const names = columns.map(({ propertyName }) => propertyName);
        for (const { property } of sealedColumnsOf(target as object)) expect(names).toContain(property);
      }
      expect(app.get(MasterKeys).columns).toHaveLength(7);
    });
  });

  it('is stopped in the middle and begun again, by several at once, without losing a value', async () => {
    await running(`${OLD},${NEW}`, async (app) => {
      await app.get(Reencryption).run();
      // The new key is at hand everywhere before it seals anywhere.
      expect(await sealedUnder(app, NEW)).toBe(0);
    });
    await running(`${NEW},${OLD}`, async (app) => {
      const masterKeys = app.get(MasterKeys);
      await app.get(Reencryption).run();
      expect((await masterKeys.status()).remaining).toBe(0);
    });
    await running(`${OLD},${NEW}`, async (app) => {
      await app.get(Reencryption).run();
      const all = await sealedUnder(app, OLD);
      expect(all).toBe(STATES + 4);
    });
    // Backwards and forwards again, so that both directions are known; now in pieces.
    const before = await command(`${NEW},${OLD}`, 'list');
    expect(before.said).toContain(`${STATES + 4} sealed`);
    const dataOf = (app: INestApplication) => app.get(MasterKeys);
    let done = 0;
    await running(OLD, async (app) => {
      const keyring = new Keyring([NEW, OLD].map((key) => Buffer.from(key, 'base64')));
      const first = dataOf(app).columns.find(({ name }) => name.startsWith('dingtalk'));
      const step = await first?.reseal('', keyring);
      expect(step).toMatchObject({ resealed: 50, unreadable: [] });
      const [one, two] = await Promise.all([first?.reseal('', keyring), first?.reseal('', keyring)]);
      // Each row is sealed anew by one of them, whichever rows the later one finds.
      const both = (one?.resealed ?? 0) + (two?.resealed ?? 0);
      expect(both).toBeGreaterThanOrEqual(50);
      done = await sealedUnder(app, NEW);
      expect(done).toBe(50 + both);
    });
    const { code, said } = await command(`${NEW},${OLD}`, 'reencrypt');
    expect(code).toBe(0);
    expect(said).toContain(`${STATES - done + 4} values sealed anew, 0 left.`);
    expect(said).toMatch(new RegExp(`The master key ${idOf(OLD)} is needed for .*client secrets`));
  });

  it('goes on with what was begun before it', async () => {
    await running(`${NEW},${OLD}`, async (app) => {
      const store = app.get(SignInStateStore);
      for (const n of [0, 60, 119])
        expect(await store.spend('browser', states[n] ?? '', PLACE)).toBe(`interaction ${n}`);
      expect(await store.spend('browser', states[0] ?? '', PLACE)).toBeUndefined();
      expect(await store.spend('browser', states[1] ?? '', { ...PLACE, browser: 'x'.repeat(43) })).toBeUndefined();
      expect(await app.get(HandoverStore).find(handover)).toMatchObject(HANDOVER);
      expect(await app.get(HandoverStore).spend(handover)).toMatchObject(HANDOVER);
      expect(await app.get(HandoverStore).spend(handover)).toBeUndefined();
      const interactions = app.get(InteractionStore);
      expect(await interactions.find(interaction, PLACE.browser)).toMatchObject({ id: interaction });
      expect(await interactions.complete(interaction, PLACE.browser)).toBe(true);
      expect(await interactions.complete(interaction, PLACE.browser)).toBe(false);
    });
  });

  it('needs the old key for an app’s secret until the app has used it, and then no more', async () => {
    const token = (url: string) => {
      const { headers, form } = credentials(testApp);
      return postToken(url, { ...form, grant_type: 'client_credentials' }, headers);
    };
    await running(`${NEW},${OLD}`, async (app, url) => {
      expect((await token(url)).body['error']).not.toBe('invalid_client');
      await expect
        .poll(async () => (await app.get(MasterKeys).status()).keys.find(({ id }) => id === idOf(OLD))?.neededFor)
        .toEqual(['sign-ins and codes of the last day']);
    });
    await running(NEW, async (app, url) => {
      expect((await token(url)).body['error']).not.toBe('invalid_client');
      const claims = { iss: app.get(ClinchConfig).issuer, sub: 's', aud: 'a', iat: 1, exp: 9_999_999_999 };
      const signed = await app.get(TokenSigningService).sign('JWT', claims, 'ES256');
      expect(await app.get(TokenSigningService).verify(signed, 'JWT')).toMatchObject({ sub: 's' });
    });
  });

  it('needs the old key for as long as any node seals with it', async () => {
    await running(`${NEW},${OLD}`, async (app) => {
      const rows = app.get(DataSource).getRepository(MasterKeyEntity);
      const long = new Date(Date.now() - 10 * 86_400_000);
      await rows.update({ id: idOf(NEW) }, { currentSince: long });
      await rows.update({ id: idOf(OLD) }, { currentSince: null, lastCurrentAt: long });
      const needed = async () =>
        (await app.get(MasterKeys).status()).keys.find(({ id }) => id === idOf(OLD))?.neededFor;
      const before = await needed();
      expect(before).not.toContain('sign-ins and codes of the last day');
      // Another node has not been given the new order yet.
      await rows.update({ id: idOf(OLD) }, { lastCurrentAt: new Date() });
      expect(await needed()).toContain('sign-ins and codes of the last day');
      // Also where that one was the last to start, and counts as the current one.
      await rows.update({ id: idOf(NEW) }, { currentSince: null });
      expect(await needed()).toContain('sign-ins and codes of the last day');
      await rows.update({ id: idOf(NEW) }, { lastCurrentAt: long });
      await app.get(MasterKeys).noteCurrent();
      const noted = await rows.findOneByOrFail({ id: idOf(NEW) });
      expect(Date.now() - Number(noted.lastCurrentAt)).toBeLessThan(60_000);
    });
  });

  it('D16: stops the start with a wrong key, names the keys, makes no new one', async () => {
    const started = running(WRONG, async () => undefined);
    await expect(started).rejects.toThrow(
      `encrypted under the master key ${idOf(NEW)}, but the keys at hand are ${idOf(WRONG)}`,
    );
    await expect(running(OLD, async () => undefined)).rejects.toThrow('No new key is made');
    await running(NEW, async (app) => expect((await app.get(MasterKeys).sealed()).has(idOf(WRONG))).toBe(false));
  });
});
