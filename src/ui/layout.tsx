/**
 * The frame of every page: one card, one thing to do. On top stands the app the person came from, or whose house it is
 * where there is none. No inline style and no script: `Content-Security-Policy` need allow neither.
 */
import type { ComponentChildren, JSX } from 'preact';
import { BrandedTitle, BrandLinks, BrandFoot, BrandMark } from './brand-parts.js';
import { AppBadge } from './controls.js';
import type { AppIdentity } from './controls.js';
import type { Locale } from './messages.js';

/** What every page is given, whatever it shows. */
export interface PageProps {
  readonly locale: Locale;
  readonly stylesheetHref: string;
}

export interface LayoutProps extends PageProps {
  /** Of the document. Where the page is about no app, the brand's name follows it. */
  readonly title: string;
  readonly app?: AppIdentity | undefined;
  /** Stands under the card, beside the brand's own mark. */
  readonly footer?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A whole document around one page's content. */
export function Layout(props: LayoutProps): JSX.Element {
  return (
    <html lang={props.locale}>
      <head>
        <meta charset="utf-8" />
        <BrandedTitle title={props.title} complete={props.app !== undefined} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <BrandLinks stylesheetHrefs={[props.stylesheetHref]} />
      </head>
      <body>
        <div class="page">
          <main class="card">
            <div class="card-head">{props.app ? <AppBadge app={props.app} /> : <BrandMark />}</div>
            {props.children}
          </main>
          <footer class="page-foot">
            {props.footer}
            <BrandFoot locale={props.locale} marked={props.app !== undefined} />
          </footer>
        </div>
      </body>
    </html>
  );
}
