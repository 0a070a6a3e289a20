import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { callbackSignature, decryptCallback, encryptCallback } from '../../src/dingtalk-simulator/callback-crypto.js';
import type { DingTalkSimulator } from '../../src/dingtalk-simulator/simulator.js';
import { startDingTalk } from '../support/start-dingtalk.js';

const SECRET = 'simulator-secret-2';
const KEYS = { token: 'clinchTok1', aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' };
const timings = { pushRetriesMs: [20, 40], streamAckMs: 400, streamCloseMs: 400, streamPingMs: 40, pushLimitMs: 2500 };

let dingtalk: DingTalkSimulator;
const servers: Server[] = [];
const sockets: WebSocket[] = [];

beforeEach(async () => {
  dingtalk = await startDingTalk({ apps: [{ clientSecret: SECRET }], timings });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  await dingtalk.stop();
});

/** Waits for something to come true; ten seconds at most. */
async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1000 && !what(); tries += 1) await new Promise((done) => setTimeout(done, 10));
  expect(what()).toBe(true);
}

interface Received {
  readonly query: URLSearchParams;
  readonly message: Record<string, unknown>;
}

/** An app's callback; `fails` is how often it answers 500 first, `answer` what it says afterwards. */
async function callback({ fails = 0, answer = 'success' } = {}): Promise<Received[]> {
  const received: Received[] = [];
  let left = fails;
  const ownerKey = dingtalk.app.clientId;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { encrypt } = JSON.parse(Buffer.concat(chunks).toString()) as { encrypt: string };
      const query = new URL(request.url ?? '', 'http://app').searchParams;
      const signed = callbackSignature(KEYS.token, query.get('timestamp') ?? '', query.get('nonce') ?? '', encrypt);
      expect(query.get('signature') ?? query.get('msg_signature')).toBe(signed);
      received.push({
        query,
        message: JSON.parse(decryptCallback({ ...KEYS, ownerKey }, encrypt)) as Received['message'],
      });
      left -= 1;
      if (left >= 0) return response.writeHead(500).end();
      const reply = encryptCallback({ ...KEYS, ownerKey }, answer);
      const msg_signature = callbackSignature(KEYS.token, '1700000000', 'nonce', reply);
      return response.end(JSON.stringify({ msg_signature, timeStamp: '1700000000', nonce: 'nonce', encrypt: reply }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  dingtalk.app.callback = { url: `http://127.0.0.1:${port}/callback?source=1`, ...KEYS };
  dingtalk.app.stream = false;
  return received;
}

interface Frame {
  readonly type: string;
  readonly headers: Record<string, string>;
  readonly data: string;
}

async function openTicket(accept = 'application/json') {
  const response = await fetch(`${dingtalk.bases.api}/v1.0/gateway/connections/open`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({
      clientId: dingtalk.app.clientId,
      clientSecret: SECRET,
      subscriptions: [{ type: 'EVENT', topic: '*' }],
    }),
  });
  expect(response.status).toBe(200);
  return response;
}

/** A Stream connection that answers each event by `status`: what it says last it says for ever. */
async function stream(...statuses: readonly (string | undefined)[]) {
  const { endpoint, ticket } = (await (await openTicket()).json()) as { endpoint: string; ticket: string };
  const socket = new WebSocket(`${endpoint}?ticket=${ticket}`);
  sockets.push(socket);
  const frames: Frame[] = [];
  let events = 0;
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as Frame;
    frames.push(frame);
    const { messageId } = frame.headers;
    const status = statuses[Math.min(events, statuses.length - 1)];
    if (frame.type === 'EVENT') events += 1;
    if (frame.headers.topic === 'disconnect' || (frame.type === 'EVENT' && status === undefined)) return;
    const reply = frame.type === 'EVENT' ? JSON.stringify({ status, message: 'ok' }) : frame.data;
    const headers = { messageId, contentType: 'application/json' };
    socket.send(JSON.stringify({ code: 200, message: 'OK', headers, data: reply }));
  });
  await new Promise<void>((done, fail) => {
    socket.once('open', done);
    socket.once('error', fail);
  });
  const ofEvents = () => frames.filter(({ type }) => type === 'EVENT');
  return { socket, frames, ofEvents, address: `${endpoint}?ticket=${ticket}` };
}

describe('events by HTTP', () => {
  it('come encrypted, signed under both names, in a flat envelope', async () => {
    const received = await callback();
    dingtalk.company.leave('u050');
    await dingtalk.events.settled();
    const [{ query, message } = { query: new URLSearchParams(), message: {} }] = received;
    expect(query.get('signature')).toBe(query.get('msg_signature'));
    expect(query.get('source')).toBe('1');
    expect(message).toMatchObject({ EventType: 'user_leave_org', CorpId: 'dingcorp0001', userId: ['u050'] });
    expect(Object.keys(message).sort()).toEqual(
      ['BizId', 'CorpId', 'EventTime', 'EventType', 'eventId', 'timeStamp', 'userId'].sort(),
    );
    expect(dingtalk.events.sent()).toMatchObject([{ state: 'delivered', channel: 'http' }]);
  });

  it('are signed under one name when so switched', async () => {
    const received = await callback();
    dingtalk.faults.switches.signatureNames = 'msg_signature';
    dingtalk.company.move('u051', [800]);
    await dingtalk.events.settled();
    expect(received[0]?.query.has('signature')).toBe(false);
  });

  it('come again after a failure, with the same id', async () => {
    const received = await callback({ fails: 2 });
    dingtalk.company.leave('u052');
    await dingtalk.events.settled();
    expect(received).toHaveLength(3);
    expect(new Set(received.map(({ message }) => message.eventId)).size).toBe(1);
  });

  it('end on the failed list, which is emptied by reading', async () => {
    await callback({ answer: 'failure' });
    dingtalk.company.leave('u053');
    await dingtalk.events.settled();
    const { clientId } = dingtalk.app;
    const { oapi } = dingtalk.bases;
    const token = (await (await fetch(`${oapi}/gettoken?appkey=${clientId}&appsecret=${SECRET}`)).json()) as {
      access_token: string;
    };
    const list = `${oapi}/call_back/get_call_back_failed_result?access_token=${token.access_token}`;
    const first = (await (await fetch(list)).json()) as Record<string, unknown>;
    expect(first).toMatchObject({ errcode: 0, has_more: false });
    expect(first.failed_list).toMatchObject([
      { callbackData: { userid: ['u053'], corpid: 'dingcorp0001' }, call_back_tag: 'user_leave_org' },
    ]);
    expect(await (await fetch(list)).json()).toMatchObject({ failed_list: [] });
  });

  it('begin with a handshake that judges the reply', async () => {
    const received = await callback();
    expect(await dingtalk.events.verifyCallback(dingtalk.app)).toBe('success');
    expect(received[0]?.message).toEqual({ EventType: 'check_url' });
    await callback({ answer: 'no' });
    expect(await dingtalk.events.verifyCallback(dingtalk.app)).toBe('the reply says no');
  });

  it('can be doubled, dropped, and held to come the other way round', async () => {
    const received = await callback();
    const { switches } = dingtalk.faults;
    switches.duplicateEvents = true;
    dingtalk.company.leave('u054');
    switches.duplicateEvents = false;
    switches.dropEvents = true;
    dingtalk.company.leave('u055');
    switches.dropEvents = false;
    await dingtalk.events.settled();
    expect(received.map(({ message }) => message.userId)).toEqual([['u054'], ['u054']]);
    switches.holdEvents = true;
    dingtalk.company.leave('u056');
    dingtalk.company.rehire('u056');
    await dingtalk.events.settled();
    expect(received).toHaveLength(2);
    dingtalk.events.release('reversed');
    await dingtalk.events.settled();
    expect(
      dingtalk.events
        .sent()
        .slice(2)
        .map(({ event }) => event.type),
    ).toEqual(['user_add_org', 'user_leave_org']);
  });
});

describe('events over Stream', () => {
  it('need a ticket, which is XML unless JSON is asked for, and good once', async () => {
    const xml = await openTicket('*/*');
    expect(xml.headers.get('content-type')).toContain('xml');
    expect(await xml.text()).toContain('<ticket>');
    const { address } = await stream('SUCCESS');
    const second = new WebSocket(address);
    sockets.push(second);
    const error = await new Promise<Error>((done) => second.once('error', done));
    expect(error.message).toContain('401');
  });

  it('carry the payload as a string and everything else in the headers', async () => {
    const { ofEvents } = await stream('SUCCESS');
    dingtalk.company.leave('u060');
    await dingtalk.events.settled();
    const [frame] = ofEvents();
    expect(frame?.headers).toMatchObject({ topic: '*', eventType: 'user_leave_org', eventCorpId: 'dingcorp0001' });
    expect(JSON.parse(frame?.data ?? '')).toEqual({ timeStamp: expect.any(String) as string, userId: ['u060'] });
  });

  it('come again without an answer and after LATER, with the same id', async () => {
    const { ofEvents } = await stream(undefined, 'LATER', 'SUCCESS');
    dingtalk.company.leave('u061');
    await dingtalk.events.settled();
    expect(new Set(ofEvents().map(({ headers }) => headers.eventId)).size).toBe(1);
    // On a busy machine an answer may come too late, and one more time it is sent.
    const outcomes = dingtalk.events.sent()[0]?.attempts.map(({ outcome }) => outcome) ?? [];
    expect(outcomes[0]).toBe('no answer');
    expect(outcomes).toContain('later');
    expect(outcomes.at(-1)).toBe('success');
  });

  it('wait for a connection', async () => {
    dingtalk.company.leave('u062');
    const { ofEvents } = await stream('SUCCESS');
    await dingtalk.events.settled();
    expect(new Set(ofEvents().map(({ headers }) => headers.eventId)).size).toBe(1);
  });

  it('stop with the disconnect frame, and the connection ends later', async () => {
    const old = await stream('SUCCESS');
    const closed = new Promise((done) => old.socket.once('close', done));
    dingtalk.events.stream.disconnectAll();
    const next = await stream('SUCCESS');
    // So many that chance alone does not spare the connection that is leaving.
    for (let number = 70; number < 80; number += 1) dingtalk.company.leave(`u0${number}`);
    await dingtalk.events.settled();
    await closed;
    expect(old.frames.at(-1)?.headers.topic).toBe('disconnect');
    expect(old.ofEvents()).toHaveLength(0);
    expect(new Set(next.ofEvents().map(({ headers }) => headers.eventId)).size).toBe(10);
  });

  it('are kept company by pings', async () => {
    await stream('SUCCESS');
    await until(() => (dingtalk.events.stream.connections()[0]?.pongs ?? 0) >= 2);
  });
});
