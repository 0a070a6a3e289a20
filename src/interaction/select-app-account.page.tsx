import type { JSX } from 'preact';
import { AccountBadge, AppLinks, Button, PostForm } from '../ui/controls.js';
import type { AccountIdentity } from '../ui/controls.js';
import { Layout } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';
import type { InteractionPageProps } from './login.page.js';

export interface SelectAppAccountPageProps extends InteractionPageProps {
  readonly account: AccountIdentity;
  /** The one that was chosen last first. */
  readonly choices: readonly { readonly id: string; readonly username: string; readonly chosenBefore: boolean }[];
}

/** Under which of their names does the person go on? Each is a button: one press is the answer. */
export function SelectAppAccountPage(props: SelectAppAccountPageProps): JSX.Element {
  const { locale, app, account, choices } = props;
  const words = MESSAGES[locale].selectAppAccount;
  return (
    <Layout
      locale={locale}
      stylesheetHref={props.stylesheetHref}
      title={words.documentTitle(app.name)}
      app={app}
      footer={<AppLinks app={app} locale={locale} />}
    >
      <h1>{words.heading}</h1>
      <p class="lead">{words.question(app.name)}</p>
      <AccountBadge account={account} locale={locale} />
      <PostForm action={props.action} hidden={{ interaction: props.interactionId, csrf_token: props.csrfToken }}>
        <div class="actions">
          {choices.map(({ id, username, chosenBefore }, index) => (
            <Button key={id} kind={index === 0 ? 'primary' : 'secondary'} name="app_account" value={id}>
              {index === 0 && chosenBefore ? words.asLastTime(username) : username}
            </Button>
          ))}
        </div>
      </PostForm>
    </Layout>
  );
}
