import type { WebSocket } from 'undici';
import { ackOf, eventAck, readFrame, type StreamFrame } from './stream-frame.js';

/** Milliseconds, all of them. */
export interface StreamTimings {
  /** From asking for a place to an open connection. */
  openWithin: number;
  /** DingTalk pings every 20 to 30 s: whoever is silent for so long is gone, even if the connection looks open. */
  idle: number;
  firstWait: number;
  longestWait: number;
  /** After its last frame an old connection gets so long to close by itself. */
  leaving: number;
}

export const USUAL_TIMINGS: Readonly<StreamTimings> = {
  openWithin: 15_000,
  idle: 75_000,
  firstWait: 1_000,
  longestWait: 60_000,
  leaving: 15_000,
};

/** Milliseconds between two replacements that are opened without waiting. */
const HURRY_EVERY_MS = 10_000;

/** What a link needs, and whom it tells. */
export interface StreamListener {
  /** Asks DingTalk for a place, and begins to connect there. */
  open(signal: AbortSignal): Promise<WebSocket>;
  /** Stores an event. @returns whether it is durable */
  take(frame: StreamFrame): Promise<boolean>;
  /** A frame came. */
  seen(): void;
  connected(): void;
  /** @param since when the last frame came, or the connection was known to be good */
  disconnected(since: Date): void;
  failed(reason: string): void;
}

/** One WebSocket, from its opening on. */
interface Channel {
  readonly socket: WebSocket;
  idle: NodeJS.Timeout;
  lastFrameAt: number;
  isGone: boolean;
}

/**
 * Keeps one source's Stream connection: opens it, answers its frames, and replaces it when it is cut, goes silent, or is
 * asked to leave. While one replaces the other both are listened to.
 */
export class StreamLink {
  private readonly channels = new Set<Channel>();
  private readonly ending = new AbortController();
  private current: Channel | undefined;
  private retry: NodeJS.Timeout | undefined;
  private isOpening = false;
  private failures = 0;
  private hurriedAt = 0;

  constructor(
    private readonly listener: StreamListener,
    private readonly timings: Readonly<StreamTimings> = USUAL_TIMINGS,
  ) {}

  start(): void {
    void this.connect();
  }

  /** Closes everything; no frame is answered any more. */
  stop(): void {
    this.ending.abort();
    clearTimeout(this.retry);
    for (const channel of this.channels) this.drop(channel);
  }

  private async connect(): Promise<void> {
    if (this.isOpening || this.ending.signal.aborted) return;
    this.isOpening = true;
    clearTimeout(this.retry);
    try {
      const socket = await this.opened();
      this.isOpening = false;
      this.adopt(socket);
    } catch (error) {
      this.isOpening = false;
      if (this.ending.signal.aborted) return;
      this.listener.failed(error instanceof Error ? error.message : String(error));
      this.reconnect();
    }
  }

  /** @throws {Error} when there is no open connection in time */
  private async opened(): Promise<WebSocket> {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), this.timings.openWithin).unref();
    const limit = AbortSignal.any([this.ending.signal, giveUp.signal]);
    try {
      const socket = await this.listener.open(limit);
      await opening(socket, limit);
      return socket;
    } finally {
      clearTimeout(timer);
    }
  }

  private adopt(socket: WebSocket): void {
    if (this.ending.signal.aborted) return socket.close();
    const idle = setTimeout(() => this.wentSilent(channel), this.timings.idle).unref();
    const channel: Channel = { socket, idle, lastFrameAt: Date.now(), isGone: false };
    this.channels.add(channel);
    this.current = channel;
    socket.addEventListener('message', ({ data }) => void this.answer(channel, data));
    socket.addEventListener('close', () => this.wasClosed(channel));
    this.listener.connected();
    // It may have been closed while its opening was told.
    if (socket.readyState !== socket.OPEN) this.wasClosed(channel);
  }

  private async answer(channel: Channel, data: unknown): Promise<void> {
    const frame = readFrame(data);
    if (this.ending.signal.aborted) return;
    if (frame === undefined) return this.listener.failed('a frame could not be read');
    channel.idle.refresh();
    channel.lastFrameAt = Date.now();
    this.failures = 0;
    this.listener.seen();
    if (frame.type === 'SYSTEM') return this.answerSystem(channel, frame);
    if (frame.type !== 'EVENT') return this.send(channel, ackOf(frame, 404, '{}'));
    this.send(channel, eventAck(frame, await this.listener.take(frame)));
  }

  private answerSystem(channel: Channel, frame: StreamFrame): void {
    if (frame.topic === 'ping') this.send(channel, ackOf(frame, 200, frame.data));
    if (frame.topic !== 'disconnect') return;
    // It delivers nothing any more, and is closed by the other side in a while; events go to its replacement.
    this.lose(channel);
    channel.idle = setTimeout(() => this.drop(channel), this.timings.leaving).unref();
    this.hurry();
  }

  private send({ socket }: Channel, text: string): void {
    if (socket.readyState === socket.OPEN) socket.send(text);
  }

  private wentSilent(channel: Channel): void {
    this.listener.failed('nothing came for too long');
    this.lose(channel, channel.lastFrameAt);
    this.drop(channel);
    this.hurry();
  }

  private wasClosed(channel: Channel): void {
    if (channel.isGone) return;
    this.drop(channel);
    if (this.current !== channel || this.ending.signal.aborted) return;
    this.listener.failed('the connection was closed');
    this.lose(channel);
    this.reconnect();
  }

  private lose(channel: Channel, since = Date.now()): void {
    clearTimeout(channel.idle);
    if (this.current !== channel) return;
    this.current = undefined;
    this.listener.disconnected(new Date(since));
  }

  private drop(channel: Channel): void {
    channel.isGone = true;
    clearTimeout(channel.idle);
    this.channels.delete(channel);
    channel.socket.close();
  }

  /** At once; unless that was so a moment ago, because then something is wrong. */
  private hurry(): void {
    const isTooSoon = Date.now() - this.hurriedAt < HURRY_EVERY_MS;
    this.hurriedAt = Date.now();
    if (isTooSoon) this.reconnect();
    else void this.connect();
  }

  /** Doubles the wait each time, give or take a fifth, so that nodes that were cut together do not come together. */
  private reconnect(): void {
    const { firstWait, longestWait } = this.timings;
    const wait = Math.min(firstWait * 2 ** Math.min(this.failures, 16), longestWait) * (0.8 + Math.random() * 0.2);
    this.failures++;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.connect(), wait).unref();
  }
}

/** @throws {Error} when the connection is refused, or is not open when the signal comes */
function opening(socket: WebSocket, limit: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const end = (reason?: string) => {
      if (isOver) return;
      isOver = true;
      if (reason === undefined) return resolve();
      socket.close();
      reject(new Error(reason));
    };
    const late = () => end('the connection did not open in time');
    if (limit.aborted) late();
    limit.addEventListener('abort', late, { once: true });
    socket.addEventListener('open', () => end(), { once: true });
    for (const name of ['error', 'close'] as const) {
      socket.addEventListener(name, () => end('the connection was refused'), { once: true });
    }
  });
}
