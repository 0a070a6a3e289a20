import type { JSX } from 'preact';
import { AppBadge, Button } from '../ui/controls.js';
import { MESSAGES } from '../ui/messages.js';
import { OwnPageLayout, type OwnPageProps } from '../ui/own-page-layout.js';
import type { PortalApp } from './portal-apps.js';

export interface AppsPageProps extends OwnPageProps {
  readonly apps: readonly PortalApp[];
  /** What was searched for; absent: all are shown. */
  readonly search: string | undefined;
}

/** The portal: what somebody may open, one click away. */
export function AppsPage(props: AppsPageProps): JSX.Element {
  const { locale, apps, search, basePath } = props;
  const words = MESSAGES[locale].portal.apps;
  return (
    <OwnPageLayout {...props} title={words.title} part="apps">
      {(apps.length > 0 || search !== undefined) && <Search {...props} />}
      {apps.length > 0 && (
        <ul class="apps">
          {apps.map((app) => (
            <li key={app.id}>
              <Tile app={app} basePath={basePath} note={words.fromApp} />
            </li>
          ))}
        </ul>
      )}
      {apps.length === 0 && <Nothing {...props} />}
    </OwnPageLayout>
  );
}

function Search({ locale, search = '', basePath }: AppsPageProps): JSX.Element {
  const words = MESSAGES[locale].portal.apps;
  return (
    <form class="search" method="get" action={`${basePath}/`} role="search">
      <input
        class="field-input"
        type="search"
        name="q"
        value={search}
        placeholder={words.search}
        aria-label={words.search}
        autocomplete="off"
        maxlength={100}
      />
      <Button kind="secondary">{words.submit}</Button>
    </form>
  );
}

function Tile(props: { readonly app: PortalApp; readonly basePath: string; readonly note: string }): JSX.Element {
  const { app, basePath, note } = props;
  if (app.opens)
    return (
      <a class="app" href={`${basePath}/launch/${encodeURIComponent(app.id)}`}>
        <AppBadge app={app} />
      </a>
    );
  return (
    <div class="app">
      <AppBadge app={app} />
      <span class="app-note">{note}</span>
    </div>
  );
}

function Nothing({ locale, search, basePath }: AppsPageProps): JSX.Element {
  const words = MESSAGES[locale].portal.apps;
  if (search === undefined)
    return (
      <div class="nothing">
        <p>{words.none}</p>
        <p>{words.noneAdvice}</p>
      </div>
    );
  return (
    <div class="nothing" role="status">
      <p>{words.noMatch(search)}</p>
      <p>
        <a class="plain" href={`${basePath}/`}>
          {words.showAll}
        </a>
      </p>
    </div>
  );
}
