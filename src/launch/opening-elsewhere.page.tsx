import type { JSX } from 'preact';
import { ButtonLink, type AppIdentity } from '../ui/controls.js';
import { Layout, type PageProps } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';

export interface OpeningElsewherePageProps extends PageProps {
  readonly app: AppIdentity;
  /** An address that DingTalk opens in the system's own browser. */
  readonly elsewhereHref: string;
  /** The app in this browser, where the other one does not open. */
  readonly hereHref: string;
  readonly scriptHref: string;
}

/** Inside DingTalk: the app opens in the system's own browser. */
export function OpeningElsewherePage(props: OpeningElsewherePageProps): JSX.Element {
  const { app, locale } = props;
  const words = MESSAGES[locale].launch;
  return (
    <Layout
      locale={locale}
      stylesheetHref={props.stylesheetHref}
      title={words.elsewhereDocumentTitle(app.name)}
      app={app}
    >
      <h1>{words.elsewhereHeading}</h1>
      <p class="lead">{words.elsewhereBody}</p>
      <div class="actions">
        <ButtonLink href={props.elsewhereHref} id="open-elsewhere">
          {words.openElsewhere}
        </ButtonLink>
        <ButtonLink kind="secondary" href={props.hereHref}>
          {words.openHere}
        </ButtonLink>
      </div>
      <script src={props.scriptHref} defer />
    </Layout>
  );
}
