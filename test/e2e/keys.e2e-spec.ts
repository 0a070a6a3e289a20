import { hostname } from 'node:os';
import { decodeProtectedHeader } from 'jose';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditEventEntity } from '../../src/audit/audit-event.entity.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { runCommand } from '../../src/cli/run-command.js';
import { SigningKeyEntity } from '../../src/token-signing/signing-key.entity.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { anotherNode, environmentOf, type AnotherNode } from '../support/another-node.js';
import { anApp, aPerson, type TestApp, type TestPerson } from '../support/builders.js';
import { NODES } from '../support/racing-nodes.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { tokensOf } from '../support/tokens.js';

const DAY = 86_400_000;
/** Milliseconds: every node knows after this, however busy this machine is. */
const SOON = { timeout: 15_000, interval: 100 };

describe('/admin/api/v1/keys', () => {
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
  afterAll(async () => {
    await other?.stop();
    await clinch.stop();
  });

  // Anew each time: a revocation ends the operators' own access tokens too.
  const call = async (...request: Parameters<AdminApi['call']>) => (await AdminApi.of(clinch)).call(...request);
  const keys = async (alg = 'RS256') =>
    ((await call('GET', 'keys')).body['items'] as Json[]).filter((key) => key['alg'] === alg);
  const inState = async (state: string, alg = 'RS256') => (await keys(alg)).filter((key) => key['state'] === state);
  const published = async (url = clinch.url): Promise<unknown[]> => {
    const set = (await (await fetch(`${url}/oidc/jwks`)).json()) as { keys: Json[] };
    return set.keys.map(({ kid }) => kid);
  };
  const userinfoAt = async (url: string, token: string) =>
    (await fetch(`${url}/oidc/userinfo`, { headers: { authorization: `Bearer ${token}` } })).status;
  const newTokens = async () => {
    const { body } = await tokensOf(clinch, app, person, { scope: ['openid'] });
    return { accessToken: String(body['access_token']), idToken: String(body['id_token']) };
  };
  const everywhere = () => [clinch.url, ...(other === undefined ? [] : [other.url])];

  it('shows each key with its schedule ahead, and nothing of its private half', async () => {
    const answer = await call('GET', 'keys');
    expect(answer.status).toBe(200);
    const items = answer.body['items'] as Json[];
    expect(new Set(items.map(({ alg }) => alg))).toEqual(new Set(['ES256', 'EdDSA', 'PS256', 'RS256']));
    for (const key of items) {
      expect(key).toMatchObject({
        state: 'signing',
        revoked_at: null,
        next: [{ state: 'retiring' }, { state: 'gone' }],
      });
      expect(Date.parse(String(key['retires_at'])) - Date.parse(String(key['signs_from']))).toBe(90 * DAY);
      // The longest token that it may sign lives for a day.
      expect(Date.parse(String(key['gone_at'])) - Date.parse(String(key['retires_at']))).toBeGreaterThan(DAY);
      expect((await call('GET', `keys/${String(key['kid'])}`)).body).toEqual(key);
    }
    expect(JSON.stringify(answer.body)).not.toMatch(/"(d|p|q|dp|dq|qi|sealed[a-z_]*)":/i);
    expect((await call('GET', 'keys/nothing')).status).toBe(404);
  });

  it('rotates by hand: announced for a day, once however many ask at once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => call('POST', 'keys/rotate', { alg: 'ES256' })));
    const kids = answers.map(({ status, body }) => [status, (body['keys'] as Json[]).map(({ kid }) => kid)]);
    expect(new Set(kids.map((each) => JSON.stringify(each))).size).toBe(1);
    const [next] = await inState('announced', 'ES256');
    const [signing] = await inState('signing', 'ES256');
    expect(Date.parse(String(next?.['signs_from'])) - Date.now()).toBeGreaterThan(DAY - 60_000);
    expect(signing?.['retires_at']).toBe(next?.['signs_from']);
    for (const url of everywhere()) await expect.poll(() => published(url), SOON).toContain(next?.['kid']);
    expect((await call('POST', 'keys/rotate', { alg: 'HS256' })).status).toBe(400);
  });

  it('rotates at once where that is asked for, and what the old key signed stays good', async () => {
    const before = await newTokens();
    const { status, body } = await call('POST', 'keys/rotate', { alg: 'RS256', immediately: true });
    expect(status).toBe(200);
    const [{ kid }] = body['keys'] as [Json];
    await expect.poll(async () => decodeProtectedHeader((await newTokens()).idToken).kid, SOON).toBe(kid);
    for (const url of everywhere()) {
      expect(await userinfoAt(url, before.accessToken)).toBe(200);
      expect(await published(url)).toContain(decodeProtectedHeader(before.accessToken).kid);
    }
  });

  it('says who would fail of a revocation, without doing it', async () => {
    await newTokens();
    const [key] = await inState('signing');
    const answer = await call('POST', `keys/${String(key?.['kid'])}/revoke`, { dry_run: true });
    expect(answer.body).toMatchObject({
      dry_run: true,
      successor: null,
      access_tokens: true,
      verifiers_cache_seconds: 300,
    });
    expect(answer.body['apps']).toContainEqual(
      expect.objectContaining({
        client_id: app.clientId,
        id_tokens: true,
        access_tokens: true,
        sign_ins: expect.any(Number) as number,
      }),
    );
    expect((answer.body['consequences'] as string[]).join(' ')).toContain('refused within a second');
    expect((await inState('signing'))[0]?.['kid']).toBe(key?.['kid']);
    const [es256] = await inState('signing', 'ES256');
    const [announced] = await inState('announced', 'ES256');
    const dry = await call('POST', `keys/${String(es256?.['kid'])}/revoke`, { dry_run: true });
    expect(dry.body).toMatchObject({ access_tokens: false, successor: announced?.['kid'], apps_total: 0 });
  });

  it('revokes: gone from the key set at once, its tokens refused by every node, another key signs', async () => {
    const { accessToken, idToken } = await newTokens();
    const kid = String(decodeProtectedHeader(accessToken).kid);
    for (const url of everywhere()) expect(await userinfoAt(url, accessToken)).toBe(200);
    const answer = await call('POST', `keys/${kid}/revoke`, {});
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ key: { state: 'gone' }, dry_run: false });
    const successor = String(answer.body['successor']);
    expect(await userinfoAt(clinch.url, accessToken)).toBe(401);
    expect(await published()).not.toContain(kid);
    for (const url of everywhere()) {
      await expect.poll(() => userinfoAt(url, accessToken), SOON).toBe(401);
      expect(await published(url)).toContain(successor);
      expect(await published(url)).not.toContain(kid);
    }
    const fresh = await newTokens();
    expect(decodeProtectedHeader(fresh.accessToken).kid).toBe(successor);
    for (const url of everywhere()) expect(await userinfoAt(url, fresh.accessToken)).toBe(200);
    // As a hint it is no better.
    const logout = await fetch(
      `${clinch.url}/oidc/logout?id_token_hint=${idToken}&post_logout_redirect_uri=https://a.example/`,
    );
    expect(logout.status).not.toBe(303);
    expect((await call('POST', `keys/${kid}/revoke`, {})).status).toBe(409);
    const row = await clinch.app.get(DataSource).getRepository(SigningKeyEntity).findOneBy({ kid });
    expect(row).toMatchObject({ state: 'gone', sealedPrivateJwk: '' });
  });

  it('is never without a signing key, whatever is revoked at once', async () => {
    for (let round = 0; round < 2; round++) {
      const alive = (await keys('EdDSA')).filter(({ state }) => state !== 'gone');
      await Promise.all(alive.map(({ kid }) => call('POST', `keys/${String(kid)}/revoke`, {})));
      const after = await keys('EdDSA');
      expect(after.filter(({ state }) => state === 'signing')).toHaveLength(1);
      for (const { kid } of alive) expect(after).toContainEqual(expect.objectContaining({ kid, state: 'gone' }));
    }
  });

  it('does the same from the command line, beside the servers', async () => {
    const said: string[] = [];
    const run = (...args: string[]) => {
      said.length = 0;
      const streams = { out: (text: string) => void said.push(text), err: (text: string) => void said.push(text) };
      return runCommand(COMMANDS, ['keys', ...args], environmentOf(clinch), streams, new AbortController().signal);
    };
    expect(await run('list')).toBe(0);
    const [signing] = await inState('signing', 'PS256');
    expect(said.join('')).toContain(`${String(signing?.['kid'])}  PS256  signing`);
    expect(await run('rotate', 'PS256')).toBe(0);
    const [next] = await inState('announced', 'PS256');
    expect(said.join('')).toContain(String(next?.['kid']));
    expect(await run('revoke', String(signing?.['kid']))).toBe(0);
    expect((await inState('signing', 'PS256'))[0]?.['kid']).toBe(next?.['kid']);
    for (const url of everywhere()) await expect.poll(() => published(url), SOON).not.toContain(signing?.['kid']);
    expect(await run('revoke', String(signing?.['kid']))).toBe(1);
    expect(await run('rotate', 'none')).toBe(2);
    expect(await run('revoke')).toBe(2);
    for (const command of ['list', 'rotate', 'revoke', 'reencrypt']) expect(await run(command, '--help')).toBe(0);
    expect(await run('reencrypt')).toBe(0);
    // In the trail: not the name of somebody signed in, but somebody on some machine.
    const rows = await clinch.app
      .get(DataSource)
      .getRepository(AuditEventEntity)
      .findBy({ event: 'signing_key.revoked' });
    const byCommand = rows.filter((row) => JSON.stringify(row).includes(String(signing?.['kid'])));
    expect(byCommand).toHaveLength(1);
    expect(JSON.stringify(byCommand)).toContain(`@${hostname()}`);
  });
});
