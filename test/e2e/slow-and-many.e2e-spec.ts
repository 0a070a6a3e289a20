import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ServerLog } from '../../src/audit/server-log.js';
import { anApp } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { credentials, formOf, postToken, UserAgent } from '../support/user-agent.js';

const BASE_PATH = '/auth';

let clinch: TestClinch;
let origin: URL;
let server: Server;

beforeAll(async () => {
  clinch = await startClinch({
    CLINCH_ISSUER: `http://localhost:{port}${BASE_PATH}`,
    CLINCH_TRUST_PROXY: '127.0.0.1',
  });
  origin = new URL(new URL(clinch.url).origin);
  server = clinch.app.getHttpServer();
});
afterAll(() => clinch.stop());

async function aConnection(): Promise<Socket> {
  const socket = connect(Number(origin.port), '127.0.0.1');
  await once(socket, 'connect');
  // It is cut by the other side, which is what these tests are about.
  return socket.on('error', () => undefined);
}

/** Reads until the other side ends it. @returns what came, and the milliseconds that it took */
async function untilCut(socket: Socket): Promise<{ text: string; took: number }> {
  const began = performance.now();
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  await once(socket, 'close');
  return { text, took: performance.now() - began };
}

/** One byte after the other, for as long as anybody listens. */
function drip(socket: Socket, text: string): void {
  let sent = 0;
  const timer = setInterval(() => socket.write(text[sent++ % text.length] ?? 'x'), 100);
  socket.once('close', () => clearInterval(timer));
}

describe('a client that sends slowly (D25)', () => {
  it('has ten seconds for a header and thirty for a request', () => {
    expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 30_000]);
  });

  describe('with less time', () => {
    let before: [number, number];
    beforeAll(() => {
      before = [server.headersTimeout, server.requestTimeout];
      [server.headersTimeout, server.requestTimeout] = [500, 1_000];
    });
    afterAll(() => {
      [server.headersTimeout, server.requestTimeout] = before;
    });

    it.each([
      ['nothing at all', ''],
      ['half a header', `GET ${BASE_PATH}/livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: `],
      [
        'half a body',
        `POST ${BASE_PATH}/oidc/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\n`,
      ],
    ])('is cut after %s, a byte at a time or none, and others are served meanwhile', async (_, sent) => {
      const sockets = await Promise.all(Array.from({ length: 40 }, aConnection));
      for (const [index, socket] of sockets.entries()) {
        socket.write(sent);
        if (sent !== '' && index % 2 === 0) drip(socket, 'a=b&');
      }
      const cut = Promise.all(sockets.map(untilCut));
      const answer = await fetch(`${clinch.url}/oidc/jwks`);
      await answer.text();
      expect(answer.status).toBe(200);
      for (const { text, took } of await cut) {
        if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 408 /);
        expect(took).toBeLessThan(5_000);
      }
    });
  });
});

describe('a request that its sender gives up', () => {
  it('has a line in the log, which says so', async () => {
    const log = clinch.app.get(ServerLog);
    vi.spyOn(log, 'isOn').mockReturnValue(true);
    const info = vi.spyOn(log, 'info').mockImplementation(() => undefined);
    const socket = await aConnection();
    socket.write(
      `POST ${BASE_PATH}/oidc/token HTTP/1.1\r\nHost: localhost\r\nUser-Agent: gives-up\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 50\r\n\r\ngrant_type=`,
    );
    await delay(200);
    socket.destroy();
    const lines = () => info.mock.calls.map(([fields]) => fields).filter(({ userAgent }) => userAgent === 'gives-up');
    await vi.waitFor(() => expect(lines()).toHaveLength(1), { timeout: 5_000 });
    const [line] = lines();
    expect(line).toMatchObject({ kind: 'request', method: 'POST', path: '/auth/oidc/token', aborted: true });
    expect(line).toHaveProperty('traceId');
    expect(line).not.toHaveProperty('status');
  });
});

describe('a flood of sign-ins with wrong passwords (D26)', () => {
  const FLOOD = 120;

  it('is answered 503 beyond the queue, 429 beyond the limits of an address, and tokens are given meanwhile', async () => {
    const app = await anApp(clinch, { grantTypes: ['client_credentials'], redirectUris: [], scope: '' });
    const { headers, form } = credentials(app);
    const agent = new UserAgent(clinch.url);
    const { action, hidden } = formOf(await agent.follow(await agent.get(`${BASE_PATH}/account/history`)));
    const wrong = async (username: string, address: string) =>
      (await agent.post(action, { ...hidden, username, password: 'wrong' }, { 'X-Forwarded-For': address })).status;

    const over = new AbortController();
    const flood = Promise.all(
      Array.from({ length: FLOOD }, (_, index) => wrong(`nobody-${index}`, `192.0.2.${index}`)),
    ).finally(() => over.abort());
    const tokens: number[] = [];
    while (!over.signal.aborted) {
      const began = performance.now();
      const { status } = await postToken(clinch.url, { grant_type: 'client_credentials', ...form }, headers);
      expect(status).toBe(200);
      tokens.push(performance.now() - began);
    }
    const statuses = await flood;
    // Those that fit into the queue were told that it was wrong, the others to come again; nothing else happened.
    expect(new Set(statuses)).toEqual(new Set([401, 503]));
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThan(30);
    // No token waits for the queue, which takes a second or more.
    const median = tokens.toSorted((a, b) => a - b)[Math.floor(tokens.length / 2)] ?? Infinity;
    expect(median).toBeLessThan(1_000);

    const oneName: number[] = [];
    for (let each = 0; each < 10; each++) oneName.push(await wrong('nobody', '198.51.100.1'));
    expect(oneName.slice(8)).toEqual([429, 429]);
  });
});

describe('an issuer with a path', () => {
  it.each(['/livez', '/readyz', '/metrics', '/admin/openapi.json', '/account', '/oidc/jwks'])(
    'has %s with it and without it, and the same there',
    async (path) => {
      const statusAt = async (address: string) => {
        const answer = await fetch(address, { redirect: 'manual' });
        await answer.text();
        return answer.status;
      };
      const status = await statusAt(origin.origin + BASE_PATH + path);
      expect(status).toBeLessThan(404);
      expect(await statusAt(origin.origin + path)).toBe(status);
      // What only begins like it is no address of ours.
      for (const other of [`${BASE_PATH}${BASE_PATH}${path}`, `${BASE_PATH}x${path}`]) {
        expect(await statusAt(origin.origin + other)).toBe(404);
      }
    },
  );

  it('asks for the same rights on both', async () => {
    for (const base of [origin.origin, clinch.url]) {
      const answer = await fetch(`${base}/admin/api/v1/users`);
      await answer.text();
      expect(answer.status).toBe(401);
    }
  });
});
