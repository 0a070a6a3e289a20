import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket as Client } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { readFrame } from './stream-frame.js';
import { StreamLink, USUAL_TIMINGS, type StreamListener, type StreamTimings } from './stream-link.js';

/** One side of a connection, as DingTalk sees it. */
interface Peer {
  readonly socket: WebSocket;
  readonly received: Record<string, unknown>[];
}

describe('the Stream connection of a source', () => {
  let server: WebSocketServer;
  let peers: Peer[];
  let link: StreamLink;
  let listener: { [name in keyof StreamListener]: ReturnType<typeof vi.fn<StreamListener[name]>> };

  beforeEach(async () => {
    peers = [];
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket) => {
      const peer: Peer = { socket, received: [] };
      socket.on('message', (data: Buffer) =>
        peer.received.push(JSON.parse(data.toString()) as Record<string, unknown>),
      );
      peers.push(peer);
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    listener = {
      open: vi.fn<StreamListener['open']>(async () => new Client(`ws://127.0.0.1:${port}`)),
      take: vi.fn<StreamListener['take']>(async () => true),
      seen: vi.fn<StreamListener['seen']>(),
      connected: vi.fn<StreamListener['connected']>(),
      disconnected: vi.fn<StreamListener['disconnected']>(),
      failed: vi.fn<StreamListener['failed']>(),
    };
  });
  afterEach(() => {
    link.stop();
    for (const { socket } of peers) socket.terminate();
    server.close();
  });

  async function start(timings: Partial<StreamTimings> = {}): Promise<Peer> {
    link = new StreamLink(listener, { ...USUAL_TIMINGS, firstWait: 20, ...timings });
    link.start();
    return untilPeer(0);
  }

  async function untilPeer(index: number): Promise<Peer> {
    await expect.poll(() => peers.length, { timeout: 5_000, interval: 5 }).toBeGreaterThan(index);
    const peer = peers[index];
    if (peer === undefined) throw new Error('nobody connected');
    return peer;
  }

  const frame = (type: string, topic: string, data = '{}', messageId = 'm1') =>
    JSON.stringify({ specVersion: '1.0', type, headers: { topic, messageId, eventId: 'e1' }, data });

  const answers = (peer: Peer, count: number) =>
    expect.poll(() => peer.received, { timeout: 5_000, interval: 5 }).toHaveLength(count);

  it('answers a ping with what the ping said', async () => {
    const peer = await start();
    peer.socket.send(frame('SYSTEM', 'ping', '{"opaque":"abc"}', 'p1'));
    await answers(peer, 1);
    expect(peer.received[0]).toEqual({
      code: 200,
      message: 'OK',
      headers: { messageId: 'p1', contentType: 'application/json' },
      data: '{"opaque":"abc"}',
    });
  });

  it.each([
    [true, 'SUCCESS'],
    [false, 'LATER'],
  ])('answers an event that is stored (%s) with %s', async (isStored, status) => {
    const peer = await start();
    listener.take.mockResolvedValue(isStored);
    peer.socket.send(frame('EVENT', '*', '{"userId":["u1"]}'));
    await answers(peer, 1);
    expect(peer.received[0]).toMatchObject({ code: 200, headers: { messageId: 'm1' } });
    expect(JSON.parse(String(peer.received[0]?.['data']))).toMatchObject({ status });
    expect(listener.take.mock.calls[0]?.[0]).toMatchObject({ data: '{"userId":["u1"]}', headers: { eventId: 'e1' } });
  });

  it('answers what it is not interested in with 404', async () => {
    const peer = await start();
    peer.socket.send(frame('CALLBACK', '/v1.0/im/bot/messages/get'));
    await answers(peer, 1);
    expect(peer.received[0]).toMatchObject({ code: 404, headers: { messageId: 'm1' } });
    expect(listener.take).not.toHaveBeenCalled();
  });

  it('lives on after nonsense, and after words of the system that it does not know', async () => {
    const peer = await start();
    for (const nonsense of ['', 'x', '[]', 'null', '{}', '{"type":"EVENT"}', '{"type":1,"headers":{"topic":1}}']) {
      peer.socket.send(nonsense);
    }
    peer.socket.send(Buffer.from([0, 255]), { binary: true });
    for (const topic of ['CONNECTED', 'REGISTERED', 'KEEPALIVE']) peer.socket.send(frame('SYSTEM', topic));
    peer.socket.send(frame('SYSTEM', 'ping', '{}', 'last'));
    await answers(peer, 1);
    expect(peer.received[0]).toMatchObject({ headers: { messageId: 'last' } });
    expect(peers).toHaveLength(1);
  });

  it('opens the next connection at once when it is asked to leave, and answers on both', async () => {
    const peer = await start();
    let letGo = (): void => undefined;
    listener.take.mockImplementation(async () => new Promise((done) => (letGo = () => done(true))));
    peer.socket.send(frame('EVENT', '*', '{}', 'before'));
    await expect.poll(() => listener.take.mock.calls.length, { timeout: 5_000, interval: 5 }).toBe(1);
    peer.socket.send(frame('SYSTEM', 'disconnect', '{"reason":"connection is expired"}'));
    const next = await untilPeer(1);
    letGo();
    await answers(peer, 1);
    expect(peer.received[0]).toMatchObject({ headers: { messageId: 'before' } });
    next.socket.send(frame('SYSTEM', 'ping', '{}', 'after'));
    await answers(next, 1);
    expect(peer.socket.readyState).toBe(peer.socket.OPEN);
    peer.socket.close();
    await once(peer.socket, 'close');
    expect(listener.open).toHaveBeenCalledTimes(2);
  });

  it('closes an old connection that is not closed by the other side', async () => {
    const peer = await start({ leaving: 50 });
    peer.socket.send(frame('SYSTEM', 'disconnect'));
    await once(peer.socket, 'close');
    await untilPeer(1);
    expect(peers).toHaveLength(2);
  });

  it('does not come back at once again and again', async () => {
    const peer = await start({ firstWait: 60_000 });
    peer.socket.send(frame('SYSTEM', 'disconnect'));
    const next = await untilPeer(1);
    next.socket.send(frame('SYSTEM', 'disconnect'));
    await expect.poll(() => listener.disconnected.mock.calls.length, { timeout: 5_000 }).toBe(2);
    await new Promise((done) => setTimeout(done, 200));
    expect(listener.open).toHaveBeenCalledTimes(2);
  });

  it('gives up a connection on which nothing comes, and says since when', async () => {
    const peer = await start({ idle: 80 });
    const before = Date.now();
    await untilPeer(1);
    const since = listener.disconnected.mock.calls[0]?.[0];
    expect(since?.getTime()).toBeLessThanOrEqual(before + 20);
    expect(listener.failed).toHaveBeenCalledWith('nothing came for too long');
    expect(peer.received).toEqual([]);
  });

  it('waits longer each time that it is refused, and starts anew once a frame has come', async () => {
    const times: number[] = [];
    listener.open.mockImplementation(async () => {
      times.push(Date.now());
      if (times.length < 5) throw new Error('refused');
      const { port } = server.address() as AddressInfo;
      return new Client(`ws://127.0.0.1:${port}`);
    });
    await start({ firstWait: 20 });
    const waits = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(waits).toHaveLength(4);
    // 20, 40, 80, 160, each less a fifth at most.
    for (const [index, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(15 * 2 ** index);
    expect(listener.failed).toHaveBeenCalledTimes(4);
  });

  it('gives up an opening that takes too long', async () => {
    listener.open.mockImplementationOnce(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('too late')));
        }),
    );
    await start({ openWithin: 50 });
    expect(listener.failed).toHaveBeenCalledWith('too late');
  });

  it('is closed for good when it is stopped', async () => {
    const peer = await start();
    link.stop();
    peer.socket.send(frame('EVENT', '*'));
    await once(peer.socket, 'close');
    await new Promise((done) => setTimeout(done, 100));
    expect(listener.open).toHaveBeenCalledTimes(1);
    expect(listener.take).not.toHaveBeenCalled();
  });
});

describe('a frame', () => {
  it('is read with data that is an object instead of a text', () => {
    const text = JSON.stringify({ type: 'EVENT', headers: { topic: '*', messageId: 'm' }, data: { a: 1 } });
    expect(readFrame(text)).toMatchObject({ data: '{"a":1}' });
  });
});
