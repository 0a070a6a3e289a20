import type { ComponentChildren, JSX } from 'preact';
import { BrandedTitle, BrandFoot, BrandLinks, BrandMark } from './brand-parts.js';
import type { AccountIdentity } from './controls.js';
import type { PageProps } from './layout.js';
import { MESSAGES } from './messages.js';

/** The pages that a signed-in person has for themselves, in the order of the navigation. */
export const OWN_PARTS = ['apps', 'profile', 'sessions', 'connected', 'devices', 'history'] as const;

export type OwnPart = (typeof OWN_PARTS)[number];

/** Where each is, below the issuer. */
export const OWN_PATHS: Readonly<Record<OwnPart, string>> = {
  apps: '/',
  profile: '/account',
  sessions: '/account/sessions',
  connected: '/account/apps',
  devices: '/account/devices',
  history: '/account/history',
};

/** What every page of a person's own is given. */
export interface OwnPageProps extends PageProps {
  /** Whose pages they are. */
  readonly account: AccountIdentity;
  /** The path of the issuer, without a slash at its end. */
  readonly basePath: string;
}

export interface OwnPageLayoutProps extends OwnPageProps {
  readonly title: string;
  /** Which of the parts is shown; absent on a page below one of them. */
  readonly part?: OwnPart;
  /** Under the title: what the page is for. */
  readonly lead?: string;
  readonly children: ComponentChildren;
}

/** The frame of a person's own pages: narrow first, and wide where there is room. */
export function OwnPageLayout(props: OwnPageLayoutProps): JSX.Element {
  const words = MESSAGES[props.locale].portal.frame;
  return (
    <html lang={props.locale}>
      <head>
        <meta charset="utf-8" />
        <BrandedTitle title={props.title} complete={false} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="color-scheme" content="light dark" />
        <BrandLinks stylesheetHrefs={[props.stylesheetHref]} />
      </head>
      <body>
        <a class="skip" href="#main">
          {words.skip}
        </a>
        <div class="own">
          <header class="own-head">
            <a class="own-home" href={`${props.basePath}/`}>
              <BrandMark />
            </a>
            <AccountMenu {...props} />
          </header>
          <Navigation {...props} />
          <main class="own-main" id="main">
            <h1>{props.title}</h1>
            {props.lead !== undefined && <p class="lead">{props.lead}</p>}
            {props.children}
          </main>
          <footer class="page-foot">
            <BrandFoot locale={props.locale} marked={false} />
          </footer>
        </div>
      </body>
    </html>
  );
}

function Navigation({ locale, basePath, part }: OwnPageLayoutProps): JSX.Element {
  const words = MESSAGES[locale].portal.frame;
  return (
    <nav class="own-nav" aria-label={words.parts}>
      <ul>
        {OWN_PARTS.map((each) => (
          <li key={each}>
            <a href={basePath + OWN_PATHS[each]} aria-current={each === part ? 'page' : undefined}>
              {words[each]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Opens and closes without a script. */
function AccountMenu({ locale, basePath, account }: OwnPageLayoutProps): JSX.Element {
  const words = MESSAGES[locale].portal.frame;
  return (
    <details class="own-menu">
      <summary>
        <span class="visually-hidden">{`${MESSAGES[locale].common.signedInAs} `}</span>
        <span class="own-menu-name">{account.displayName}</span>
      </summary>
      <ul class="own-menu-list">
        <li class="own-menu-who">{account.username}</li>
        <li>
          <a href={`${basePath}/account/switch`}>{words.useAnother}</a>
        </li>
        <li>
          <a href={`${basePath}/oidc/logout`}>{words.signOut}</a>
        </li>
      </ul>
    </details>
  );
}
