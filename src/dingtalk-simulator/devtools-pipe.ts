import type { Readable, Writable } from 'node:stream';
import { isObject, jsonObject } from './exchange.js';

/** A browser that is started for the first time, on a busy machine, takes its time for the first answer. */
const PATIENCE_MS = 30_000;

type Values = Readonly<Record<string, unknown>>;

/** Something that the browser reports. */
export interface DevToolsEvent {
  readonly method: string;
  readonly params: Values;
  readonly sessionId?: string;
}

/** Chrome's DevTools protocol over the two pipes of `--remote-debugging-pipe`: no port that others could connect to. */
export class DevToolsPipe {
  #lastId = 0;
  #rest = '';
  readonly #waiting = new Map<number, { done: (result: Values) => void; fail: (error: Error) => void }>();

  constructor(
    private readonly toBrowser: Writable,
    fromBrowser: Readable,
    private readonly onEvent: (event: DevToolsEvent) => void,
  ) {
    fromBrowser.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    fromBrowser.on('close', () => this.#end());
    // A browser that was closed takes no more: whoever waits is told by the end of the other pipe.
    toBrowser.on('error', () => undefined);
  }

  /** Sends a command. Throws an Error when the browser refuses it, ends, or does not answer in time. */
  async send(method: string, params: object = {}, sessionId?: string): Promise<Values> {
    this.#lastId += 1;
    const id = this.#lastId;
    const session = sessionId === undefined ? {} : { sessionId };
    this.toBrowser.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const answer = new Promise<Values>((done, fail) => this.#waiting.set(id, { done, fail }));
    const timer = setTimeout(() => this.#waiting.get(id)?.fail(new Error(`${method} was not answered.`)), PATIENCE_MS);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  #read(text: string): void {
    const messages = (this.#rest + text).split('\0');
    this.#rest = messages.pop() ?? '';
    for (const message of messages) this.#take(jsonObject(message) ?? {});
  }

  #take({ id, method, params, result, error, sessionId }: Values): void {
    const waiting = typeof id === 'number' ? this.#waiting.get(id) : undefined;
    if (waiting && isObject(error)) waiting.fail(new Error(String(error.message)));
    else if (waiting) waiting.done(isObject(result) ? result : {});
    if (typeof method !== 'string') return;
    const session = typeof sessionId === 'string' ? { sessionId } : {};
    this.onEvent({ method, params: isObject(params) ? params : {}, ...session });
  }

  #end(): void {
    for (const { fail } of this.#waiting.values()) fail(new Error('The browser has ended.'));
  }
}
