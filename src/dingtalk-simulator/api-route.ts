import type { Permission, SimulatorApp } from './app.js';
import type { Answer, Call } from './exchange.js';
import { ApiRefusal, notListed, tooOften } from './refusals.js';
import type { World } from './world.js';

export interface ApiCall {
  readonly world: World;
  readonly call: Call;
  /** The path with its star: what the limit of calls is counted by. */
  readonly api: string;
  /** What stands where the path has its star. */
  readonly segment: string;
  /** The JSON body; an empty one for a GET. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ApiRoute {
  readonly method: 'GET' | 'POST';
  /** Without the prefix; a star stands for one segment. */
  readonly path: string;
  /** Throws ApiRefusal. */
  answer(call: ApiCall): Answer;
}

/** A string of the body, or an empty one. */
export function textIn(body: ApiCall['body'], name: string): string {
  const value = body[name];
  return typeof value === 'string' ? value : '';
}

/** Lets a call of an app through, or throws ApiRefusal: its address, the permission, how often. */
export function admit({ world, api }: ApiCall, app: SimulatorApp, permission: Permission): void {
  if (!app.egressAllowed) throw new ApiRefusal(403, 'Forbidden.AccessDenied.IpNotInWhiteList', notListed(app));
  if (!app.permissions.has(permission)) throw permissionDenied(permission);
  const { throttle, callsPerSecond } = world.faults.switches;
  if (!throttle || world.calls.admit(app.clientId, api, callsPerSecond)) return;
  throw new ApiRefusal(403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', tooOften(api, callsPerSecond));
}

export function permissionDenied(permission: Permission): ApiRefusal {
  const code = 'Forbidden.AccessDenied.AccessTokenPermissionDenied';
  return new ApiRefusal(403, code, '没有调用该接口的权限', [permission]);
}

/** The token in the header that this host wants; it takes no Authorization header. Throws ApiRefusal. */
export function tokenOf({ call }: ApiCall): string {
  const token = call.headers['x-acs-dingtalk-access-token'];
  if (typeof token === 'string' && token !== '') return token;
  const message = 'The parameter x-acs-dingtalk-access-token is missing.';
  throw new ApiRefusal(400, 'AuthenticationFailed.MissingParameter', message);
}

export function invalidToken(): ApiRefusal {
  return new ApiRefusal(400, 'InvalidAuthentication', '不合法的access_token');
}
