import { type Answer, type Call, html, json, jsonObject, requestId } from './exchange.js';
import type { FaultKind, FaultRule } from './faults.js';
import { ApiRefusal, OapiRefusal, apiRefusal, gatewayRefusal, oapiRefusal } from './refusals.js';
import type { World } from './world.js';

type Host = 'oapi' | 'api' | 'login';

/** What a failure does instead of the answer: another answer, a wait before the right one, silence, or a cut line. */
export type Failure = { answer: Answer } | { waitMs: number } | 'hang' | 'refuse';

const HUGE_BYTES = 10 * 1024 * 1024;

/** What befalls this call, if anything. `path` is the whole path, with the prefix of its host. */
export function failureOf(world: World, call: Call, host: Host): Failure | undefined {
  const rule = world.faults.take(call.path, deptIdIn(call));
  if (!rule) return undefined;
  if (rule.kind === 'token-expired') world.tokens.expireApps();
  return failureBy(rule, call, host);
}

function deptIdIn({ body }: Call): number | undefined {
  const value = jsonObject(body)?.dept_id ?? new URLSearchParams(body).get('dept_id') ?? undefined;
  return value === undefined ? undefined : Number(value);
}

function failureBy({ kind, ms = 3000 }: FaultRule, call: Call, host: Host): Failure {
  if (kind === 'hang' || kind === 'refuse') return kind;
  if (kind === 'slow') return { waitMs: ms };
  const answer = anywhere(kind) ?? (host === 'api' ? onApi(kind) : onOapi(kind, call.path));
  return { answer };
}

/** Failures that look alike on every host: those of what stands before it. */
function anywhere(kind: FaultKind): Answer | undefined {
  const type = { 'content-type': 'application/json;charset=UTF-8' };
  if (kind === 'empty-body') return { status: 200, headers: type, body: '' };
  if (kind === 'not-json') return { status: 200, headers: type, body: '{"errcode":0,"result":{"userid":' };
  if (kind === 'huge-body') return { status: 200, headers: type, body: `{"pad":"${'x'.repeat(HUGE_BYTES)}"}` };
  if (kind === 'http-429') return json({ message: 'Too Many Requests' }, 429);
  if (kind === 'http-500') return json({ code: 'server.error', requestid: requestId(), message: '系统错误' }, 500);
  if (kind === 'http-504') return html('<html><body><h1>504 Gateway Time-out</h1></body></html>', 504);
  if (kind === 'ip-banned') return json({ status: 1111, wait: 5, source: 'x5', punish: 'deny', uuid: requestId() });
  if (kind === 'ip-banned-html') return html('<html><body>亲，访问被拒绝，请稍后再试。</body></html>');
  return undefined;
}

function onApi(kind: FaultKind): Answer {
  if (kind === 'backend-timeout') return html('<html><body><h1>504 Gateway Time-out</h1></body></html>', 504);
  const denied = 'Forbidden.AccessDenied';
  const [status, code, message] = {
    'token-expired': [400, 'InvalidAuthentication', '不合法的access_token'] as const,
    throttled: [403, `${denied}.QpsLimitForAppkeyAndApi`, '应用调用该接口频率过高'] as const,
    'http-403': [403, `${denied}.QpsLimitForAppkeyAndApi`, '应用调用该接口频率过高'] as const,
    'api-throttled': [403, `${denied}.QpsLimitForApi`, '该接口频率过高'] as const,
    'ip-not-listed': [403, `${denied}.IpNotInWhiteList`, '访问ip不在白名单之中'] as const,
  }[kind as string] ?? [500, 'system.error', '系统繁忙'];
  return apiRefusal(new ApiRefusal(status, code, message));
}

const OAPI_CODES: Readonly<Record<string, readonly [code: number, message: string]>> = {
  'token-expired': [40014, '不合法的access_token'],
  throttled: [90018, '您的应用调用该接口频率过高'],
  'http-403': [90018, '您的应用调用该接口频率过高'],
  'api-throttled': [90002, '接口调用超过全局限制'],
  'ip-not-listed': [60020, '访问ip不在白名单之中,request ip=203.0.113.7'],
};

function onOapi(kind: FaultKind, path: string): Answer {
  if (kind === 'out-of-range') return oapiRefusal(new OapiRefusal(50004, '请求的部门id不在授权范围'));
  if (kind === 'backend-timeout') {
    const sub = { sub_code: 'isp.top-remote-connection-timeout', sub_msg: '后端服务超时' };
    return json({ errcode: 15, errmsg: 'Remote service error', ...sub, request_id: requestId() });
  }
  if (kind === 'authentication-timeout') return json({ errcode: 88, errmsg: '认证服务超时', request_id: requestId() });
  const known = OAPI_CODES[kind];
  if (!known) return oapiRefusal(new OapiRefusal(-1, '系统繁忙'));
  // Only `topapi` has the gateway before it.
  return path.startsWith('/oapi/topapi/') ? gatewayRefusal(...known) : oapiRefusal(new OapiRefusal(...known));
}
