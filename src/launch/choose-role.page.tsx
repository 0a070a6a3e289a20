import type { JSX } from 'preact';
import { AccountBadge, AppLinks, PostForm, type AccountIdentity, type AppIdentity } from '../ui/controls.js';
import { Layout, type PageProps } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';

export interface ChooseRolePageProps extends PageProps {
  readonly app: AppIdentity;
  readonly account: AccountIdentity;
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
  readonly roles: readonly { readonly name: string; readonly displayName: string }[];
}

/** With which of their roles does the person go on? Each is a button: one press is the answer. */
export function ChooseRolePage(props: ChooseRolePageProps): JSX.Element {
  const { locale, app, roles } = props;
  const words = MESSAGES[locale].federation;
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
      <AccountBadge account={props.account} locale={locale} />
      <PostForm action={props.action} hidden={props.hidden}>
        <ul class="choices">
          {roles.map(({ name, displayName }) => (
            <li key={name}>
              <button class="account choice" type="submit" name="role" value={name}>
                <span class="account-text">
                  <span class="account-name">{displayName}</span>{' '}
                  {displayName !== name && <span class="account-detail">{name}</span>}
                </span>
                <span class="choice-mark" aria-hidden="true">
                  ›
                </span>
              </button>
            </li>
          ))}
        </ul>
      </PostForm>
    </Layout>
  );
}
