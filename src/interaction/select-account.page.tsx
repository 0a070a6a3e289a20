import type { JSX } from 'preact';
import { AccountBadge, AppLinks, Button, PostForm } from '../ui/controls.js';
import type { AccountIdentity } from '../ui/controls.js';
import { Layout } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';
import type { InteractionPageProps } from './login.page.js';

export interface SelectAccountPageProps extends InteractionPageProps {
  readonly account: AccountIdentity;
}

/** OpenID Connect Core §3.1.2.1 `prompt=select_account`: the account signed in here, or another one. */
export function SelectAccountPage(props: SelectAccountPageProps): JSX.Element {
  const { locale, app, account } = props;
  const words = MESSAGES[locale].selectAccount;
  return (
    <Layout
      locale={locale}
      stylesheetHref={props.stylesheetHref}
      title={words.documentTitle(app.name)}
      app={app}
      footer={<AppLinks app={app} locale={locale} />}
    >
      <h1>{words.heading}</h1>
      <p class="lead">{words.destination(app.name)}</p>
      <AccountBadge account={account} locale={locale} />
      <PostForm action={props.action} hidden={{ interaction: props.interactionId, csrf_token: props.csrfToken }}>
        <div class="actions">
          <Button name="decision" value="continue">
            {words.continueAs(account.displayName)}
          </Button>
          <Button kind="secondary" name="decision" value="other">
            {words.useAnother}
          </Button>
        </div>
      </PostForm>
    </Layout>
  );
}
