import { openConnection } from './api-connections.js';
import { getAccount, listLeaveRecords } from './api-contact.js';
import type { ApiRoute } from './api-route.js';
import { appToken, corpToken, userToken } from './api-tokens.js';
import { type Answer, type Call, json, jsonObject, mediaType } from './exchange.js';
import { ApiRefusal, apiRefusal } from './refusals.js';
import type { World } from './world.js';

const ROUTES: readonly ApiRoute[] = [
  { method: 'POST', path: '/v1.0/oauth2/userAccessToken', answer: userToken },
  { method: 'POST', path: '/v1.0/oauth2/accessToken', answer: appToken },
  { method: 'POST', path: '/v1.0/oauth2/*/token', answer: corpToken },
  { method: 'GET', path: '/v1.0/contact/users/*', answer: getAccount },
  { method: 'GET', path: '/v1.0/contact/empLeaveRecords', answer: listLeaveRecords },
  { method: 'POST', path: '/v1.0/gateway/connections/open', answer: openConnection },
];

/** A call to the new host, `path` without the prefix: real statuses, JSON only. */
export function answerApi(world: World, call: Call, path: string): Answer {
  if (!path.startsWith('/v1.0/')) return json({ errcode: 404, errmsg: '请求的URI地址不存在' });
  try {
    const route = ROUTES.find((each) => each.method === call.method && segmentOf(each.path, path) !== undefined);
    if (!route) throw notFound();
    const body = route.method === 'GET' ? {} : bodyOf(call);
    return route.answer({ world, call, api: route.path, segment: segmentOf(route.path, path) ?? '', body });
  } catch (error) {
    if (error instanceof ApiRefusal) return apiRefusal(error);
    throw error;
  }
}

/** What stands where a route's path has its star, or an empty string without one; undefined for another path. */
function segmentOf(pattern: string, path: string): string | undefined {
  if (!pattern.includes('*')) return pattern === path ? '' : undefined;
  const [before = '', after = ''] = pattern.split('*');
  const segment = path.slice(before.length, after === '' ? undefined : -after.length);
  const fits = path.startsWith(before) && path.endsWith(after) && segment !== '' && !segment.includes('/');
  return fits ? segment : undefined;
}

function notFound(): ApiRefusal {
  const message = 'Specified api is not found, please check your url and method.';
  return new ApiRefusal(404, 'InvalidAction.NotFound', message);
}

function bodyOf(call: Call): Readonly<Record<string, unknown>> {
  const values = mediaType(call) === 'application/json' ? jsonObject(call.body) : undefined;
  if (!values) throw new ApiRefusal(400, 'Missingbody', 'body is mandatory for this action.');
  return values;
}
