import { type Answer, html } from './exchange.js';
import { Markup, markup } from './markup.js';

const STYLE = new Markup(`
:root { color-scheme: light; --blue: #1677ff; --line: #e5e6eb; --grey: #6b7280; }
* { box-sizing: border-box; }
body { margin: 0; background: #f2f3f5; color: #171a1d; font: 15px/1.6 system-ui, 'PingFang SC', 'Microsoft YaHei', sans-serif; }
main { max-width: 44rem; margin: 2rem auto; padding: 1.5rem; background: #fff; border-radius: 12px; box-shadow: 0 1px 4px #0001; }
h1 { margin: 0 0 .25rem; font-size: 1.3rem; } h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
small, .note { color: var(--grey); } .note { margin: 0 0 1rem; }
input, select, button { font: inherit; padding: .45rem .8rem; border: 1px solid var(--line); border-radius: 8px; background: #fff; }
button { cursor: pointer; } button.main { background: var(--blue); border-color: var(--blue); color: #fff; }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
.people { list-style: none; margin: .75rem 0; padding: 0; max-height: 20rem; overflow: auto; border: 1px solid var(--line); border-radius: 8px; }
.people label { display: flex; gap: .6rem; padding: .45rem .75rem; border-bottom: 1px solid var(--line); cursor: pointer; }
.people label:hover { background: #f7f8fa; }
.row { display: flex; gap: .6rem; flex-wrap: wrap; align-items: center; margin: .5rem 0; }
.tiles { display: flex; gap: 1rem; flex-wrap: wrap; } .tile { display: block; min-width: 9rem; padding: 1rem; border: 1px solid var(--line); border-radius: 12px; text-align: center; text-decoration: none; color: inherit; }
.qr { width: 12rem; height: 12rem; margin: 0 auto 1rem; display: block; }
/* A frame is as small as 280 by 280. */
.small main { margin: 0; padding: .75rem; border-radius: 0; box-shadow: none; }
.small .qr { width: 6rem; height: 6rem; margin-bottom: .25rem; } .small .note { margin-bottom: .25rem; } .small .people { max-height: 9rem; }
.tiles + .note { margin-top: 1rem; }
table { width: 100%; border-collapse: collapse; } td, th { padding: .35rem .5rem; border-bottom: 1px solid var(--line); text-align: left; }
`);

/** A page of the simulator's, with a line that says what it is, so that nobody takes it for DingTalk's own. */
export function page(title: string, content: Markup, { status = 200, isSmall = false } = {}): Answer {
  const { text } = markup`<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head>
<body class="${isSmall ? 'small' : ''}"><main>${content}
<p class="note"><small>钉钉模拟器，仅供演示和测试。 A simulator for demos and tests; it is not DingTalk.</small></p>
</main></body></html>`;
  return html(text, status);
}

/** A page that says why nothing more happens. */
export function errorPage(message: string, status = 400): Answer {
  return page('无法登录', markup`<h1>无法登录 <small>Cannot sign in</small></h1><p data-error>${message}</p>`, {
    status,
  });
}
