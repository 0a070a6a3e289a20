import { randomBytes } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { runCommand } from '../../src/cli/run-command.js';
import { Database } from '../../src/database/database.js';
import { KeyWatch } from '../../src/token-signing/key-watch.js';
import { SigningKeyEntity } from '../../src/token-signing/signing-key.entity.js';
import { SigningKeyRows } from '../../src/token-signing/signing-key-rows.js';
import { SigningKeyStore } from '../../src/token-signing/signing-key-store.js';
import { TokenSigningService } from '../../src/token-signing/token-signing.service.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anotherNode, environmentOf, TEST_MASTER_KEY, type AnotherNode } from '../support/another-node.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

const NEW = randomBytes(32).toString('base64');
const SOON = { timeout: 15_000, interval: 100 };
const HEADER = Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'at+jwt', kid: 'invented' })).toString('base64url');

describe('signing keys in trouble', () => {
  let clinch: TestClinch;

  beforeAll(async () => {
    clinch = await startClinch();
  });
  afterAll(async () => clinch.stop());

  const rowsOf = () =>
    clinch.app
      .get(DataSource)
      .getRepository(SigningKeyEntity)
      .find({ order: { kid: 'ASC' } });
  const published = async () => {
    const set = (await (await fetch(`${clinch.url}/oidc/jwks`)).json()) as { keys: Json[] };
    return set.keys.map(({ kid }) => kid);
  };
  const signedBy = async (node: Pick<TestClinch, 'app'>, algorithm: 'ES256' | 'RS256') => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: clinch.url, sub: 's', aud: 'a', iat: now, exp: now + 60 };
    return node.app.get(TokenSigningService).sign('JWT', claims, algorithm);
  };
  const userinfo = async (token: string) =>
    (await fetch(`${clinch.url}/oidc/userinfo`, { headers: { authorization: `Bearer ${token}` } })).status;

  it.each(['rotate', 'revoke'])(
    'refuses `keys %s` from a shell with another master key, and changes nothing',
    async (name) => {
      const before = await rowsOf();
      let said = '';
      const streams = { out: (text: string) => void (said += text), err: (text: string) => void (said += text) };
      const args = ['keys', name, ...(name === 'revoke' ? [before[0]?.kid ?? ''] : [])];
      const environment = { ...environmentOf(clinch), CLINCH_MASTER_KEY: NEW };
      const code = await runCommand(COMMANDS, args, environment, streams, new AbortController().signal);
      expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('opens none of the keys that sign') });
      expect(await rowsOf()).toEqual(before);
    },
  );

  it('reads the rows while the schedule waits for the lock, and makes no key each second where it cannot be written', async () => {
    const [watch, rows] = [clinch.app.get(KeyWatch), clinch.app.get(SigningKeyRows)];
    let release: (error: Error) => void = () => undefined;
    const follow = vi.spyOn(rows, 'follow').mockReturnValue(new Promise((_, reject) => (release = reject)));
    // What is missing in its times is a step to be done.
    await clinch.app.get(DataSource).getRepository(SigningKeyEntity).update({ algorithm: 'PS256' }, { goneAt: null });
    void watch.look();
    await expect.poll(() => follow.mock.calls.length, SOON).toBe(1);
    const all = vi.spyOn(rows, 'all');
    await expect.poll(() => all.mock.calls.length, SOON).toBeGreaterThanOrEqual(2);
    expect(follow).toHaveBeenCalledTimes(1);
    follow.mockRejectedValue(new Error('disk full'));
    release(new Error('disk full'));
    for (let n = 0; n < 20; n++) await watch.look();
    expect(follow).toHaveBeenCalledTimes(1);
    await expect.poll(() => follow.mock.calls.length, SOON).toBe(2);
    follow.mockRestore();
    all.mockRestore();
    await rows.follow();
  });

  it('knows a key that was made a moment before by another node, however many ask at once', async () => {
    const store = clinch.app.get(SigningKeyStore);
    const { successors } = await clinch.app.get(SigningKeyRows).rotate(['PS256'], { immediately: false }, {});
    const kid = successors[0]?.kid ?? '';
    const slow = vi.spyOn(clinch.app.get(SigningKeyRows), 'all');
    slow.mockImplementationOnce(async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return rowsOf();
    });
    const reading = store.reload();
    const found = await Promise.all([1, 2, 3].map(() => store.verifying(kid)));
    expect(found.map((key) => key?.kid)).toEqual([kid, kid, kid]);
    await reading;
    // What cannot be looked up is not known; it is no fault of the request.
    slow.mockRejectedValue(new Error('the database is away'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await store.verifying('invented')).toBeUndefined();
    slow.mockRestore();
  });

  it('is written before it is announced as written: `immediately` counts from then on', async () => {
    const { successors } = await clinch.app.get(SigningKeyRows).rotate(['EdDSA'], { immediately: true }, {});
    const [key] = successors;
    expect(key?.state).toBe('signing');
    expect(Number(key?.signsFrom) - Number(key?.createdAt)).toBeGreaterThanOrEqual(1_400);
  });

  it('revokes first, and says so where those who fail cannot be counted', async () => {
    const api = await AdminApi.of(clinch);
    const signing = ((await api.call('GET', 'keys')).body['items'] as Json[]).find(
      ({ alg, state }) => alg === 'ES256' && state === 'signing',
    );
    const database = clinch.app.get(Database);
    const real = database.all.bind(database);
    const all = vi.spyOn(database, 'all').mockImplementation(async (query, ...values) => {
      if (JSON.stringify(query).includes('session_clients'))
        throw new Error('canceling statement due to statement timeout');
      return real(query, ...values);
    });
    const answer = await api.call('POST', `keys/${String(signing?.['kid'])}/revoke`, {});
    all.mockRestore();
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ key: { state: 'gone' }, apps: null, apps_total: null });
    expect((answer.body['consequences'] as string[])[0]).toContain('could not be counted');
  });

  // The last one: the other node brings everything under its own key.
  it('goes on, on a node that lacks the master key of another one’s new key', async () => {
    let other: AnotherNode | undefined;
    try {
      other = await anotherNode(clinch, { CLINCH_MASTER_KEY: `${NEW},${TEST_MASTER_KEY}` });
      const before = decodeProtectedHeader(await signedBy(clinch, 'ES256')).kid;
      const { successors } = await other.app.get(SigningKeyRows).rotate(['ES256'], { immediately: true }, {});
      const [kid] = successors.map((key) => key.kid);
      await expect.poll(published, SOON).toContain(kid);
      // Each node looks once a second by itself.
      for (const node of [clinch, other]) await node.app.get(KeyWatch).look();
      // It checks what the other one signs, and signs with the key that it has.
      expect(decodeProtectedHeader(await signedBy(other, 'ES256')).kid).toBe(kid);
      expect(await clinch.app.get(TokenSigningService).verify(await signedBy(other, 'ES256'), 'JWT')).toBeDefined();
      expect(decodeProtectedHeader(await signedBy(clinch, 'ES256')).kid).toBe(before);
      expect(await userinfo(`${HEADER}.e30.AAAA`)).toBe(401);
      // A revocation counts on it too.
      await other.app.get(SigningKeyRows).revoke(kid ?? '', {});
      await expect.poll(published, SOON).not.toContain(kid);
    } finally {
      await other?.stop();
    }
  });
});
