import type { Server } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anApp, type TestApp } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials } from '../support/user-agent.js';
import { expectTokenError } from './support/expectations.js';
import { asTokenAnswer, exchange, rawRequest, type RawAnswer } from './support/raw-http.js';

const SECOND = 1000;
const FORM: [string, string] = ['Content-Type', 'application/x-www-form-urlencoded'];

describe('hostile bodies at the token endpoint (RFC 6749 appendix B, RFC 9112 §6.3)', () => {
  let clinch: TestClinch;
  let app: TestApp;

  beforeAll(async () => {
    clinch = await startClinch();
    app = await anApp(clinch);
  });
  afterAll(() => clinch.stop());

  const basic = (of: TestApp): [string, string] => ['Authorization', credentials(of).headers['Authorization'] ?? ''];

  const send = (body: string | Buffer, more: [string, string][] = []): Promise<RawAnswer> =>
    rawRequest(clinch.url, 'POST', '/oidc/token', [FORM, basic(app), ...more], body);
  const bomb = gzipSync(`grant_type=authorization_code&x=${'a'.repeat(10_000_000)}`);

  it.each([
    ['200 kB', () => 'a'.repeat(200_000), [], [413]],
    ['5,000 parameters', () => Array.from({ length: 5_000 }, (_, index) => `p${index}=1`).join('&'), [], [413]],
    ['2,000 short parameters', () => 'a&'.repeat(2_000), [], [413]],
    ['depth 60', () => `a${'[x]'.repeat(60)}=1`, [], [400]],
    ['a gzip bomb', () => bomb, [['Content-Encoding', 'gzip']], [413, 415]],
    ['brotli', () => brotliCompressSync('grant_type=x'), [['Content-Encoding', 'br']], [415]],
    ['an unknown encoding', () => 'grant_type=x', [['Content-Encoding', 'identity, gzip']], [415]],
  ] as [string, () => string | Buffer, [string, string][], number[]][])(
    'TOKEN-26 refuses %s at once',
    async (_, body, headers, statuses) => {
      const answer = await send(body(), headers);
      expect(statuses).toContain(answer.status);
      expectTokenError(asTokenAnswer(answer), 'invalid_request', answer.status);
      const again = await send(body(), headers);
      expect(Math.min(answer.ms, again.ms)).toBeLessThan(100);
    },
  );

  it('TOKEN-26 refuses a body in chunks that has no end, without keeping it', async () => {
    const chunk = `2000\r\n${'a'.repeat(0x2000)}\r\n`;
    const head = `POST /oidc/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${FORM.join(': ')}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await exchange(clinch.url, `${head}${chunk.repeat(64)}0\r\n\r\n`);
    expectTokenError(asTokenAnswer(answer), 'invalid_request', 413);
  });

  it('TOKEN-26 does not let one request pass for two', async () => {
    const smuggled = `POST /oidc/token HTTP/1.1\r\nHost: x\r\n${FORM.join(': ')}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n`;
    expect(await exchange(clinch.url, smuggled)).toMatchObject({ status: 400 });
    const twice = `POST /oidc/token HTTP/1.1\r\nHost: x\r\n${FORM.join(': ')}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`;
    expect(await exchange(clinch.url, twice)).toMatchObject({ status: 400 });
  });

  it('TOKEN-28 gives a request half a minute at most, and serves others meanwhile', async () => {
    const own = await startClinch();
    const server: Server = own.app.getHttpServer();
    expect(server.requestTimeout).toBeGreaterThan(0);
    expect(server.requestTimeout).toBeLessThanOrEqual(30 * SECOND);
    expect(server.headersTimeout).toBeGreaterThan(0);
    expect(server.headersTimeout).toBeLessThanOrEqual(10 * SECOND);
    server.headersTimeout = SECOND;
    server.requestTimeout = SECOND;
    const head = `POST /oidc/token HTTP/1.1\r\nHost: x\r\n${FORM.join(': ')}\r\n`;
    const half = exchange(own.url, `${head}Content-Length: 100\r\n\r\ngrant_type=`);
    const headers = exchange(own.url, head);
    const others = await Promise.all(Array.from({ length: 20 }, () => fetch(`${own.url}/livez`)));
    expect(others.every(({ status }) => status === 200)).toBe(true);
    for (const slow of [await half, await headers]) {
      expect(slow.status).toBe(408);
      expect(slow.ms).toBeLessThan(5 * SECOND);
    }
    await own.stop();
  });
});
