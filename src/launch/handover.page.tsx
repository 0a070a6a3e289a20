import type { JSX } from 'preact';
import { AccountBadge, Button, Caution, PostForm, type AccountIdentity, type AppIdentity } from '../ui/controls.js';
import { Layout, type PageProps } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';

export interface HandoverPageProps extends PageProps {
  /** Absent when the app is gone since. */
  readonly app?: AppIdentity | undefined;
  readonly account: AccountIdentity;
  readonly action: string;
  readonly code: string;
  readonly csrfToken: string;
}

/** In the system's own browser: go on as the person who is signed in inside DingTalk. */
export function HandoverPage(props: HandoverPageProps): JSX.Element {
  const { app, account, locale } = props;
  const words = MESSAGES[locale].launch;
  return (
    <Layout
      locale={locale}
      stylesheetHref={props.stylesheetHref}
      title={app ? words.handoverDocumentTitle(app.name) : words.handoverHeading}
      app={app}
    >
      <h1>{words.handoverHeading}</h1>
      <p class="lead">{words.handoverBody}</p>
      <AccountBadge account={account} locale={locale} />
      <Caution id="handover-caution">{words.handoverCaution}</Caution>
      <PostForm action={props.action} hidden={{ code: props.code, csrf_token: props.csrfToken }}>
        <div class="actions">
          <Button>{MESSAGES[locale].selectAccount.continueAs(account.displayName)}</Button>
        </div>
      </PostForm>
    </Layout>
  );
}
