import type { JSX } from 'preact';
import { AccountChoice } from '../ui/account-choice.js';
import { AppLinks, Button, PostForm } from '../ui/controls.js';
import type { AccountIdentity, AppIdentity } from '../ui/controls.js';
import { Layout } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';
import type { InteractionPageProps } from './login.page.js';

/** Somebody who is signed in with this browser. */
export interface SelectableAccount {
  readonly account: AccountIdentity;
  readonly sessionId: string;
  /** Theirs is the session that counts just now. */
  readonly isCurrent: boolean;
}

export interface SelectAccountPageProps extends Omit<InteractionPageProps, 'app'> {
  /** Absent where a page of our own waits for the choice. */
  readonly app?: AppIdentity | undefined;
  /** At least one. */
  readonly accounts: readonly SelectableAccount[];
}

/** OpenID Connect Core §3.1.2.1 `prompt=select_account`: one of the people signed in with this browser, or another one. */
export function SelectAccountPage(props: SelectAccountPageProps): JSX.Element {
  const { locale, app, accounts } = props;
  const words = MESSAGES[locale].selectAccount;
  const hidden = { interaction: props.interactionId, csrf_token: props.csrfToken };
  const choices = accounts.map(({ account, sessionId, isCurrent }) => ({
    account,
    session: sessionId,
    mark: isCurrent && accounts.length > 1 ? words.current : undefined,
  }));
  return (
    <Layout
      locale={locale}
      stylesheetHref={props.stylesheetHref}
      title={app ? words.documentTitle(app.name) : words.ownDocumentTitle}
      app={app}
      footer={app && <AppLinks app={app} locale={locale} />}
    >
      <h1>{words.heading}</h1>
      <p class="lead">{app ? words.destination(app.name) : words.ownDestination}</p>
      <AccountChoice action={props.action} hidden={hidden} choices={choices} />
      <PostForm action={props.action} hidden={hidden}>
        <div class="actions">
          <Button kind="secondary" name="decision" value="other">
            {words.useAnother}
          </Button>
        </div>
      </PostForm>
    </Layout>
  );
}
