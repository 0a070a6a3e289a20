import { createHash } from 'node:crypto';
import { type ApiCall, admit, invalidToken, permissionDenied, tokenOf } from './api-route.js';
import type { SimulatorApp } from './app.js';
import { type Answer, json } from './exchange.js';
import type { Account, Leaver } from './person.js';
import { ApiRefusal } from './refusals.js';

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/**
 * `GET /v1.0/contact/users/{me|unionId}`: the account, not the organisation's record of it. There is no userid in it, no
 * organisation and no department.
 */
export function getAccount(request: ApiCall): Answer {
  const { world, segment } = request;
  const { app, unionid, consented } = caller(request);
  admit(request, app, 'Contact.User.Read');
  if (!consented) throw permissionDenied('Contact.User.Read');
  const wanted = segment === 'me' ? unionid : segment;
  const isOthers = unionid !== undefined && wanted !== unionid;
  const account = wanted === undefined || isOthers ? undefined : world.accountByUnionid(wanted);
  if (!account) throw new ApiRefusal(404, 'invalidParameter.user.notFound', '找不到该用户');
  return json(accountRecord(account, app, world.faults.switches.noUnionid));
}

/** Whose token it is. With an app's token there is no "me", and consent is no question. */
function caller(request: ApiCall): { app: SimulatorApp; unionid?: string; consented: boolean } {
  const { world } = request;
  const token = tokenOf(request);
  const ofApp = world.tokens.appOf(token);
  if (ofApp) return { app: ofApp, consented: true };
  const grant = world.tokens.userGrant(token);
  if (grant === 'expired') throw new ApiRefusal(400, 'accesstoken.expired', 'access token已过期');
  const app = grant && world.app(grant.clientId);
  if (!app) throw invalidToken();
  return { app, unionid: grant.unionid, consented: grant.consented };
}

function accountRecord(account: Account, app: SimulatorApp, noUnionid: boolean): object {
  const { unionid, name, nick, avatar, mobile, personalEmail } = account;
  return {
    nick: nick ?? name,
    avatarUrl: avatar ?? '',
    ...(mobile && app.permissions.has('Contact.User.mobile') ? { mobile, stateCode: '86' } : {}),
    openId: createHash('sha256').update(`${app.clientId} ${unionid}`).digest('base64url').slice(0, 22),
    ...(noUnionid ? {} : { unionId: unionid }),
    ...(personalEmail ? { email: personalEmail } : {}),
    visitor: false,
  };
}

/** `GET /v1.0/contact/empLeaveRecords`: who has left, and when. */
export function listLeaveRecords(request: ApiCall): Answer {
  const { world, call } = request;
  const app = world.tokens.appOf(tokenOf(request));
  if (!app) throw invalidToken();
  admit(request, app, 'Contact.Common.Read');
  const from = timeIn(call.query.get('startTime'));
  const to = call.query.has('endTime') ? timeIn(call.query.get('endTime')) : Date.now();
  const start = Number(call.query.get('nextToken') ?? '0');
  const size = Number(call.query.get('maxResults') ?? '50');
  const isOdd = ![start, size].every(Number.isSafeInteger) || start < 0 || size < 1 || size > 50;
  if (isOdd || to - from > YEAR_MS) throw badParameter();
  const leavers = [...world.companyOf(app).left.values()].filter(({ leftAt }) => leftAt >= from && leftAt <= to);
  const records = leavers.slice(start, start + size).map((leaver) => leaveRecord(leaver, app));
  const next = start + size < leavers.length ? { nextToken: start + size } : {};
  return json({ ...next, records });
}

function leaveRecord({ person, leftAt, reason }: Leaver, app: SimulatorApp): object {
  const seesMobile = person.mobile !== undefined && app.permissions.has('fieldMobile');
  return {
    userId: person.userid,
    name: person.name,
    ...(seesMobile ? { stateCode: '86', mobile: person.mobile } : {}),
    leaveTime: new Date(leftAt).toISOString(),
    leaveReason: reason,
  };
}

function timeIn(value: string | null): number {
  const time = Date.parse(value ?? '');
  if (Number.isNaN(time)) throw badParameter();
  return time;
}

function badParameter(): ApiRefusal {
  return new ApiRefusal(400, 'invalidParameter.param.invalid', '参数错误');
}
