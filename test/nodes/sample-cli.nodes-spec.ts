import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT, type GenerateKeyPairResult } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startProgram } from '../support/start-processes.js';

const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * A provider of our own, which also does what a real one would not: its access tokens say in clear what they are for, and
 * it misbehaves as a test likes. It is the API as well.
 */
class FakeProvider {
  readonly forms: Record<string, string>[] = [];
  /** What the next polls meet before they bring tokens: an error code, or nothing at all. */
  polls: (string | undefined)[] = [];
  /** What is wrong with the id_token. */
  idToken: Record<string, unknown> = {};
  metadata: Record<string, unknown> = {};
  subAtUserinfo = 'lihua';
  url = '';
  private server: Server;
  private keys: GenerateKeyPairResult;

  async start(): Promise<void> {
    this.keys = await generateKeyPair('RS256');
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = (body: object, status = 200) => response.writeHead(status).end(JSON.stringify(body));
    const bearer = request.headers.authorization;
    switch (request.url) {
      case '/.well-known/openid-configuration':
        return void json(this.discovery());
      case '/keys':
        return void json({ keys: [{ ...(await exportJWK(this.keys.publicKey)), kid: 'one', alg: 'RS256' }] });
      case '/userinfo':
        return void (bearer === `Bearer for ${this.url}`
          ? json({ sub: this.subAtUserinfo, name: '李华', email: 'lihua@example.com' })
          : json({}, 401));
      case '/whoami':
        return void json({ called_with: bearer });
      default:
        return this.answerForm(Object.fromEntries(new URLSearchParams(await text(request))), request, json);
    }
  }

  private async answerForm(
    form: Record<string, string>,
    request: IncomingMessage,
    json: (body: object, status?: number) => unknown,
  ): Promise<void> {
    this.forms.push(form);
    if (request.url === '/device_authorization') {
      const verification_uri = `${this.url}/device`;
      return void json({
        device_code: 'd',
        user_code: 'A\u001b[2JB-C',
        verification_uri,
        expires_in: 60,
        interval: 0.2,
      });
    }
    if (form['grant_type'] === DEVICE_CODE_GRANT && this.polls.length > 0) {
      const error = this.polls.shift();
      return void (error === undefined ? request.socket.destroy() : json({ error }, 400));
    }
    const access_token = `for ${form['resource'] ?? this.asked('resource') ?? this.url}`;
    json({ access_token, id_token: await this.signed(), refresh_token: `r${this.forms.length}`, token_type: 'Bearer' });
  }

  private asked(parameter: string): string | undefined {
    return this.forms.find((form) => 'scope' in form)?.[parameter];
  }

  private discovery(): object {
    return {
      issuer: this.url,
      jwks_uri: `${this.url}/keys`,
      token_endpoint: `${this.url}/token`,
      device_authorization_endpoint: `${this.url}/device_authorization`,
      userinfo_endpoint: `${this.url}/userinfo`,
      ...this.metadata,
    };
  }

  private signed(): Promise<string> {
    const iat = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: this.url, aud: 'cli', sub: 'lihua', iat, exp: iat + 60, ...this.idToken })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .sign(this.keys.privateKey);
  }
}

describe('the sample command line, at a provider that it knows by its address alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clinch-sample-cli-'));
  let provider: FakeProvider;

  beforeAll(async () => {
    provider = new FakeProvider();
    await provider.start();
  });
  beforeEach(() => {
    rmSync(join(folder, 'tokens.json'), { force: true });
    Object.assign(provider, { polls: [], idToken: {}, metadata: {}, subAtUserinfo: 'lihua' });
    provider.forms.length = 0;
  });
  afterAll(() => {
    provider.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(args: readonly string[] = [], more: Record<string, string> = {}) {
    const own = { ISSUER: provider.url, CLIENT_ID: 'cli', CLINCH_SAMPLE_TOKENS: join(folder, 'tokens.json') };
    const program = startProgram('dist/src/demo/sample-cli.js', { ...own, ...more }, args);
    const { code } = await program.exited;
    return { code, output: program.output() };
  }

  it('asks as a public client, and shows nothing that a terminal would obey', async () => {
    const { code, output } = await run();
    expect([code, output]).toEqual([0, expect.stringContaining('Signed in as 李华')]);
    expect(provider.forms[0]).toEqual({ client_id: 'cli', scope: 'openid profile email offline_access' });
    expect(provider.forms[1]).toEqual({ client_id: 'cli', grant_type: DEVICE_CODE_GRANT, device_code: 'd' });
    expect(output).not.toContain('\u001b');
    expect(output).toContain('A[2JB-C');
  });

  it('goes on asking while it is told to wait, and while nobody answers', async () => {
    provider.polls = ['authorization_pending', undefined, 'authorization_pending'];
    expect((await run()).code).toBe(0);
    expect(provider.forms.filter(({ grant_type }) => grant_type === DEVICE_CODE_GRANT)).toHaveLength(4);
  });

  it.each([
    ['access_denied', 'You said no'],
    ['expired_token', 'the code has expired'],
  ])('ends with 1 at %s', async (error, words) => {
    provider.polls = ['authorization_pending', error];
    expect(await run()).toMatchObject({ code: 1, output: expect.stringContaining(words) as unknown });
  });

  describe('RFC 8707: with an API', () => {
    const atApi = () => ({ API: provider.url, RESOURCE: 'urn:example:api' });

    it('asks for a token for it and calls it with that, and learns about the person with another one', async () => {
      const { code, output } = await run([], atApi());
      expect([code, output]).toEqual([0, expect.stringContaining('Signed in as 李华')]);
      expect(provider.forms[0]).toMatchObject({ resource: 'urn:example:api' });
      expect(provider.forms.at(-1)).toMatchObject({ grant_type: 'refresh_token', resource: provider.url });
      expect(output).toContain('Bearer for urn:example:api');
    });

    it('does the same later, each time with the newest refresh token', async () => {
      await run([], atApi());
      const { code, output } = await run(['whoami'], atApi());
      expect([code, output]).toEqual([0, expect.stringContaining('Bearer for urn:example:api')]);
      expect(output).toContain('Signed in as 李华');
      expect(provider.forms.map(({ refresh_token }) => refresh_token)).toEqual([
        undefined,
        undefined,
        'r2',
        'r3',
        'r4',
      ]);
    });
  });

  describe('what it does not believe', () => {
    it.each([
      ['of another issuer', { iss: 'https://elsewhere.example' }],
      ['for another app', { aud: 'another' }],
      ['that has expired', { exp: Math.floor(Date.now() / 1000) - 1 }],
    ])('is an id_token %s', async (_, idToken) => {
      provider.idToken = idToken;
      expect(await run()).toMatchObject({ code: 1, output: expect.stringContaining('cannot be trusted') as unknown });
      expect((await run(['whoami'])).output).toContain('You are not signed in');
    });

    it('is userinfo about somebody else', async () => {
      provider.subAtUserinfo = 'mallory';
      expect((await run()).output).toContain('Signed in as lihua');
    });

    it('is a later id_token about somebody else', async () => {
      await run();
      provider.idToken = { sub: 'mallory' };
      const { code, output } = await run(['whoami']);
      expect([code, output]).toEqual([1, expect.stringContaining('somebody else')]);
    });

    it('is metadata that names another issuer', async () => {
      provider.metadata = { issuer: 'https://elsewhere.example' };
      expect(await run()).toMatchObject({ code: 1, output: expect.stringContaining('elsewhere.example') as unknown });
    });
  });

  it('says in one line that there is no provider, and that half of its settings are missing', async () => {
    const nobody = await run([], { ISSUER: 'http://127.0.0.1:1' });
    expect(nobody).toMatchObject({
      code: 1,
      output: expect.stringContaining('127.0.0.1:1 does not answer.') as unknown,
    });
    const half = await run([], { CLIENT_ID: '' });
    expect(half).toMatchObject({ code: 1, output: expect.stringContaining('one of them is missing') as unknown });
  });
});
