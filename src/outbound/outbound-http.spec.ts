import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { ClinchConfig } from '../config/clinch-config.js';
import { OutboundHttp } from './outbound-http.js';

const trial = new OutboundHttp(ClinchConfig.fromEnvironment({}));
const production = new OutboundHttp(ClinchConfig.fromEnvironment({ CLINCH_ISSUER: 'https://id.example' }));

let server: Server;
let sockets: WebSocketServer;
let base: string;

beforeEach(async () => {
  server = createServer((request, response) => {
    if (request.url?.startsWith('/never') === true) return;
    response.writeHead(request.url === '/moved' ? 302 : 200, { location: '/elsewhere' });
    request.pipe(response);
  });
  sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data, { binary: false })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('a request to an address that was registered', () => {
  it('has method, headers and body, and its answer as text', async () => {
    const answer = await trial.request(`http://${base}/`, { method: 'POST', body: '你好' });
    expect(answer).toEqual({ status: 200, body: '你好' });
  });

  it('follows no redirect', async () => {
    expect((await trial.request(`http://${base}/moved`)).status).toBe(302);
  });

  it('ends with its own time and with the caller’s', async () => {
    await expect(trial.request(`http://${base}/never`, { timeoutMs: 50 })).rejects.toThrow('no answer in time');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(trial.request(`http://${base}/never`, { signal })).rejects.toThrow('enough');
    const end = new AbortController();
    const attempt = trial.request(`http://${base}/never`, { signal: end.signal });
    end.abort(new Error('gone'));
    await expect(attempt).rejects.toThrow('gone');
  });

  it('goes by the status where the body does not matter, however large that is', async () => {
    const asked = { method: 'POST', body: 'x'.repeat(2_000), largest: 1_000, bodyMatters: false } as const;
    expect(await trial.request(`http://${base}/`, asked)).toEqual({ status: 200, body: '' });
  });

  it('takes no more of an answer than it may, and shows no query', async () => {
    const asked = { method: 'POST', body: 'x'.repeat(2_000), largest: 1_000 } as const;
    const attempt = trial.request(`http://${base}/?access_token=hidden`, asked);
    await expect(attempt).rejects.toThrow(`http://${base}/ answered with more than 1000 bytes`);
    await expect(production.request('http://127.0.0.1/?access_token=hidden')).rejects.toThrow(/^http:\/\/127.0.0.1\/ /);
  });
});

describe('a WebSocket to an address that was registered', () => {
  it('carries messages on loopback when the issuer is there as well', async () => {
    const socket = trial.webSocket(`ws://${base}/connect?ticket=1`);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const answered = new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data)));
    socket.send('ping');
    expect(await answered).toBe('ping');
    socket.close();
  });

  it.each(['ws://stream.example/', 'wss://127.0.0.1/', 'wss://10.0.0.1/', 'wss://[::1]/', 'https://stream.example/'])(
    'is not opened to %s in production',
    (url) => {
      expect(() => production.webSocket(url)).toThrow(expect.objectContaining({ name: 'OutboundError' }) as Error);
    },
  );

  it('fails where a name leads nowhere or to a private address', async () => {
    const socket = production.webSocket('wss://ip6-localhost/');
    await new Promise((resolve) => socket.addEventListener('error', resolve));
    expect(socket.readyState).not.toBe(1);
  });
});
