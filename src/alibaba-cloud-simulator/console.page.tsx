import type { ComponentChildren, VNode } from 'preact';

const STYLE = `
:root { color-scheme: light; --orange: #ff6a00; --ink: #181818; --line: #e3e4e6; --grey: #5c5f66; }
* { box-sizing: border-box; }
body { margin: 0; background: #f7f8fa; color: var(--ink); font: 15px/1.6 system-ui, 'PingFang SC', 'Microsoft YaHei', sans-serif; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: center; padding: .6rem 1.25rem; background: #23262c; color: #fff; }
header b { color: #ff8f3d; font-size: 1.1rem; letter-spacing: .04em; }
header form { margin-left: auto; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1.25rem; }
h1 { margin: 0 0 1rem; font-size: 1.35rem; }
small, .note { color: var(--grey); }
.card { background: #fff; border: 1px solid var(--line); border-top: 3px solid var(--orange); padding: 1rem 1.25rem; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .35rem 1.25rem; margin: 0; }
dt { color: var(--grey); } dd { margin: 0; overflow-wrap: anywhere; }
.products { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.products li { background: #fff; border: 1px solid var(--line); padding: .75rem 1rem; }
button, a.button { font: inherit; display: inline-block; padding: .35rem .9rem; border: 1px solid currentColor; background: none; color: inherit; cursor: pointer; text-decoration: none; }
a.button { background: #b94a00; border-color: #b94a00; color: #fff; }
:focus-visible { outline: 2px solid var(--orange); outline-offset: 2px; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } header form { margin-left: 0; } }
`;

const PRODUCTS = [
  ['云服务器', 'ECS'],
  ['对象存储', 'OSS'],
  ['云数据库', 'RDS'],
  ['容器服务', 'ACK'],
  ['日志服务', 'SLS'],
  ['访问控制', 'RAM'],
] as const;

export interface ConsoleProps {
  readonly accountId: string;
  readonly alias: string;
  readonly role: string;
  readonly sessionName: string;
  readonly subject: string;
  readonly arn: string;
  readonly destination: string;
  readonly secondsLeft: number;
}

/** A page of the simulator's, with a line that says what it is, so that nobody takes it for Alibaba Cloud's own. */
function Frame({
  title,
  bar,
  children,
}: {
  title: string;
  bar?: ComponentChildren;
  children: ComponentChildren;
}): VNode {
  return (
    <html lang="zh-CN">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <header>
          <b>阿里云</b> <span>Alibaba Cloud, simulated</span>
          {bar}
        </header>
        <main>
          {children}
          <p class="note">
            <small>阿里云模拟器，仅供演示和测试。 A simulator for demos and tests; it is not Alibaba Cloud.</small>
          </p>
        </main>
      </body>
    </html>
  );
}

/** The console, entered: nothing in it works, all of it says who came. */
export function consolePage(props: ConsoleProps): VNode {
  const out = (
    <form method="post" action="/console/sign-out">
      <button>退出 Sign out</button>
    </form>
  );
  return (
    <Frame title="阿里云控制台" bar={out}>
      <h1>
        控制台 <small>Console</small>
      </h1>
      <section class="card">
        <dl>
          <Fact name="account" label="账号 Account" value={`${props.alias} (${props.accountId})`} />
          <Fact name="role" label="角色 Role" value={props.role} />
          <Fact name="session-name" label="会话名 Session" value={props.sessionName} />
          <Fact name="subject" label="主体 oidc:sub" value={props.subject} />
          <Fact name="arn" label="ARN" value={props.arn} />
          <Fact name="destination" label="目标页 Page" value={props.destination} />
          <Fact name="time-left" label="剩余时间 Time left" value={timeLeft(props.secondsLeft)} />
        </dl>
      </section>
      <ul class="products">
        {PRODUCTS.map(([chinese, english]) => (
          <li key={english}>
            {chinese}
            <br />
            <small>{english}</small>
          </li>
        ))}
      </ul>
    </Frame>
  );
}

function Fact({ name, label, value }: { name: string; label: string; value: string }): VNode {
  return (
    <>
      <dt>{label}</dt>
      <dd data-fact={name}>{value}</dd>
    </>
  );
}

/** Somebody who came without a ticket. */
export function entrancePage(): VNode {
  return (
    <Frame title="登录阿里云">
      <h1>
        尚未登录 <small>Not signed in</small>
      </h1>
      <p data-entrance>
        请从贵公司的应用门户或钉钉工作台打开阿里云。
        <br />
        <small>
          Open Alibaba Cloud from your organisation's portal or DingTalk workbench. There is no password here.
        </small>
      </p>
    </Frame>
  );
}

/** The time of the credentials is up. */
export function endedPage(loginUrl: string): VNode {
  return (
    <Frame title="登录已过期">
      <h1>
        登录已过期 <small>Your session has ended</small>
      </h1>
      <p>
        <a class="button" href={loginUrl} data-login-url>
          重新登录 Sign in again
        </a>
      </p>
    </Frame>
  );
}

/** Why nobody is let in here. */
export function ticketPage(chinese: string, english: string, loginUrl?: string): VNode {
  return (
    <Frame title="无法登录">
      <h1>
        无法登录 <small>Cannot sign in</small>
      </h1>
      <p data-error>
        {chinese}。 <small>{english}.</small>
      </p>
      {loginUrl !== undefined && /^https?:/.test(loginUrl) && (
        <p>
          <a class="button" href={loginUrl} data-login-url>
            重新登录 Sign in again
          </a>
        </p>
      )}
    </Frame>
  );
}

function timeLeft(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分 (${Math.floor(minutes / 60)} h ${minutes % 60} min)`;
}
