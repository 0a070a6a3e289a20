import type { JSX } from 'preact';
import { AccountBadge, AppLinks, Button, PostForm } from '../ui/controls.js';
import type { AccountIdentity } from '../ui/controls.js';
import { ErrorDetails, WhomToAsk } from '../ui/error.page.js';
import { Layout } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';
import type { InteractionPageProps } from './login.page.js';

export interface RefusedPageProps extends InteractionPageProps {
  readonly account: AccountIdentity;
  /** In the operator's words; absent: the administrator. */
  readonly contact?: string | undefined;
  readonly traceId: string;
  /** Now, unless told. */
  readonly occurredAt?: Date | undefined;
}

/** The app is not open to this person: who they are here, whom to ask, and the ways on. */
export function RefusedPage(props: RefusedPageProps): JSX.Element {
  const { locale, app, account } = props;
  const words = MESSAGES[locale].refused;
  return (
    <Layout
      locale={locale}
      stylesheetHref={props.stylesheetHref}
      title={words.documentTitle(app.name)}
      app={app}
      footer={<AppLinks app={app} locale={locale} />}
    >
      <h1>{words.heading(app.name)}</h1>
      <p class="lead">{MESSAGES[locale].error.situations.access_denied.explanation}</p>
      <AccountBadge account={account} locale={locale} />
      <WhomToAsk locale={locale} contact={props.contact} />
      <PostForm action={props.action} hidden={{ interaction: props.interactionId, csrf_token: props.csrfToken }}>
        <div class="actions">
          <Button name="decision" value="back">
            {words.backTo(app.name)}
          </Button>
          <Button kind="secondary" name="decision" value="other">
            {MESSAGES[locale].selectAccount.useAnother}
          </Button>
        </div>
      </PostForm>
      <ErrorDetails locale={locale} traceId={props.traceId} occurredAt={props.occurredAt} />
    </Layout>
  );
}
