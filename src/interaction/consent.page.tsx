import type { JSX } from 'preact';
import { AccountBadge, AppLinks, Button, PostForm } from '../ui/controls.js';
import type { AccountIdentity } from '../ui/controls.js';
import { Layout } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';
import type { DescribedScope, Messages, ScopeWords } from '../ui/messages.js';
import type { InteractionPageProps } from './login.page.js';

export interface ConsentPageProps extends InteractionPageProps {
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
      <ul class="scopes" aria-labelledby="request">
        {[...new Set(props.scopes)].map((scope) => (
          <Scope words={describe(words, scope)} key={scope} />
        ))}
      </ul>
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

function Scope(props: { readonly words: ScopeWords }): JSX.Element {
  return (
    <li class="scope">
      <svg class="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" aria-hidden="true" focusable="false">
        <path
          d="M5 10.5l3.25 3.25L15 7"
          stroke="currentColor"
          stroke-width="1.75"
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      </svg>
      <span class="scope-text">
        <span class="scope-title">{props.words.title}</span> <span class="scope-detail">{props.words.detail}</span>
      </span>
    </li>
  );
}

function describe(words: Messages['consent'], scope: string): ScopeWords {
  return isDescribed(words, scope) ? words.scopes[scope] : words.otherScope(scope);
}

// `Object.hasOwn`, so that a scope called "constructor" is an unknown scope and not a property of every object.
function isDescribed(words: Messages['consent'], scope: string): scope is DescribedScope {
  return Object.hasOwn(words.scopes, scope);
}
