import type { Answer } from './exchange.js';
import type { LoginRequest } from './login-request.js';
import { Markup, markup, scriptValue } from './markup.js';
import { page } from './page-frame.js';
import { type PickedPerson, findPeople } from './people-search.js';
import type { World } from './world.js';

/** The sign-in page: who is it, in which organisation, and does that person agree. In a frame it has a QR code's look. */
export function loginPage(world: World, request: LoginRequest, query: URLSearchParams): Answer {
  const search = query.get('q') ?? '';
  const people = findPeople(world, search, request.app.corpId);
  const kept = [...query].filter(([name]) => name !== 'q');
  const title = request.isEmbedded ? '扫码登录' : '登录';
  const content = markup`
<h1>${title} <small>${request.isEmbedded ? 'Sign in by scanning' : 'Sign in'}</small></h1>
<p class="note">${request.app.name} 申请使用你的钉钉身份。 <small>${request.app.name} wants to know who you are.</small></p>
${request.isEmbedded ? markup`${fakeQrCode()}<p class="note">模拟扫码：选一个人。 <small>Simulate the scan: choose somebody.</small></p>` : undefined}
<form method="get" class="row" role="search">${kept.map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`)}
<input name="q" value="${search}" placeholder="姓名或 userid" aria-label="姓名或 userid (name or userid)">
<button>搜索 Search</button></form>
<form method="post" action="?${new URLSearchParams(kept).toString()}">
<ul class="people">${people.map(personEntry)}</ul>
${request.wantsCorp ? companyPicker(world, request) : undefined}
<div class="row"><button class="main" name="action" value="confirm" data-action="confirm">同意并登录 Agree</button>
<button name="action" value="deny" data-action="deny" formnovalidate>拒绝 Deny</button></div></form>`;
  return page(title, content, { isSmall: request.isEmbedded });
}

function personEntry({ userid, name, description }: PickedPerson, index: number): Markup {
  const checked = new Markup(index === 0 ? ' checked' : '');
  return markup`<li><label data-userid="${userid}"><input type="radio" name="userid" value="${userid}" required${checked}>
<span>${name} <small>${userid} ${description}</small></span></label></li>`;
}

function companyPicker(world: World, { corpId: fixed }: LoginRequest): Markup {
  const companies = fixed === undefined ? world.companies : world.companies.filter(({ corpId }) => corpId === fixed);
  const own = fixed === undefined ? markup`<option value="">自动 (the person's own)</option>` : undefined;
  const options = companies.map(({ corpId, name }) => markup`<option value="${corpId}">${name}</option>`);
  return markup`<div class="row"><label for="corp">组织 Organisation</label>
<select id="corp" name="corpId" data-corp>${own}${options}</select></div>`;
}

/** A picture that looks like a QR code and is none: what it would hold, nobody can scan. */
function fakeQrCode(): Markup {
  const cells = Array.from({ length: 21 * 21 }, (_, index) => ({ x: index % 21, y: Math.floor(index / 21) }));
  const isEye = (x: number, y: number) => {
    const [dx, dy] = [Math.min(x, 20 - x), Math.min(y, 20 - y)];
    if (dx > 6 || dy > 6 || (x > 13 && y > 13)) return undefined;
    const ring = Math.max(Math.abs(dx - 3), Math.abs(dy - 3));
    return ring !== 2;
  };
  const dark = cells.filter(({ x, y }) => isEye(x, y) ?? (x * 7 + y * 11 + x * y) % 3 === 0);
  const squares = dark.map(({ x, y }) => markup`<rect x="${x}" y="${y}" width="1" height="1"/>`);
  return markup`<svg class="qr" viewBox="-1 -1 23 23" role="img" aria-label="QR" shape-rendering="crispEdges">${squares}</svg>`;
}

/** What a frame says to the page around it: the shape that DingTalk's own component listens for. */
export function outcomePage(redirectUrl: string): Answer {
  const error = new URL(redirectUrl).searchParams.get('error');
  const message = error === null ? { success: true, redirectUrl } : { success: false, redirectUrl, errorMsg: error };
  return page(
    '登录',
    markup`<h1>完成 <small>Done</small></h1>
<script>parent.postMessage(${scriptValue(message)}, '*');</script>`,
  );
}
