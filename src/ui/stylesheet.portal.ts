/** What a person's own pages have beside the common look: a wide frame, tiles, lists of rows. Narrow first. */
export const PORTAL_STYLES = `
.skip { position: absolute; left: 16px; top: -60px; z-index: 2; padding: 10px 16px; background: var(--surface); color: var(--accent-text); border-radius: 0 0 10px 10px; }
.skip:focus { top: 0; }
.own { max-width: 1040px; margin: 0 auto; padding: 0 16px 48px; }
.own-head { display: flex; align-items: center; justify-content: space-between; padding: 12px 0 8px; }
.own-home { display: flex; align-items: center; min-width: 0; min-height: 44px; color: inherit; text-decoration: none; border-radius: 8px; }
.own-home .wordmark { font-size: 17px; }
.own-home .wordmark svg { width: 26px; height: 26px; margin-right: 8px; color: var(--accent-text); }
.own-menu { position: relative; margin-left: 16px; min-width: 0; }
.own-menu summary { display: flex; align-items: center; min-height: 44px; padding: 0 12px; border-radius: 10px; cursor: pointer; list-style: none; }
.own-menu summary::-webkit-details-marker { display: none; }
.own-menu summary::after { content: ""; flex: none; width: 7px; height: 7px; margin: -4px 2px 0 9px; border: solid currentColor; border-width: 0 1.75px 1.75px 0; transform: rotate(45deg); }
.own-menu[open] summary::after { margin-top: 4px; transform: rotate(225deg); }
.own-menu summary:hover, .own-menu[open] summary { background: var(--surface); }
.own-menu summary:focus-visible { outline: 2px solid var(--accent-text); outline-offset: 2px; }
.own-menu-name { max-width: 40vw; overflow: hidden; font-weight: 600; text-overflow: ellipsis; white-space: nowrap; }
.own-menu-list { position: absolute; right: 0; z-index: 1; min-width: 200px; max-width: 80vw; margin-top: 6px; padding: 6px; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); }
.own-menu-list a { display: flex; align-items: center; min-height: 44px; padding: 0 12px; color: inherit; text-decoration: none; border-radius: 8px; }
.own-menu-list a:hover { background: var(--sunken); }
.own-menu-who { padding: 8px 12px; color: var(--muted); font-size: 13px; border-bottom: 1px solid var(--line); margin-bottom: 6px; }
.own-nav { border-bottom: 1px solid var(--line); }
.own-nav ul { display: flex; flex-wrap: wrap; margin: 0 -10px; }
.own-nav a { display: flex; align-items: center; min-height: 42px; padding: 0 10px; color: var(--muted); text-decoration: none; border-radius: 8px; }
.own-nav a:hover { color: var(--text); }
.own-nav a[aria-current] { color: var(--text); font-weight: 600; box-shadow: inset 0 -2px 0 var(--accent-text); border-radius: 0; }
.own-main { padding-top: 24px; }
.own-main > .lead { max-width: 68ch; }

.search { display: flex; margin-top: 18px; max-width: 520px; }
.search .field-input { flex: 1; min-width: 0; }
.nothing .plain { display: inline-flex; align-items: center; min-height: 44px; }
.search .button { width: auto; flex: none; margin-left: 8px; }
.apps { display: grid; grid-template-columns: minmax(0, 1fr); grid-gap: 12px; margin-top: 20px; }
.app { display: flex; flex-direction: column; justify-content: center; height: 100%; min-height: 76px; padding: 14px 16px; color: inherit; text-decoration: none; background: var(--surface); border: 1px solid var(--line); border-radius: 14px; }
a.app:hover { border-color: var(--accent-text); box-shadow: 0 0 0 1px var(--accent-text); }
.app-note { display: block; margin: 6px 0 0 52px; color: var(--muted); font-size: 13px; }
.nothing { margin-top: 20px; padding: 28px 20px; background: var(--surface); border: 1px solid var(--line); border-radius: 14px; text-align: center; }
.nothing p + p { margin-top: 6px; color: var(--muted); }
.own a.plain { color: var(--accent-text); text-underline-offset: 3px; }

.rows { margin-top: 20px; background: var(--surface); border: 1px solid var(--line); border-radius: 14px; }
.entry { padding: 16px; }
.entry + .entry { border-top: 1px solid var(--line); }
.entry h2 { font-size: 16px; font-weight: 600; line-height: 1.4; }
.entry-note { margin-top: 2px; max-width: 60ch; font-size: 14px; }
.entry-facts { margin-top: 4px; color: var(--muted); font-size: 14px; }
.entry-facts > div { display: flex; }
.entry-facts dt { flex: none; width: 104px; }
.entry-facts dd { min-width: 0; color: var(--text); }
.entry-how { margin-left: 6px; color: var(--muted); font-weight: 400; }
.own-pager { display: flex; flex-wrap: wrap; gap: 0 24px; }
.entry-list { margin-top: 8px; font-size: 14px; }
.entry-list li { padding: 2px 0 2px 16px; position: relative; }
.entry-list li::before { content: ""; position: absolute; left: 2px; top: 11px; width: 5px; height: 5px; border-radius: 50%; background: var(--muted); }
.entry-may { margin-top: 12px; font-size: 14px; font-weight: 500; }
.entry .scopes { margin-top: 2px; }
.entry .form { display: flex; margin-top: 12px; }
.entry .button, .own-main > .form .button { width: auto; min-height: 44px; padding: 8px 18px; }
.own-main > .form { max-width: 432px; }
.tag { display: inline-block; margin-left: 8px; padding: 1px 9px; border: 1px solid var(--control-line); border-radius: 999px; color: var(--muted); font-size: 13px; font-weight: 400; white-space: nowrap; }
.done { margin-top: 20px; padding: 12px 14px; background: var(--surface); border: 1px solid var(--accent-text); border-radius: 10px; }
.own-note { margin-top: 16px; max-width: 68ch; color: var(--muted); font-size: 14px; }
.own-section { margin-top: 32px; }
.own-section h2 { font-size: 18px; font-weight: 600; }
.own-section .own-note { margin-top: 4px; }
.own-section .button { width: auto; min-height: 44px; }
.own-section .actions { display: flex; margin-top: 14px; }
.own-person .account { margin-top: 20px; max-width: 432px; }
.profile-fact { padding: 12px 16px; }
.profile-fact dt { color: var(--muted); font-size: 14px; }
.own-more { display: inline-flex; align-items: center; min-height: 44px; margin-top: 12px; }
.own-note .own-more { margin-top: 0; }

/* Where the parts need two rows, a line below the chosen one would stand in the middle: it is framed instead. */
@media (max-width: 699px) {
  .own-nav { padding-bottom: 10px; }
  .own-nav a { padding: 0 9px; font-size: 15px; border: 1px solid transparent; border-radius: 999px; }
  .own-nav a[aria-current] { border-color: var(--accent-text); border-radius: 999px; background: var(--surface); box-shadow: none; }
}
@media (max-width: 520px) {
  .own { min-height: 100vh; background: var(--bg); }
}
@media (min-width: 560px) {
  .apps { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .own { padding: 0 24px 64px; }
  .entry { padding: 18px 20px; }
}
@media (min-width: 700px) {
  .profile-fact { display: flex; padding: 12px 20px; }
  .profile-fact dt { flex: none; width: 180px; font-size: inherit; }
  .entry-split { display: flex; align-items: center; justify-content: space-between; }
  .entry-split > :first-child { min-width: 0; }
  .entry-split > .form { flex: none; margin: 0 0 0 24px; }
}
@media (min-width: 860px) {
  .apps { grid-template-columns: repeat(3, minmax(0, 1fr)); }
}
`;
