import { OutboundError, type OutboundHttp } from '../../outbound/outbound-http.js';
import type { IdentitySource } from '../source/identity-source.js';
import { readApiAnswer, readOapiAnswer } from './answers.js';
import { DingTalkError } from './dingtalk-error.js';
import type { Json } from './values.js';

/** Milliseconds for one exchange. DingTalk itself gives up after three seconds. */
const TIMEOUT_MS = 5_000;
/** Bytes. A page of a hundred people with all their fields has a few hundred thousand. */
const LARGEST_ANSWER = 5 * 1024 * 1024;

/** One call, as the pages about DingTalk's APIs describe it. */
export interface Call {
  /** `oapi` is the old host, whose APIs are older, not fewer. */
  readonly host: 'api' | 'oapi';
  readonly method: 'GET' | 'POST';
  /** Without base address and query. Calls are paced by it. */
  readonly path: string;
  readonly body?: object;
  /** Whose token goes along: the app's, or that of a person. */
  readonly token: 'app' | { readonly ofPerson: string } | 'none';
  /** What of the body may not stand in a message. */
  readonly secrets?: readonly string[];
}

/**
 * Sends a call once and reads its answer.
 *
 * @param token the access token that goes along, if any
 * @throws {DingTalkError}
 */
export async function exchange(
  http: OutboundHttp,
  { settings }: IdentitySource,
  call: Call,
  token: string | undefined,
  signal?: AbortSignal,
): Promise<Json> {
  const { host, method, path, body, secrets = [] } = call;
  const base = (host === 'api' ? settings.apiBaseUrl : settings.oapiBaseUrl).replace(/\/+$/, '');
  const query = host === 'oapi' && token !== undefined ? `?access_token=${encodeURIComponent(token)}` : '';
  const answer = await http
    .request(base + path + query, {
      method,
      headers: {
        // Without it some of the new host's answers are XML.
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(host === 'api' && token !== undefined ? { 'x-acs-dingtalk-access-token': token } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: TIMEOUT_MS,
      largest: LARGEST_ANSWER,
      ...(signal === undefined ? {} : { signal }),
    })
    .catch((error: unknown) => {
      throw unreachable(path, error);
    });
  const raw = { path, ...answer, secrets: token === undefined ? secrets : [...secrets, token] };
  return host === 'api' ? readApiAnswer(raw) : readOapiAnswer(raw);
}

function unreachable(path: string, cause: unknown): DingTalkError {
  return new DingTalkError('unavailable', '', `${path}: ${reasonOf(cause)}`, [], { cause });
}

/** Why nothing came, in a few words: `ECONNREFUSED` and its like, or our own reason. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error instanceof OutboundError) return error.message;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time';
  const cause = error.cause;
  if (cause instanceof OutboundError) return cause.message;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
  return `no answer (${code})`;
}
