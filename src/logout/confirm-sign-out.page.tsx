import type { JSX } from 'preact';
import { AccountBadge, Button, PostForm, type AccountIdentity, type AppIdentity } from '../ui/controls.js';
import { Layout, type PageProps } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';

export interface ConfirmSignOutPageProps extends PageProps {
  /** The app that asks for it, where it is known. */
  readonly app?: AppIdentity | undefined;
  /** Absent where the browser has not said yet who is signed in: then the form only asks again. */
  readonly account?: AccountIdentity | undefined;
  readonly action: string;
  /** The request as it came, and what makes the form ours. */
  readonly hidden: Readonly<Record<string, string>>;
}

/** The question before somebody is signed out by a request that could have come from anybody. */
export function ConfirmSignOutPage(props: ConfirmSignOutPageProps): JSX.Element {
  const { app, account, locale } = props;
  const words = MESSAGES[locale].logout;
  return (
    <Layout {...props} title={app === undefined ? words.allow : words.confirmDocumentTitle(app.name)}>
      <h1>{words.confirmHeading}</h1>
      {account && <AccountBadge account={account} locale={locale} />}
      <p class="lead">{app === undefined ? words.confirmBody : words.confirmBodyFor(app.name)}</p>
      <PostForm action={props.action} hidden={props.hidden}>
        {account === undefined ? (
          <div class="actions">
            <Button>{words.proceed}</Button>
          </div>
        ) : (
          <div class="actions actions-pair">
            {/* Staying comes first in the order of the keyboard: the harmless answer is the nearer one. */}
            <Button kind="secondary" name="decision" value="deny">
              {words.deny}
            </Button>
            <Button name="decision" value="allow">
              {words.allow}
            </Button>
          </div>
        )}
      </PostForm>
    </Layout>
  );
}
