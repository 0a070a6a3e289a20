/** A message of DingTalk's Stream mode, as far as it is understood. */
export interface StreamFrame {
  /** SYSTEM, EVENT or CALLBACK. */
  readonly type: string;
  readonly topic: string;
  /** What the answer refers to. */
  readonly messageId: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** A text that usually is JSON. */
  readonly data: string;
}

/** 200: taken. 404: nobody here is interested in that topic. */
export type AckCode = 200 | 404;

/** @returns undefined for what is no frame */
export function readFrame(text: unknown): StreamFrame | undefined {
  const frame = objectOf(text);
  const headers = frame?.['headers'];
  if (frame === undefined || typeof headers !== 'object' || headers === null) return undefined;
  const { topic, messageId } = headers as Record<string, unknown>;
  const { type, data = '' } = frame;
  if (typeof type !== 'string' || typeof topic !== 'string' || typeof messageId !== 'string') return undefined;
  return {
    type,
    topic,
    messageId,
    headers: headers as Record<string, unknown>,
    data: typeof data === 'string' ? data : JSON.stringify(data),
  };
}

/** What an event says; nothing for what cannot be read. */
export function payloadOf({ data }: StreamFrame): Readonly<Record<string, unknown>> {
  return objectOf(data) ?? {};
}

/** The answer to a frame. @param data a text, as it is sent */
export function ackOf({ messageId }: StreamFrame, code: AckCode, data: string): string {
  const message = code === 200 ? 'OK' : 'nobody is interested in this topic';
  return JSON.stringify({ code, message, headers: { messageId, contentType: 'application/json' }, data });
}

/** The answer to an event: SUCCESS, and it does not come again; LATER, and it does. */
export function eventAck(frame: StreamFrame, isStored: boolean): string {
  const status = isStored ? { status: 'SUCCESS', message: 'ok' } : { status: 'LATER', message: 'not stored' };
  return ackOf(frame, 200, JSON.stringify(status));
}

function objectOf(text: unknown): Record<string, unknown> | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
