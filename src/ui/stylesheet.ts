import { createHash } from 'node:crypto';
import { PORTAL_STYLES } from './stylesheet.portal.js';

/**
 * The look, in one file that is cached for good: its path carries its hash. No fonts and no images are fetched.
 * Written for the browsers people do sign in with, among them the older Chromium inside desktop clients: no nesting, no
 * `color-mix`, no `light-dark()`. Colours are tokens; `stylesheet.spec.ts` holds their contrast to WCAG 2.2 AA.
 */
const LIGHT = `
  --bg: #f4f5f8;
  --surface: #ffffff;
  --sunken: #f6f7f9;
  --text: #12151c;
  --muted: #596172;
  --line: #e2e5eb;
  --control-line: #888f9e;
  --accent: #2b55d9;
  --accent-strong: #2146ba;
  --on-accent: #ffffff;
  --accent-line: transparent;
  --accent-text: #2450d3;
  --halo: rgba(43, 85, 217, 0.2);
  --danger: #b0241b;
  --danger-soft: #fdf2f1;
  --danger-line: #f3cfcc;
  --avatar: #e4e9f8;
  --avatar-text: #2a418f;
  --shadow: 0 1px 2px rgba(18, 21, 28, 0.05), 0 16px 40px -12px rgba(18, 21, 28, 0.12);
`;

const DARK = `
  --bg: #0b0d11;
  --surface: #14171d;
  --sunken: #1b1f27;
  --text: #eff1f5;
  --muted: #a3abb9;
  --line: #282d37;
  --control-line: #6c7485;
  --accent: #3f66ea;
  --accent-strong: #3459dd;
  --on-accent: #ffffff;
  --accent-line: transparent;
  --accent-text: #93abff;
  --halo: rgba(110, 142, 255, 0.32);
  --danger: #ff9d95;
  --danger-soft: #2a1817;
  --danger-line: #57302d;
  --avatar: #26304d;
  --avatar-text: #c4d0ff;
  --shadow: 0 1px 2px rgba(0, 0, 0, 0.4), 0 16px 40px -12px rgba(0, 0, 0, 0.5);
`;

/** What stands on what: the surface first, then the other grounds that text in the accent's colour may be on. */
export const GROUNDS = {
  light: ['#ffffff', '#f4f5f8', '#f6f7f9'],
  dark: ['#14171d', '#0b0d11', '#1b1f27'],
} as const;

const TONES = ['#2f57c9', '#0f766e', '#7442c8', '#a8461c', '#a52b66', '#3f5468'];

/** The whole stylesheet. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
${LIGHT}
  --font: -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Ubuntu, Cantarell, "Noto Sans", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
${DARK}
  }
}

*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  background: var(--bg);
  color: var(--text);
  font: 400 15px/1.5 var(--font);
  -webkit-font-smoothing: antialiased;
  overflow-wrap: anywhere;
}
:lang(zh) body, body:lang(zh) { line-height: 1.65; text-autospace: normal; }
h1, h2, p, ul, dl, dd { margin: 0; padding: 0; }
ul { list-style: none; }

.page {
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: center;
  min-height: 100vh;
  padding: 40px 24px 32px;
}
.card {
  width: 100%;
  max-width: 432px;
  padding: 36px 40px 40px;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 16px;
  box-shadow: var(--shadow);
}
.card-head { margin-bottom: 28px; }
h1 { font-size: 24px; font-weight: 650; line-height: 1.3; letter-spacing: -0.018em; text-wrap: balance; }
h1:lang(zh) { font-weight: 600; line-height: 1.4; letter-spacing: 0; }
.lead { margin-top: 8px; color: var(--muted); text-wrap: pretty; }

.badge { display: flex; align-items: center; }
.badge-name { margin-left: 12px; font-size: 16px; font-weight: 600; line-height: 1.4; min-width: 0; }
.tile {
  position: relative;
  display: flex;
  flex: none;
  align-items: center;
  justify-content: center;
  width: 40px;
  height: 40px;
  overflow: hidden;
  border-radius: 10px;
  color: #ffffff;
  font-size: 18px;
  font-weight: 600;
  line-height: 1;
}
${TONES.map((tone, index) => `.tone-${index} { background: ${tone}; }`).join('\n')}
/* An image that cannot be loaded has no size, so its clip is empty and the letter shows. One that can be is centred on
   white, which its shadow spreads over the whole tile. */
.tile-logo {
  position: absolute;
  max-width: 40px;
  max-height: 40px;
  background: #ffffff;
  box-shadow: 0 0 0 40px #ffffff;
  clip-path: inset(-400%);
}

.account {
  display: flex;
  align-items: center;
  margin-top: 20px;
  padding: 12px 14px;
  background: var(--sunken);
  border: 1px solid var(--line);
  border-radius: 12px;
}
.avatar {
  display: flex;
  flex: none;
  align-items: center;
  justify-content: center;
  width: 36px;
  height: 36px;
  margin-right: 12px;
  border-radius: 50%;
  background: var(--avatar);
  color: var(--avatar-text);
  font-size: 13px;
  font-weight: 600;
  line-height: 1;
}
.account-text { min-width: 0; line-height: 1.4; }
.account-name { margin-right: 4px; font-weight: 600; }
.account-detail { color: var(--muted); font-size: 13px; }
.account-email { display: block; }
.choices { margin-top: 24px; }
.choices > li + li { margin-top: 10px; }
.choices .form { margin-top: 0; }
.choice { width: 100%; margin-top: 0; background: var(--surface); border-color: var(--control-line); color: inherit; font: inherit; text-align: left; cursor: pointer; transition: background-color 0.12s; }
.choice:hover, .choice:active { background: var(--sunken); }
.choice:focus-visible { outline: 2px solid var(--accent-text); outline-offset: 2px; }
.choice-mark { flex: none; margin-left: auto; padding-left: 12px; color: var(--accent-text); font-size: 13px; }
.choices + .form { margin-top: 0; }

.form { margin-top: 24px; }
.field + .field { margin-top: 18px; }
.field-label { display: block; margin-bottom: 6px; font-size: 14px; font-weight: 500; line-height: 1.5; }
.field-input {
  display: block;
  width: 100%;
  height: 46px;
  padding: 0 14px;
  background: var(--surface);
  color: var(--text);
  border: 1px solid var(--control-line);
  border-radius: 10px;
  font: inherit;
  font-size: 16px;
  transition: border-color 0.12s, box-shadow 0.12s;
}
.field-input:focus { outline: 2px solid transparent; border-color: var(--accent-text); box-shadow: 0 0 0 1px var(--accent-text), 0 0 0 4px var(--halo); }
.field-input[aria-invalid="true"] { border-color: var(--danger); }
.field-input[aria-invalid="true"]:focus { box-shadow: 0 0 0 1px var(--danger), 0 0 0 4px var(--halo); }
/* Set in capitals as one types; what is sent is what was typed. */
.field-code { font-family: var(--mono); letter-spacing: 0.08em; text-transform: uppercase; }
.field-error { display: flex; margin-top: 6px; color: var(--danger); font-size: 14px; line-height: 1.45; }
.field-error .icon { width: 16px; height: 16px; margin: 2px 6px 0 0; }
.icon { flex: none; }

.alert {
  display: flex;
  margin-top: 20px;
  padding: 12px 14px;
  background: var(--danger-soft);
  border: 1px solid var(--danger-line);
  border-radius: 10px;
  color: var(--danger);
  font-size: 14px;
  line-height: 1.5;
  text-wrap: pretty;
}
.alert .icon { margin: 1px 10px 0 0; }

.caution {
  display: flex;
  margin-top: 20px;
  padding: 12px 14px;
  background: var(--sunken);
  border: 1px solid var(--control-line);
  border-radius: 10px;
  font-size: 14px;
  line-height: 1.5;
  text-wrap: pretty;
}
.caution .icon { margin: 1px 10px 0 0; }

.user-code {
  margin-top: 8px;
  padding: 12px;
  background: var(--sunken);
  border: 1px solid var(--line);
  border-radius: 12px;
  font: 600 26px/1.3 var(--mono);
  letter-spacing: 0.06em;
  text-align: center;
  white-space: nowrap;
}
.facts { margin-top: 16px; font-size: 14px; }
.facts > div { display: flex; }
.facts > div + div { margin-top: 4px; }
.facts dt { flex: none; width: 120px; color: var(--muted); }
.facts dd { min-width: 0; }
.facts + .lead { margin-top: 20px; color: var(--text); }

.actions { display: grid; grid-gap: 12px; margin-top: 28px; }
.form > .actions:first-of-type { margin-top: 24px; }
.actions-pair { grid-template-columns: 1fr 1fr; }
.button {
  display: flex;
  align-items: center;
  justify-content: center;
  width: 100%;
  min-height: 46px;
  padding: 10px 18px;
  border: 1px solid transparent;
  border-radius: 10px;
  font: inherit;
  font-weight: 600;
  line-height: 1.4;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
  overflow-wrap: anywhere;
  transition: background-color 0.12s, border-color 0.12s;
}
.button-primary { background: var(--accent); color: var(--on-accent); border-color: var(--accent-line); }
.button-primary:hover, .button-primary:active { background: var(--accent-strong); }
.button-secondary { background: var(--surface); color: var(--text); border-color: var(--control-line); }
.button-secondary:hover, .button-secondary:active { background: var(--sunken); }
.button:focus-visible, a:focus-visible { outline: 2px solid var(--accent-text); outline-offset: 2px; }
.aside { margin-top: 16px; color: var(--muted); font-size: 13px; text-align: center; }
.aside > a { display: inline-block; min-height: 44px; padding: 12px 8px; }

.divider { display: flex; align-items: center; margin-top: 24px; color: var(--muted); font-size: 13px; }
.divider::before, .divider::after { content: ""; flex: 1; height: 1px; background: var(--line); }
.divider::before { margin-right: 12px; }
.divider::after { margin-left: 12px; }
.divider + .ways, .divider + .embedded, .embedded + script + .ways { margin-top: 20px; }
.embedded { margin-top: 24px; }
/* The frame belongs to somebody else, who draws it on white. */
.embedded iframe { display: block; width: 100%; height: 360px; border: 1px solid var(--line); border-radius: 12px; background: #ffffff; color-scheme: light; }

.account + .lead { margin-top: 24px; color: var(--text); }
.scopes { margin-top: 12px; }
.scope { display: flex; padding: 9px 0; }
.scope + .scope { border-top: 1px solid var(--line); }
.scope .icon { margin: 2px 12px 0 0; color: var(--accent-text); }
.scope-text { min-width: 0; line-height: 1.5; }
.scope-title { display: block; font-weight: 500; }
.scope-detail { display: block; color: var(--muted); font-size: 13px; }

.next { margin-top: 24px; }
.next h2 { font-size: 15px; font-weight: 600; }
.next p { margin-top: 4px; text-wrap: pretty; }
.told-apps { margin-top: 6px; color: var(--muted); }
.told-apps li + li { margin-top: 2px; }
.next .contact { font-weight: 600; white-space: pre-line; }
.details { margin-top: 28px; padding-top: 20px; border-top: 1px solid var(--line); color: var(--muted); font-size: 13px; }
.details dl > div { display: flex; }
.details dl > div + div { margin-top: 6px; }
.details dt { flex: none; width: 80px; }
.details dd { min-width: 0; color: var(--text); }
/* Small enough for a trace id on one line. */
.details code { font-family: var(--mono); font-size: 12px; }
.trace { -webkit-user-select: all; user-select: all; }
time { font-variant-numeric: tabular-nums; }

.page-foot {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  width: 100%;
  max-width: 432px;
  margin-top: 20px;
  padding: 0 4px;
  color: var(--muted);
  font-size: 13px;
}
.app-links { display: flex; flex-wrap: wrap; margin-right: 12px; }
.app-links li + li { margin-left: 16px; }
.page-brand { display: flex; flex-wrap: wrap; align-items: center; margin-left: auto; }
.page-brand .wordmark + a { margin-left: 12px; }
.page-foot a { display: inline-block; padding: 4px 0; color: inherit; text-decoration: none; border-radius: 4px; }
.page-foot a:hover { color: var(--text); text-decoration: underline; text-underline-offset: 3px; }
.wordmark { display: flex; align-items: center; min-width: 0; font-weight: 650; letter-spacing: -0.01em; }
.wordmark svg { flex: none; width: 18px; height: 18px; margin-right: 6px; }
/* On white, which is what logos are drawn for. One that cannot be loaded leaves the name alone. */
.brand-logo { flex: none; max-width: 96px; height: 18px; margin-right: 6px; border-radius: 3px; background: #ffffff; object-fit: contain; }
.card-head .wordmark { font-size: 18px; }
.card-head .wordmark svg { width: 28px; height: 28px; margin-right: 8px; color: var(--accent-text); }
.card-head .brand-logo { max-width: 160px; height: 32px; margin-right: 10px; border-radius: 6px; }

.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  margin: -1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

@media (max-width: 520px) {
  body { background: var(--surface); }
  .page { justify-content: flex-start; padding: 0; }
  .card { flex: 1 0 auto; max-width: none; padding: 28px 20px 16px; border: 0; border-radius: 0; box-shadow: none; }
  .card-head { margin-bottom: 24px; }
  .page-foot { max-width: none; margin-top: 0; padding: 12px 20px 20px; }
  .page-foot a { padding: 11px 0; }
}
${PORTAL_STYLES}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { transition: none !important; animation: none !important; }
}
@media (forced-colors: active) {
  .tile, .avatar { border: 1px solid CanvasText; }
  .field-input:focus { outline-color: Highlight; }
  .button-primary { border-color: ButtonText; }
}
`.trimStart();

/** Where the stylesheet is served: the name changes with the content, so it may be cached for a year. */
export const STYLESHEET_PATH = `/assets/clinch-${createHash('sha256').update(STYLESHEET).digest('hex').slice(0, 10)}.css`;
