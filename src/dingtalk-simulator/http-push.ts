import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallbackSettings, SimulatorApp } from './app.js';
import { callbackSignature, decryptCallback, encryptCallback } from './callback-crypto.js';
import type { CompanyEvent } from './company-event.js';
import type { DeliveryTimings } from './delivery-timings.js';
import { jsonObject } from './exchange.js';
import type { SentEvents } from './sent-events.js';
import type { World } from './world.js';

/** A push as it goes over the wire; tests change it to forge one, or send it twice to replay it. */
export interface SealedPush {
  readonly url: string;
  readonly body: string;
}

export interface SealOptions {
  readonly timestamp?: string;
  readonly nonce?: string;
  readonly signatureNames?: 'both' | 'signature' | 'msg_signature';
}

/** Encrypts and signs a message for an app's callback. */
export function sealPush(app: SimulatorApp, message: string, options: SealOptions = {}): SealedPush {
  const callback = callbackOf(app);
  const { timestamp = String(Date.now()), nonce = randomBytes(8).toString('hex'), signatureNames = 'both' } = options;
  const encrypt = encryptCallback({ ...callback, ownerKey: app.clientId }, message);
  const signature = callbackSignature(callback.token, timestamp, nonce, encrypt);
  const url = new URL(callback.url);
  if (signatureNames !== 'msg_signature') url.searchParams.set('signature', signature);
  if (signatureNames !== 'signature') url.searchParams.set('msg_signature', signature);
  url.searchParams.set('timestamp', timestamp);
  url.searchParams.set('nonce', nonce);
  return { url: url.toString(), body: JSON.stringify({ encrypt }) };
}

/** The message that an event is, over HTTP: the envelope, and the payload beside it. */
export function eventMessage({ type, bornAt, corpId, eventId, payload }: CompanyEvent): string {
  const envelope = { EventType: type, EventTime: bornAt, CorpId: corpId, BizId: String(bornAt), eventId };
  return JSON.stringify({ ...envelope, ...payload });
}

/** Events as encrypted POSTs to the address that the app registered. */
export class HttpPush {
  constructor(
    private readonly world: World,
    private readonly sent: SentEvents,
    private readonly timings: DeliveryTimings,
    private readonly stopped: AbortSignal,
  ) {}

  /** Pushes an event until it is answered as it should be; when it never is, it ends on the failed list. */
  async deliver(app: SimulatorApp, event: CompanyEvent): Promise<void> {
    const sent = this.sent.begin(event, app.clientId, 'http');
    for (const waitMs of [0, ...this.timings.pushRetriesMs]) {
      if (waitMs > 0) await pause(waitMs, undefined, { ref: false, signal: this.stopped });
      const outcome = await this.#push(app, eventMessage(event));
      this.sent.attempted(sent, outcome);
      if (outcome === 'success') return this.sent.finished(sent, 'delivered');
    }
    this.world.failedPushes.add(app, event);
    this.sent.finished(sent, 'failed');
  }

  /** The handshake that the console makes when the address is saved: 'success', or what is wrong with the reply. */
  async verify(app: SimulatorApp): Promise<string> {
    return this.#push(app, JSON.stringify({ EventType: 'check_url' }));
  }

  async #push(app: SimulatorApp, message: string): Promise<string> {
    const { signatureNames } = this.world.faults.switches;
    const callback = callbackOf(app);
    const { url, body } = sealPush(app, message, { signatureNames });
    const signal = AbortSignal.any([this.stopped, AbortSignal.timeout(this.timings.pushLimitMs)]);
    const headers = { 'content-type': 'application/json' };
    try {
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      const text = await response.text();
      return response.status === 200 ? judgeReply(callback, app.clientId, text) : `HTTP ${response.status}`;
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  }
}

/** 'success', or what is wrong: a reply is exactly four keys, signed, and the word success encrypted. */
function judgeReply(callback: CallbackSettings, ownerKey: string, text: string): string {
  const { msg_signature, timeStamp, nonce, encrypt, ...more } = jsonObject(text) ?? {};
  const isComplete = [msg_signature, timeStamp, nonce, encrypt].every((value) => typeof value === 'string');
  if (!isComplete || Object.keys(more).length > 0) return 'HTTP请求结果校验返回字段值失败: the reply has other keys';
  const [time, once, sealed] = [String(timeStamp), String(nonce), String(encrypt)];
  if (callbackSignature(callback.token, time, once, sealed) !== msg_signature) return '900005: the signature is wrong';
  try {
    const message = decryptCallback({ ...callback, ownerKey }, sealed);
    return message === 'success' ? 'success' : `the reply says ${message}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function callbackOf({ callback, clientId }: SimulatorApp): CallbackSettings {
  if (!callback) throw new Error(`${clientId} has no callback.`);
  return callback;
}
