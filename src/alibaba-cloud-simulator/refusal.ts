import { randomUUID } from 'node:crypto';
import { type Answer, json } from './exchange.js';

/** A refusal in the shape that all of Alibaba Cloud's APIs have. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  answer(hostId: string, requestId = newRequestId()): Answer {
    const { code: Code, message: Message } = this;
    const Recommend = `https://api.aliyun.com/troubleshoot?q=${encodeURIComponent(Code)}&product=Sts&requestId=${requestId}`;
    return json({ RequestId: requestId, HostId: hostId, Code, Message, Recommend }, this.status);
  }
}

/** Why a token is not taken. All of these are 401. */
export function tokenRefusal(kind: string, message: string): Refusal {
  return new Refusal(401, `AuthenticationFail.OIDCToken.${kind}`, message);
}

export const newRequestId = (): string => randomUUID().toUpperCase();
