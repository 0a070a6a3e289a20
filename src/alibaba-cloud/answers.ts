import type { FederationCause } from '../app-templates/federation-error.js';
import { FederationError } from '../app-templates/federation-error.js';
import { AnswerTooLarge, type OutboundAnswer, type OutboundHttp } from '../outbound/outbound-http.js';

/** Which request it was. */
export type Leg = 'sts' | 'signin';

export type Json = Readonly<Record<string, unknown>>;

/** Bytes. Credentials have some two thousand. */
const LARGEST_ANSWER = 64 * 1024;
/** Characters of a token, a key or a ticket. */
const LONGEST_VALUE = 16_384;

/** One request of a leg. What is secret stands in the form, never in the address. */
export interface Asking {
  readonly leg: Leg;
  readonly url: string;
  readonly form: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends a form once. Nothing is tried again: a second try of one leg would not fit into the time that a person waits for a
 * page, and the page itself offers it.
 *
 * @throws {FederationError} when nothing comes back
 */
export async function ask(http: Pick<OutboundHttp, 'request'>, asking: Asking): Promise<OutboundAnswer> {
  const { leg, url, form, timeoutMs, signal } = asking;
  try {
    return await http.request(url, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      timeoutMs,
      signal,
      largest: LARGEST_ANSWER,
    });
  } catch (error) {
    throw new FederationError(causeOfSilence(error, signal), { leg, cause: error });
  }
}

function causeOfSilence(error: unknown, signal: AbortSignal): FederationCause {
  if (signal.aborted) return 'timeout';
  if (error instanceof AnswerTooLarge) return 'unexpected';
  if (!(error instanceof Error)) return 'unreachable';
  return error.name === 'TimeoutError' || error.name === 'AbortError' ? 'timeout' : 'unreachable';
}

/** An answer, taken apart. Nothing that came with it but the two words for its support is ever shown or logged. */
export interface Reading {
  readonly status: number;
  readonly json: Json | undefined;
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  /** For telling refusals of one code apart; not for showing. */
  readonly message: string;
}

export function readAnswer({ status, body }: OutboundAnswer): Reading {
  const json = objectOf(parsed(body));
  const { Code: code, RequestId: requestId, Message: message } = json ?? {};
  return {
    status,
    json,
    code: matching(code, /^[A-Za-z][A-Za-z0-9._-]{0,99}$/),
    requestId: matching(requestId, /^[A-Za-z0-9-]{1,64}$/),
    message: typeof message === 'string' ? message : '',
  };
}

/** The members of a success; an answer with a code is none, whatever its status. */
export function successOf({ status, json, code }: Reading): Json | undefined {
  return status === 200 && code === undefined && json?.['Code'] === undefined ? json : undefined;
}

/** What every service of Alibaba Cloud says when it is asked too often, or cannot answer just now. */
export function passingCause({ status, code = '' }: Reading): FederationCause | undefined {
  if (status === 429 || /^Throttling(\.|$)/.test(code)) return 'throttled';
  return status >= 500 ? 'unreachable' : undefined;
}

export function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** A value as keys and tokens are: printable, with an end. */
export function secretOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= LONGEST_VALUE ? matching(value, /^[\x21-\x7e]+$/) : undefined;
}

export function matching(value: unknown, form: RegExp): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined;
}

/** The error of a parser would quote the text, and credentials may be in it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
