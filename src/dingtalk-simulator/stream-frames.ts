import { randomUUID } from 'node:crypto';
import type { SimulatorApp } from './app.js';
import type { CompanyEvent } from './company-event.js';
import { jsonObject } from './exchange.js';

/** A frame to the app, and the id by which its answer is known. */
export interface Frame {
  readonly messageId: string;
  readonly text: string;
}

export function eventFrame(event: CompanyEvent, app: SimulatorApp): Frame {
  return frame('EVENT', '*', event.payload, {
    eventType: event.type,
    eventId: event.eventId,
    eventCorpId: event.corpId,
    eventBornTime: String(event.bornAt),
    eventUnifiedAppId: app.unifiedAppId,
  });
}

export function systemFrame(topic: 'ping' | 'disconnect', data: object): Frame {
  return frame('SYSTEM', topic, data, {});
}

function frame(type: string, topic: string, data: object, more: Readonly<Record<string, string>>): Frame {
  const messageId = randomUUID().replaceAll('-', '_');
  const headers = { topic, messageId, contentType: 'application/json', time: String(Date.now()), ...more };
  // The data is a string that holds JSON.
  return { messageId, text: JSON.stringify({ specVersion: '1.0', type, headers, data: JSON.stringify(data) }) };
}

/** What an app answers to a frame. */
export interface Ack {
  readonly messageId: string;
  /** 'success', 'later', or what is wrong. */
  readonly outcome: string;
}

/** Reads an answer; undefined for a text that is none. Anything but SUCCESS means that the event comes again. */
export function readAck(text: string): Ack | undefined {
  const answer = jsonObject(text);
  const headers = typeof answer?.headers === 'object' ? (answer.headers as Record<string, unknown> | null) : undefined;
  const messageId = headers?.messageId;
  if (!answer || typeof messageId !== 'string') return undefined;
  const status = typeof answer.data === 'string' ? jsonObject(answer.data)?.status : undefined;
  if (status === 'LATER') return { messageId, outcome: 'later' };
  if (answer.code !== 200) return { messageId, outcome: `code ${String(answer.code)}` };
  return { messageId, outcome: status === 'SUCCESS' ? 'success' : 'an answer without a status' };
}
