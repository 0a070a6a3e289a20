import type { ComponentChildren, JSX } from 'preact';
import { BrandedTitle, BrandLinks, BrandMark, PrivacyNotice } from '../ui/brand-parts.js';
import type { PageProps } from '../ui/layout.js';
import { CONSOLE_MESSAGES } from './console-messages.js';

/** What every page of the console is given. */
export interface ConsolePageProps extends PageProps {
  readonly consoleStylesheetHref: string;
  /** `/admin` below the issuer's path. */
  readonly home: string;
  /** The app whose rights are used here. */
  readonly clientId: string;
  /** Ties every form of the page to this browser and this sign-in. */
  readonly csrfToken: string;
}

export interface ConsoleLayoutProps extends ConsolePageProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Seconds after which the page is asked for again: what it shows is on its way. */
  readonly refresh?: number | undefined;
}

/** The frame of the console: a wide page with the parts on top. Works without scripts, as all pages do. */
export function ConsoleLayout(props: ConsoleLayoutProps): JSX.Element {
  const words = CONSOLE_MESSAGES[props.locale].frame;
  return (
    <html lang={props.locale}>
      <head>
        <meta charset="utf-8" />
        <BrandedTitle title={`${props.title} · ${words.console}`} complete={false} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        {props.refresh !== undefined && <meta http-equiv="refresh" content={String(props.refresh)} />}
        <BrandLinks stylesheetHrefs={[props.stylesheetHref, props.consoleStylesheetHref]} />
      </head>
      <body>
        <div class="console">
          <header class="console-head">
            <BrandMark />
            <nav class="console-nav" aria-label={words.parts}>
              <a href={`${props.home}/sources`}>{words.sources}</a>
              <a href={`${props.home}/apps`}>{words.apps}</a>
              <a href={`${props.home}/timeline`}>{words.timeline}</a>
              <a href={`${props.home}/docs`}>{words.api}</a>
            </nav>
            <div class="console-who">
              <span>{words.actingAs(props.clientId)}</span>
              <form method="post" action={`${props.home}/sign-out`}>
                <input type="hidden" name="csrf_token" value={props.csrfToken} />
                <button class="button button-quiet" type="submit">
                  {words.signOut}
                </button>
              </form>
            </div>
          </header>
          <main>{props.children}</main>
          <footer class="console-foot">
            <PrivacyNotice locale={props.locale} />
          </footer>
        </div>
      </body>
    </html>
  );
}
