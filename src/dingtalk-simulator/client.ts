import { clientPage } from './client-page.js';
import { type Desk, companyWith } from './desk.js';
import { type Answer, type Call, json, jsonObject, redirect } from './exchange.js';
import { errorPage } from './page-frame.js';

/** The page that acts as DingTalk's client, and what the bridge asks. `path` is without the prefix `/client`. */
export async function answerClient(desk: Desk, call: Call, path: string): Promise<Answer> {
  if (path === '/auth-code') return authCode(desk, call);
  if (path === '' || path === '/') {
    const userid = call.query.get('userid');
    if (userid !== null) desk.world.clientUserid = userid;
    return clientPage(desk, call);
  }
  if (call.method !== 'POST') return errorPage('页面不存在 (no such page)', 404);
  // A page of another origin must not send somebody away.
  const { origin, host } = call.headers;
  if (origin !== undefined && origin !== `http://${host ?? ''}`) return errorPage('来源不符 (another origin)', 403);
  if (path === '/office') return office(desk, new URLSearchParams(call.body));
  if (path === '/container') return container(desk);
  return errorPage('页面不存在 (no such page)', 404);
}

/** What the bridge asks. Open to pages of every origin, as the bridge is: which hosts get a code is the app's matter. */
function authCode({ world }: Desk, call: Call): Answer {
  const cors = {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': 'content-type',
    'access-control-allow-private-network': 'true',
  };
  if (call.method === 'OPTIONS') return { status: 204, headers: cors, body: '' };
  const values = jsonObject(call.body) ?? {};
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : '');
  const request = { userid: text('userid'), corpId: text('corpId'), clientId: text('clientId') };
  const answer = json(world.answerBridge({ ...request, pageHost: text('pageHost') }));
  return { ...answer, headers: { ...answer.headers, ...cors } };
}

/** The buttons of the personnel office. */
function office(desk: Desk, form: URLSearchParams): Answer {
  const userid = form.get('userid') ?? '';
  const company = companyWith(desk, userid);
  try {
    const action = form.get('action');
    if (action === 'leave') company.leave(userid);
    else if (action === 'rehire') company.rehire(userid);
    else if (action === 'move') company.move(userid, [Number(form.get('deptId'))]);
    else return errorPage('没有这个操作 (no such action)');
  } catch (error) {
    return errorPage(error instanceof Error ? error.message : String(error));
  }
  return redirect(`/client?${new URLSearchParams({ userid }).toString()}`);
}

async function container(desk: Desk): Promise<Answer> {
  const problem = desk.openContainer
    ? await desk.openContainer()
    : '此处无法打开浏览器 (no browser can be opened here)';
  return problem === undefined ? redirect('/client') : errorPage(problem, 200);
}
