import { createHash } from 'node:crypto';

/** What the console has beside the common look: a wide page, tables, marks. Colours are the common tokens. */
export const CONSOLE_STYLESHEET = `
.console { max-width: 1080px; margin: 0 auto; padding: 0 24px 64px; }
.console-head { display: flex; flex-wrap: wrap; align-items: center; padding: 16px 0; border-bottom: 1px solid var(--line); }
.console-head .wordmark { font-size: 17px; }
.console-head .brand-logo { height: 24px; margin-right: 8px; }
.console-foot { margin-top: 48px; font-size: 13px; }
.console-head .wordmark svg { width: 24px; height: 24px; margin-right: 8px; color: var(--accent-text); }
.console-nav { display: flex; flex-wrap: wrap; margin: 0 auto 0 28px; }
.console-nav a { padding: 6px 10px; color: var(--muted); text-decoration: none; border-radius: 8px; }
.console-nav a:hover, .console-nav a[aria-current] { color: var(--text); background: var(--sunken); }
.console-who { display: flex; align-items: center; color: var(--muted); font-size: 13px; }
.console-who form { margin: 0 0 0 12px; }
.console main { padding-top: 28px; }
.console h1 + .lead { max-width: 70ch; }
.console section { margin-top: 36px; }
.console h2 { font-size: 18px; font-weight: 600; }
.console h2 + .lead { font-size: 14px; }
.console a { color: var(--accent-text); }
.console .button { width: auto; min-height: 38px; padding: 6px 14px; }
.console a.button-primary { color: var(--on-accent); }
.console a.button-secondary { color: var(--text); }
.console .button-quiet { background: none; color: var(--accent-text); border-color: transparent; padding: 6px 8px; font-weight: 500; }
.console .field-input { max-width: 480px; height: 42px; }
.console select.field-input { padding-right: 8px; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 12px; margin-top: 16px; }
.row form, .row .form { margin: 0; }
.table-wrap { overflow-x: auto; margin-top: 14px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th { padding: 10px 14px; color: var(--muted); font-weight: 500; text-align: left; white-space: nowrap; }
td { padding: 10px 14px; border-top: 1px solid var(--line); vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.mark { display: inline-block; padding: 1px 9px; border: 1px solid var(--line); border-radius: 999px; color: var(--muted); font-size: 13px; white-space: nowrap; }
.mark-good { color: var(--accent-text); border-color: currentColor; }
.mark-bad { color: var(--danger); background: var(--danger-soft); border-color: var(--danger-line); }
.muted { color: var(--muted); font-size: 13px; }
.copy { font: 13px/1.5 var(--mono); -webkit-user-select: all; user-select: all; overflow-wrap: anywhere; }
.console h3 { margin: 20px 0 0; font-size: 15px; font-weight: 600; }
pre.copy { margin-top: 8px; white-space: pre-wrap; }
.panel { margin-top: 14px; padding: 16px 18px; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
.panel dl > div { display: flex; flex-wrap: wrap; padding: 5px 0; }
.panel dt { flex: none; width: 220px; color: var(--muted); }
.panel dd { min-width: 0; flex: 1 1 240px; }
.timeline { margin: 24px 0 0; padding: 0; list-style: none; border-left: 2px solid var(--line); }
.timeline li { position: relative; padding: 0 0 18px 22px; }
.timeline li::before { content: ''; position: absolute; left: -7px; top: 6px; width: 12px; height: 12px; background: var(--surface); border: 2px solid var(--muted); border-radius: 50%; }
.timeline li.timeline-bad::before { background: var(--danger); border-color: var(--danger); }
.timeline p { margin: 0; max-width: 70ch; overflow-wrap: anywhere; }
.console h2 .mark { margin-left: 6px; vertical-align: middle; }
.steps { margin: 14px 0 0; padding-left: 22px; }
.steps li { margin-top: 10px; }
.switch + .field { margin-top: 18px; }
.switch { display: flex; align-items: flex-start; margin-top: 10px; }
.switch input { width: 18px; height: 18px; margin: 2px 10px 0 0; accent-color: var(--accent); }
.progress { height: 8px; margin-top: 10px; overflow: hidden; background: var(--sunken); border-radius: 4px; }
progress { width: 100%; max-width: 480px; height: 10px; accent-color: var(--accent); }
@media (max-width: 520px) {
  .console { padding: 0 16px 48px; }
  .console-nav { order: 3; width: 100%; margin: 10px 0 0 -10px; }
  .console-who { margin-left: auto; }
  .panel dt { width: 100%; }
}
`.trimStart();

const HASH = createHash('sha256').update(CONSOLE_STYLESHEET).digest('hex').slice(0, 16);

/** Its address holds its hash, so it may be kept for ever. */
export const CONSOLE_STYLESHEET_PATH = `/assets/console-${HASH}.css`;
