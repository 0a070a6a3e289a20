import type { JSX } from 'preact';
import { ButtonLink, type AppIdentity } from '../../ui/controls.js';
import { Layout, type PageProps } from '../../ui/layout.js';
import { MESSAGES } from '../../ui/messages.js';

export interface InAppPageProps extends PageProps {
  readonly app: AppIdentity | undefined;
  readonly scriptHref: string;
  readonly corpId: string;
  readonly clientId: string;
  /** Where the code goes. */
  readonly action: string;
  readonly nonce: string;
  readonly csrfToken: string;
  /** Where the person signs in when the bridge gives no code. */
  readonly otherWayHref: string;
  readonly cancelledHref: string;
}

/** What is seen for a moment while DingTalk is asked who is there, with the way round it: scripts may be off. */
export function InAppPage(props: InAppPageProps): JSX.Element {
  const { locale } = props;
  const words = MESSAGES[locale].inApp;
  return (
    <Layout locale={locale} stylesheetHref={props.stylesheetHref} title={words.documentTitle} app={props.app}>
      <h1>{words.heading}</h1>
      <p
        class="lead"
        id="in-app"
        role="status"
        data-corp-id={props.corpId}
        data-client-id={props.clientId}
        data-action={props.action}
        data-nonce={props.nonce}
        data-token={props.csrfToken}
        data-other-way={props.otherWayHref}
        data-cancelled={props.cancelledHref}
      >
        {words.body}
      </p>
      <div class="actions">
        <ButtonLink kind="secondary" href={props.otherWayHref}>
          {words.otherWay}
        </ButtonLink>
      </div>
      <script src={props.scriptHref} defer />
    </Layout>
  );
}
