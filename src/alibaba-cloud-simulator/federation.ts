import { type Answer, type Call, json, parameter, redirect } from './exchange.js';
import { CONSOLE_COOKIE, refusedPage } from './console.js';
import { Refusal, newRequestId } from './refusal.js';
import type { World } from './world.js';

/** The hosts that a destination may be at, and everything below them. */
const HOSTS = ['aliyun.com', 'alibabacloud.com', 'alipay.com', 'taobao.com', 'tmall.com', 'hichina.com', 'yunos.com'];

/**
 * `signin.aliyun.com/federation`, without its host: credentials become a ticket (`GetSigninToken`), and a ticket a session in
 * the browser (`Login`).
 *
 * @throws {Refusal}
 */
export function answerFederation(world: World, call: Call, action: string | undefined): Answer {
  if (action === 'GetSigninToken') return getSigninToken(world, call);
  if (action === 'Login') return login(world, call);
  throw new Refusal(400, 'InvalidAction', 'The specified Action is invalid.');
}

function getSigninToken(world: World, call: Call): Answer {
  if (call.method !== 'POST' && call.method !== 'GET') throw new Refusal(405, 'MethodNotAllowed', 'GET or POST.');
  const names = ['AccessKeyId', 'AccessKeySecret', 'SecurityToken', 'TicketType'] as const;
  const missing = names.find((name) => (parameter(call, name) ?? '') === '');
  if (missing !== undefined) throw new Refusal(400, `MissingParameter.${missing}`, `${missing} is required.`);
  // `mini` is what the documentation names for this; `normal` is the other kind that there is.
  if (!['mini', 'normal'].includes(parameter(call, 'TicketType') ?? '')) {
    throw new Refusal(400, 'InvalidParameter.TicketType', 'The specified TicketType is invalid.');
  }
  const session = world.credentials.get(parameter(call, 'SecurityToken') ?? '');
  if (!session) throw new Refusal(403, 'InvalidSecurityToken.Expired', 'The SecurityToken is invalid or expired.');
  const { accessKeyId, accessKeySecret } = session;
  if (parameter(call, 'AccessKeyId') !== accessKeyId || parameter(call, 'AccessKeySecret') !== accessKeySecret) {
    throw new Refusal(403, 'InvalidAccessKey', 'The AccessKey does not belong to the SecurityToken.');
  }
  return json({ RequestId: newRequestId(), SigninToken: world.issueTicket(session) });
}

/** The destination itself is another company's server, so the simulator shows it on a page of its own. */
function login(world: World, call: Call): Answer {
  const [ticket, loginUrl, destination] = ['SigninToken', 'LoginUrl', 'Destination'].map(
    (name) => call.query.get(name) ?? '',
  );
  if (ticket === undefined || ticket === '') return refusedPage('缺少 SigninToken', 'SigninToken is missing', loginUrl);
  if (loginUrl === undefined || !isWebAddress(loginUrl)) return refusedPage('LoginUrl 无效', 'LoginUrl is invalid');
  if (destination === undefined || !isDestination(destination)) {
    return refusedPage('Destination 不是阿里云的地址', 'Destination is no address of Alibaba Cloud', loginUrl);
  }
  const session = world.tickets.spend(ticket);
  if (!session) return refusedPage('登录凭证已过期或已使用', 'The SigninToken has expired or was used', loginUrl);
  const cookie = world.openConsole(session, loginUrl);
  const location = `/console?${new URLSearchParams({ destination }).toString()}`;
  return redirect(location, { 'set-cookie': `${CONSOLE_COOKIE}=${cookie}; Path=/; HttpOnly; SameSite=Lax` });
}

function isWebAddress(address: string): boolean {
  return URL.canParse(address) && ['http:', 'https:'].includes(new URL(address).protocol);
}

function isDestination(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' && HOSTS.some((host) => hostname === host || hostname.endsWith(`.${host}`));
}
