/**
 * The frame of every page: one card, one thing to do. On top stands the app the person came from, or Clinch itself where
 * there is none. No inline style and no script: `Content-Security-Policy` need allow neither.
 */
import type { ComponentChildren, JSX } from 'preact';
import { AppBadge } from './controls.js';
import type { AppIdentity } from './controls.js';
import type { Locale } from './messages.js';

/** What every page is given, whatever it shows. */
export interface PageProps {
  readonly locale: Locale;
  readonly stylesheetHref: string;
}

export interface LayoutProps extends PageProps {
  readonly title: string;
  readonly app?: AppIdentity | undefined;
  /** Stands under the card, beside Clinch's own mark. */
  readonly footer?: ComponentChildren;
  readonly children: ComponentChildren;
}

// A data: address, so that no page costs a second request or a 404 for /favicon.ico.
export const ICON =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#2b55d9"/>' +
      '<g transform="translate(4.2 4.2) scale(.65)" fill="none" stroke="#fff" stroke-width="2.9" stroke-linecap="round">' +
      '<path d="M14 15.5H8.5a5.5 5.5 0 0 1 0-11H12"/><path d="M10 8.5h5.5a5.5 5.5 0 0 1 0 11H12"/></g></svg>',
  );

/** A whole document around one page's content. */
export function Layout(props: LayoutProps): JSX.Element {
  return (
    <html lang={props.locale}>
      <head>
        <meta charset="utf-8" />
        <title>{props.title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href={ICON} />
        <link rel="stylesheet" href={props.stylesheetHref} />
      </head>
      <body>
        <div class="page">
          <main class="card">
            <div class="card-head">{props.app ? <AppBadge app={props.app} /> : <Wordmark />}</div>
            {props.children}
          </main>
          <footer class="page-foot">
            {props.footer}
            {props.app && <Wordmark />}
          </footer>
        </div>
      </body>
    </html>
  );
}

/** Two clasped links and the name. */
export function Wordmark(): JSX.Element {
  return (
    <div class="wordmark">
      <svg viewBox="0 0 24 24" width="24" height="24" fill="none" aria-hidden="true" focusable="false">
        <g stroke="currentColor" stroke-width="2.4" stroke-linecap="round">
          <path d="M14 15.5H8.5a5.5 5.5 0 0 1 0-11H12" />
          <path d="M10 8.5h5.5a5.5 5.5 0 0 1 0 11H12" />
        </g>
      </svg>
      <span>Clinch</span>
    </div>
  );
}
