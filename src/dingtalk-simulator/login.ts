import { type Answer, type Call, redirect } from './exchange.js';
import { loginPage, outcomePage } from './login-page.js';
import { LoginRefusal, type LoginRequest, confirmed, denied, readLoginRequest } from './login-request.js';
import { errorPage } from './page-frame.js';
import type { World } from './world.js';

/** The sign-in page of DingTalk, `path` without the prefix: shown by GET, answered by POST to the same address. */
export function answerLogin(world: World, call: Call, path: string): Answer {
  if (path !== '/oauth2/auth' && path !== '/oauth2/challenge.htm') return errorPage('页面不存在 (no such page)', 404);
  try {
    const request = readLoginRequest(world, call.query);
    if (call.method === 'POST') return decide(world, request, new URLSearchParams(call.body));
    const { autoConfirm, autoDeny } = world.faults.switches;
    if (autoDeny) return outcome(request, denied(request));
    const auto = call.query.get('auto') ?? autoConfirm;
    if (auto !== undefined) return decide(world, request, new URLSearchParams({ action: 'confirm', userid: auto }));
    return loginPage(world, request, call.query);
  } catch (error) {
    if (error instanceof LoginRefusal) return errorPage(error.message);
    throw error;
  }
}

function decide(world: World, request: LoginRequest, form: URLSearchParams): Answer {
  if (form.get('action') !== 'confirm') return outcome(request, denied(request));
  const account = world.accountOf(form.get('userid') ?? '', request.app.corpId);
  if (!account) throw new LoginRefusal('请选择一个人 (choose somebody)');
  const choice = form.get('corpId') ?? '';
  return outcome(request, confirmed(world, request, account, choice === '' ? undefined : choice));
}

/** The browser goes back, or, in a frame, the page around it is told where to. */
function outcome(request: LoginRequest, redirectUrl: string): Answer {
  return request.isEmbedded ? outcomePage(redirectUrl) : redirect(redirectUrl);
}
