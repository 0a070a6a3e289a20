import type { JSX } from 'preact';
import { AccountBadge, AppLinks, Button, PostForm } from '../ui/controls.js';
import type { AccountIdentity } from '../ui/controls.js';
import { Layout } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';
import { ScopeList } from '../ui/scope-list.js';
import type { InteractionPageProps } from './login.page.js';
import { scopeWords, type OwnWords } from './scope-words.js';

export interface ConsentPageProps extends InteractionPageProps, OwnWords {
  readonly account: AccountIdentity;
  readonly scopes: readonly string[];
  /** The host the person is sent back to, whatever they decide. */
  readonly redirectHost: string;
}

/** Shows what the app asks for, on whose account, and where the answer goes; then asks. */
export function ConsentPage(props: ConsentPageProps): JSX.Element {
  const { locale, app, account } = props;
  const words = MESSAGES[locale].consent;
  return (
    <Layout
      locale={locale}
      stylesheetHref={props.stylesheetHref}
      title={words.documentTitle(app.name)}
      app={app}
      footer={<AppLinks app={app} locale={locale} />}
    >
      <h1>{words.heading}</h1>
      <AccountBadge account={account} locale={locale} />
      <p class="lead" id="request">
        {words.request(app.name)}
      </p>
      <ScopeList scopes={props.scopes} locale={locale} labelledBy="request" describe={scopeWords(props, locale)} />
      <PostForm action={props.action} hidden={{ interaction: props.interactionId, csrf_token: props.csrfToken }}>
        {/* Refusing comes first in the order of the keyboard: the harmless answer is the nearer one. */}
        <div class="actions actions-pair">
          <Button kind="secondary" name="decision" value="deny">
            {words.deny}
          </Button>
          <Button name="decision" value="allow">
            {words.allow}
          </Button>
        </div>
        <p class="aside">{words.returnTo(props.redirectHost)}</p>
      </PostForm>
    </Layout>
  );
}
