import type { SimulatorApp } from './app.js';
import type { Company } from './company.js';
import { type Desk, companyWith } from './desk.js';
import type { Answer, Call } from './exchange.js';
import { Markup, markup } from './markup.js';
import { page } from './page-frame.js';
import { findPeople } from './people-search.js';
import { type Person, deptIdsOf } from './person.js';

const SHOWN_EVENTS = 10;

/** DingTalk's client as a page: who am I, the workbench with its tiles, and a personnel office beside it. */
export function clientPage(desk: Desk, call: Call): Answer {
  const { world } = desk;
  const userid = world.clientUserid ?? '';
  const company = companyWith(desk, userid);
  const person = company.person(userid);
  const search = call.query.get('q') ?? '';
  const people = findPeople(world, search, company.corpId).slice(0, 30);
  const isContainer = /dingtalk/i.test(call.headers['user-agent'] ?? '');
  const content = markup`
<h1>钉钉 <small>DingTalk, simulated</small></h1>
<h2>我是谁 <small>Who am I</small></h2>
<form method="get" class="row"><input name="q" value="${search}" placeholder="姓名或 userid" aria-label="姓名或 userid (name or userid)"><button>搜索 Search</button></form>
<form method="get"><ul class="people">${people.map((each) => entry(each.userid, each.name, each.description, each.userid === userid))}</ul>
<button class="main" data-action="choose">就是我 This is me</button></form>
${person ? workbench(desk, company, person, isContainer) : left(company, userid)}
${company.person(userid) || company.left.has(userid) ? office(company, userid) : undefined}
${eventTable(desk)}`;
  return page('钉钉', content);
}

function entry(userid: string, name: string, description: string, isChosen: boolean): Markup {
  const checked = new Markup(isChosen ? ' checked' : '');
  return markup`<li><label data-userid="${userid}"><input type="radio" name="userid" value="${userid}" required${checked}>
<span>${name} <small>${userid} ${description}</small></span></label></li>`;
}

function left(company: Company, userid: string): Markup | undefined {
  if (userid === '') return undefined;
  const name = company.left.get(userid)?.person.name ?? userid;
  return markup`<h2>工作台 <small>Workbench</small></h2><p data-no-workbench>${name} 不在组织内，没有工作台。 <small>Not in the organisation, so there is no workbench.</small></p>`;
}

function workbench({ world }: Desk, company: Company, { name }: Person, isContainer: boolean): Markup {
  const apps = world.apps.filter((app) => app.corpId === company.corpId && app.published);
  const tiles = apps.flatMap((app) => tile(app, isContainer) ?? []);
  const note = isContainer
    ? undefined
    : markup`<p class="note">真正的钉钉会设置 User-Agent 并注入 JSBridge；普通浏览器没有，应用会走扫码登录。
<small>The real DingTalk sets the User-Agent and injects its bridge. An ordinary browser has neither, so an app opened from here asks for a scan.</small></p>
<form method="post" action="/client/container"><button data-action="container">在模拟的钉钉浏览器中打开 Open in a browser that passes for DingTalk's</button></form>`;
  return markup`<h2>${name} 的工作台 <small>Workbench at ${company.name}</small></h2><div class="tiles">${tiles}</div>${note}`;
}

/** An app without an address for a platform is not on the workbench of that platform. */
function tile(app: SimulatorApp, isPhone: boolean): Markup | undefined {
  const address = isPhone ? app.mobileHomeUrl : (app.pcHomeUrl ?? app.mobileHomeUrl);
  if (address === undefined) return undefined;
  // Only the workbench fills this in: elsewhere the page gets the placeholder itself.
  const target = address.replaceAll('$CORPID$', app.corpId);
  return markup`<a class="tile" href="${target}" data-app="${app.clientId}">${app.name}</a>`;
}

function office(company: Company, userid: string): Markup {
  const person = company.person(userid);
  const hidden = markup`<input type="hidden" name="userid" value="${userid}">`;
  const isIn = (id: number) => person !== undefined && deptIdsOf(person).includes(id);
  const options = company.departments
    .all()
    .map(({ id, name }) => markup`<option value="${id}"${new Markup(isIn(id) ? ' selected' : '')}>${name}</option>`);
  const move = markup`<label for="dept">部门 Department</label><select id="dept" name="deptId">${options}</select>
<button name="action" value="move" data-action="move">调动 Move</button>
<button name="action" value="leave" data-action="leave">离职 Leave</button>`;
  const back = markup`<button name="action" value="rehire" data-action="rehire">复职 Come back</button>`;
  return markup`<h2>人事 <small>Personnel office</small></h2>
<form method="post" action="/client/office" class="row">${hidden}${person ? move : back}</form>`;
}

function eventTable({ events }: Desk): Markup | undefined {
  const sent = events.sent().slice(-SHOWN_EVENTS).toReversed();
  if (sent.length === 0) return undefined;
  const rows = sent.map(
    ({ event, channel, state, attempts }) =>
      markup`<tr><td>${event.type}</td><td>${JSON.stringify(event.payload)}</td><td>${channel}</td><td>${state} (${attempts.length})</td></tr>`,
  );
  return markup`<h2>事件 <small>Events sent</small></h2><table><tbody>${rows}</tbody></table>`;
}
