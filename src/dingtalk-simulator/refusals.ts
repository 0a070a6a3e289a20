import type { SimulatorApp } from './app.js';
import { type Answer, json, requestId } from './exchange.js';

/** A refusal by an API of the old host: HTTP 200 with an errcode. */
export class OapiRefusal extends Error {
  constructor(
    readonly errcode: number,
    message: string,
  ) {
    super(message);
  }
}

/** A refusal by the new host: a real status, and a body whose keys are in lower case. */
export class ApiRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requiredScopes?: readonly string[],
  ) {
    super(message);
  }
}

/** How the gateway in front of `topapi` refuses: 88, with the real code as a string. */
export function gatewayRefusal(subCode: number, message: string): Answer {
  return json({
    errcode: 88,
    sub_code: String(subCode),
    sub_msg: message,
    errmsg: `ding talk error[subcode=${subCode},submsg=${message}]`,
    request_id: requestId(),
  });
}

export function oapiRefusal({ errcode, message }: OapiRefusal): Answer {
  return json({ errcode, errmsg: message, request_id: requestId() });
}

export function apiRefusal({ status, code, message, requiredScopes }: ApiRefusal): Answer {
  const detail = requiredScopes ? { accessdenieddetail: { requiredScopes } } : {};
  return json({ code, requestid: requestId().toUpperCase(), message, ...detail }, status);
}

/** The text that 60011 and the new host use to name a permission that is missing. */
export function missingPermission(permission: string): string {
  return `应用尚未开通所需的权限：[${permission}]，点击链接申请并开通即可 {requiredScopes=[${permission}]}`;
}

/** The text of 60020. */
export function notListed({ clientId }: SimulatorApp): string {
  return `访问ip不在白名单之中,request ip=203.0.113.7 appKey(${clientId})`;
}

/** The text of 90018. */
export function tooOften(path: string, perSecond: number): string {
  const now = new Date();
  const end = new Date(now.getTime() + 1000);
  const span = `from:${now.toISOString()},to:${end.toISOString()}`;
  return `您的应用调用该接口频率过高,apiPath:${path},${span},count:${perSecond + 1},endTime:${end.toISOString()}`;
}
