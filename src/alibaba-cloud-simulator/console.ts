import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { consolePage, endedPage, entrancePage, ticketPage } from './console.page.js';
import { type Answer, type Call, cookie, html, redirect } from './exchange.js';
import type { World } from './world.js';

/** Cookies do not know ports, and the demo has several programs on one host. */
export const CONSOLE_COOKIE = 'simulated_alibaba_cloud';

/** The console: who has come in as what, and for how long still. */
export function answerConsole(world: World, call: Call, path: string): Answer {
  const key = cookie(call, CONSOLE_COOKIE) ?? '';
  const session = world.consoles.get(key);
  if (path === '/console/sign-out' && call.method === 'POST') {
    world.consoles.spend(key);
    return redirect('/console', { 'set-cookie': `${CONSOLE_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax` });
  }
  if (path !== '/console') return shown(ticketPage('页面不存在', 'No such page'), 404);
  if (!session) return shown(entrancePage());
  if (session.expiresAt.getTime() <= Date.now()) return shown(endedPage(session.loginUrl), 401);
  const { account, role, sessionName, subject } = session.roleSession;
  return shown(
    consolePage({
      accountId: account.accountId,
      alias: account.alias,
      role: role.name,
      sessionName,
      subject,
      arn: `${account.roleArn(role)}/${sessionName}`,
      destination: call.query.get('destination') ?? '',
      secondsLeft: Math.round((session.expiresAt.getTime() - Date.now()) / 1000),
    }),
  );
}

/** Why a ticket did not become a session. */
export function refusedPage(chinese: string, english: string, loginUrl?: string): Answer {
  return shown(ticketPage(chinese, english, loginUrl), 403);
}

function shown(page: VNode, status = 200): Answer {
  return html(`<!doctype html>${render(page)}`, status);
}
