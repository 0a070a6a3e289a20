import type { Permission, SimulatorApp } from './app.js';
import { type Answer, type Call, json, jsonObject, mediaType, requestId } from './exchange.js';
import { departmentRoutes } from './oapi-departments.js';
import { oldRoutes } from './oapi-old.js';
import type { OapiRoute } from './oapi-route.js';
import { roleRoutes } from './oapi-roles.js';
import { userRoutes } from './oapi-users.js';
import { Params } from './params.js';
import { OapiRefusal, gatewayRefusal, missingPermission, notListed, oapiRefusal, tooOften } from './refusals.js';
import type { World } from './world.js';

const TOPAPI: Readonly<Record<string, OapiRoute>> = { ...userRoutes, ...departmentRoutes, ...roleRoutes };

/** A call to the old host, `path` without the prefix: always HTTP 200, and the truth in errcode. */
export function answerOapi(world: World, call: Call, path: string): Answer {
  const old = Object.hasOwn(oldRoutes, path) ? oldRoutes[path] : undefined;
  if (old) return old(world, call);
  const route = Object.hasOwn(TOPAPI, path) ? TOPAPI[path] : undefined;
  if (route) return answerTopapi(world, call, route, path);
  if (!path.startsWith('/topapi/')) return json({ errcode: 404, errmsg: '请求的URI地址不存在' });
  const method = path.slice(1).replaceAll('/', '.');
  return json({ errcode: 22, sub_msg: '不合法ApiName', errmsg: `Invalid method[${method}]`, request_id: requestId() });
}

function answerTopapi(world: World, call: Call, route: OapiRoute, path: string): Answer {
  try {
    if (call.method !== 'POST') throw new OapiRefusal(43002, '需要POST请求');
    const values = bodyOf(call);
    const fromBody = typeof values.access_token === 'string' ? values.access_token : '';
    const token = call.query.get('access_token') ?? fromBody;
    if (token === '') return gatewayRefusal(40000, 'access_token is blank');
    const app = world.tokens.appOf(token);
    if (!app) return gatewayRefusal(40014, '不合法的access_token');
    const refused = atTheGate(world, app, route.permission, path);
    if (refused) return refused;
    const params = new Params(values, route.badParameter ?? 400002);
    const body = route.answer({ world, app, company: world.companyOf(app), params });
    return json({ errcode: 0, errmsg: 'ok', ...body, request_id: requestId() });
  } catch (error) {
    if (error instanceof OapiRefusal) return oapiRefusal(error);
    throw error;
  }
}

function atTheGate(world: World, app: SimulatorApp, permission: Permission, path: string): Answer | undefined {
  if (!app.egressAllowed) return gatewayRefusal(60020, notListed(app));
  if (!app.permissions.has(permission)) return gatewayRefusal(60011, missingPermission(permission));
  const { throttle, callsPerSecond } = world.faults.switches;
  if (!throttle || world.calls.admit(app.clientId, path, callsPerSecond)) return undefined;
  return gatewayRefusal(90018, tooOften(path, callsPerSecond));
}

function bodyOf(call: Call): Readonly<Record<string, unknown>> {
  const type = mediaType(call);
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(call.body));
  if (call.body === '') return {};
  if (type !== 'application/json') throw new OapiRefusal(43004, '无效的HTTP HEADER Content-Type');
  const values = jsonObject(call.body);
  if (!values) throw new OapiRefusal(43009, 'POST请求体必须是JSON格式');
  return values;
}
