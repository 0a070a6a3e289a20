import { DingTalkError, type DingTalkFault } from './dingtalk-error.js';
import { listOf, numberOf, objectOf, parsedOf, seen, textOf, type Json } from './values.js';

/** What came back over HTTP, and from which call. */
export interface RawAnswer {
  /** For messages: without query, so without token. */
  readonly path: string;
  readonly status: number;
  readonly body: string;
  /** What may not stand in a message, should DingTalk's own words repeat it. */
  readonly secrets: readonly string[];
}

/** What the old host's codes mean to us. The rest is `refused`. */
const OAPI_FAULTS: Readonly<Record<DingTalkFault, readonly number[]>> = {
  credentials: [33_001, 40_000, 40_001, 40_014, 40_089, 40_096, 41_001, 42_001],
  permission: [43_007, 60_011],
  address: [60_020],
  throttled: [
    90_001, 90_002, 90_003, 90_004, 90_005, 90_006, 90_007, 90_008, 90_009, 90_010, 90_011, 90_012, 90_013, 90_014,
    90_015, 90_016, 90_017, 90_018, 90_020,
  ],
  busy: [-1, 15, 504],
  unavailable: [],
  bad_code: [40_078, 40_079, 40_087, 40_091, 40_102, 41_026, 42_003, 42_008],
  not_found: [33_011, 33_012, 60_003, 60_121],
  out_of_range: [50_002, 50_004],
  refused: [],
};

const FAULT_OF_OAPI = new Map(
  Object.entries(OAPI_FAULTS).flatMap(([fault, codes]) => codes.map((code) => [code, fault as DingTalkFault])),
);

/** What the new host's codes mean to us, in lower case. */
const FAULT_OF_API: Readonly<Record<string, DingTalkFault>> = {
  invalidauthentication: 'credentials',
  'authenticationfailed.missingparameter': 'credentials',
  invalidclientidorsecret: 'credentials',
  'invalid.client': 'credentials',
  'unauthorized.client': 'credentials',
  'accesstoken.expired': 'bad_code',
  'invalidparameter.authcode.notfound': 'bad_code',
  'invalidparameter.user.notfound': 'not_found',
  'forbidden.accessdenied.accesstokenpermissiondenied': 'permission',
  'forbidden.accessdenied.ipnotinwhitelist': 'address',
  'forbidden.accessdenied.qpslimitforappkeyandapi': 'throttled',
  'forbidden.accessdenied.qpslimitforapi': 'throttled',
  'forbidden.accessdenied.qpmlimitforappkeyandapi': 'throttled',
  'forbidden.accessdenied.apicountlimitfororg': 'throttled',
};

/**
 * An answer of the old host. Its HTTP status is 200 whatever happened; a code of 88 says that the gateway refused, with
 * the real code beside it as a string.
 *
 * @throws {DingTalkError}
 */
export function readOapiAnswer(raw: RawAnswer): Json {
  const body = bodyOf(raw);
  const errcode = numberOf(body['errcode']);
  if (errcode === undefined) throw noAnswer(raw);
  if (errcode === 0) return body;
  const subCode = errcode === 88 ? textOf(body['sub_code']) : undefined;
  const code = subCode ?? String(errcode);
  const words = textOf(body['sub_msg']) ?? textOf(body['errmsg']) ?? '';
  throw refusal(raw, oapiFault(errcode, subCode), code, words, body, namedScopes(textOf(body['errmsg']) ?? words));
}

/**
 * An answer of the new host, whose failures have a real HTTP status and `code` in the body.
 *
 * @throws {DingTalkError}
 */
export function readApiAnswer(raw: RawAnswer): Json {
  const body = bodyOf(raw);
  if (raw.status === 200) {
    const errcode = numberOf(body['errcode']) ?? 0;
    // Paths that it does not know at all are answered in the old host's way.
    if (errcode !== 0) throw refusal(raw, 'refused', String(errcode), textOf(body['errmsg']) ?? '', body);
    // A ban of the caller's address, which comes with no sign of it but these two.
    if (body['status'] !== undefined && body['punish'] !== undefined) throw noAnswer(raw);
    return body;
  }
  const named = withLowerCaseKeys(body);
  const code = textOf(named['code']);
  if (code === undefined) throw noAnswer(raw);
  const scopes = listOf(objectOf(named['accessdenieddetail'])?.['requiredScopes'])?.flatMap(
    (each) => textOf(each) ?? [],
  );
  const words = textOf(named['message']) ?? '';
  throw refusal(raw, apiFault(raw.status, code), code, words, named, scopes ?? namedScopes(words));
}

function oapiFault(errcode: number, subCode: string | undefined): DingTalkFault {
  // 88 alone: the gateway could not ask whether the token is good.
  if (errcode === 88 && subCode === undefined) return 'busy';
  const code = subCode === undefined ? errcode : numberOf(subCode);
  if (code === undefined) return subCode?.startsWith('isp.') === true ? 'busy' : 'refused';
  return FAULT_OF_OAPI.get(code) ?? 'refused';
}

function apiFault(status: number, code: string): DingTalkFault {
  const known = FAULT_OF_API[code.toLowerCase()];
  if (known !== undefined) return known;
  if (status === 429) return 'throttled';
  return status >= 500 ? 'busy' : 'refused';
}

function bodyOf(raw: RawAnswer): Json {
  const body = objectOf(parsedOf(raw.body));
  if (body === undefined) throw noAnswer(raw);
  return body;
}

/** HTML, nothing at all, a page of somebody in between: no answer of DingTalk's. */
function noAnswer({ path, status }: RawAnswer): DingTalkError {
  if (status === 429) return new DingTalkError('throttled', '429', `${path}: too many calls (HTTP 429)`);
  if (status === 504) return new DingTalkError('busy', '504', `${path}: no answer behind the gateway (HTTP 504)`);
  return new DingTalkError('unavailable', '', `${path}: the answer is none of DingTalk's (HTTP ${status})`);
}

function refusal(
  raw: RawAnswer,
  fault: DingTalkFault,
  code: string,
  words: string,
  body: Json,
  scopes: readonly string[] = [],
): DingTalkError {
  const requestId = textOf(body['request_id']) ?? textOf(body['requestid']);
  const said = `${code} ${words}`.trim() + (requestId === undefined ? '' : ` (request ${requestId})`);
  const required = fault === 'permission' ? scopes.map((scope) => seen(scope).slice(0, 100)) : [];
  return new DingTalkError(fault, cut(code, raw, 100), `${raw.path}: ${cut(said, raw, 500)}`, required);
}

function cut(text: string, { secrets }: RawAnswer, longest: number): string {
  const clean = secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '[…]')), text);
  return seen(clean).slice(0, longest);
}

/** `…{requiredScopes=[qyapi_get_member]}`, or the first brackets of the message. */
function namedScopes(words: string): readonly string[] {
  const found =
    /requiredScopes=\[([^\]]{1,500})\]/.exec(words) ?? /\[([A-Za-z][\w.]*(?:,\s*[A-Za-z][\w.]*)*)\]/.exec(words);
  return (found?.[1] ?? '').split(/[,\s]+/).filter((scope) => /^[A-Za-z][\w.]*$/.test(scope));
}

function withLowerCaseKeys(body: Json): Json {
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key.toLowerCase(), value]));
}
