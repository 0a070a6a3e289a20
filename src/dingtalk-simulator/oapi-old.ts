import type { SimulatorApp } from './app.js';
import { type Answer, type Call, json } from './exchange.js';
import { OapiRefusal, notListed, tooOften } from './refusals.js';
import { TOKEN_LIFETIME_SECONDS } from './tokens.js';
import type { World } from './world.js';

type OldRoute = (world: World, call: Call) => Answer;

/** The paths older than `topapi`: no gateway stands before them, so the real code is the errcode. */
export const oldRoutes: Readonly<Record<string, OldRoute>> = {
  '/gettoken': (world, call) => guarded(() => getToken(world, call)),
  '/auth/scopes': (world, call) => guarded(() => authScopes(world, call)),
  '/call_back/get_call_back_failed_result': (world, call) => guarded(() => failedEvents(world, call)),
};

function getToken(world: World, { method, query }: Call): object {
  if (method !== 'GET') throw new OapiRefusal(43001, '需要GET请求');
  const key = query.get('appkey');
  const secret = query.get('appsecret');
  if (!key || !secret) throw new OapiRefusal(40035, '缺少参数 corpid or appkey');
  const app = world.authenticate(key, secret);
  if (!app) throw new OapiRefusal(40096, '不合法的appKey或appSecret');
  admit(world, app, '/gettoken');
  return { access_token: world.tokens.forApp(app), expires_in: TOKEN_LIFETIME_SECONDS };
}

function authScopes(world: World, call: Call): object {
  const app = callerOf(world, call, '/auth/scopes');
  const mail = app.permissions.has('fieldEmail') ? ['email', 'org_email'] : [];
  const mobile = app.permissions.has('fieldMobile') ? ['mobile'] : [];
  return {
    auth_user_field: ['name', 'userid', 'unionid', 'avatar', 'dept_id_list', ...mail, ...mobile],
    condition_field: [],
    auth_org_scopes: { authed_user: app.scope.users, authed_dept: app.scope.departments },
  };
}

function failedEvents(world: World, call: Call): object {
  const app = callerOf(world, call, '/call_back/get_call_back_failed_result');
  return world.failedPushes.read(app);
}

function callerOf(world: World, { method, query }: Call, path: string): SimulatorApp {
  if (method !== 'GET') throw new OapiRefusal(43001, '需要GET请求');
  const token = query.get('access_token');
  if (!token) throw new OapiRefusal(41001, '缺少access_token参数');
  const app = world.tokens.appOf(token);
  if (!app) throw new OapiRefusal(40014, '不合法的access_token');
  admit(world, app, path);
  return app;
}

function admit(world: World, app: SimulatorApp, path: string): void {
  if (!app.egressAllowed) throw new OapiRefusal(60020, notListed(app));
  const { throttle, callsPerSecond } = world.faults.switches;
  if (throttle && !world.calls.admit(app.clientId, path, callsPerSecond)) {
    throw new OapiRefusal(90018, tooOften(path, callsPerSecond));
  }
}

function guarded(answer: () => object): Answer {
  try {
    return json({ errcode: 0, errmsg: 'ok', ...answer() });
  } catch (error) {
    if (error instanceof OapiRefusal) return json({ errcode: error.errcode, errmsg: error.message });
    throw error;
  }
}
