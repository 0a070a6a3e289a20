import type { JSX } from 'preact';
import { scopeWords, type OwnWords } from '../interaction/scope-words.js';
import { AccountBadge, AppLinks, Button, Caution, PostForm } from '../ui/controls.js';
import type { AccountIdentity, AppIdentity } from '../ui/controls.js';
import { Layout } from '../ui/layout.js';
import type { PageProps } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';
import { SelectField } from '../ui/select-field.js';
import { ScopeList } from '../ui/scope-list.js';

export interface ConfirmDevicePageProps extends PageProps, OwnWords {
  readonly action: string;
  readonly csrfToken: string;
  readonly account: AccountIdentity;
  /** Where somebody else can be chosen. */
  readonly otherAccountHref: string;
  readonly app: AppIdentity;
  /** As the device shows it. */
  readonly userCode: string;
  /** Where the device asked from. */
  readonly address: string;
  readonly requestedAt: Date;
  readonly now: Date;
  readonly scopes: readonly string[];
  /** The names that the person has in the app, the likeliest first: with several there is a choice. */
  readonly appAccounts?: readonly { readonly id: string; readonly username: string }[];
}

const MINUTE_MS = 60_000;

/**
 * RFC 8628 §3.3.1 and §5.4: shows what is about to be let in, and asks. Whoever followed a link that somebody else sent
 * learns here what it would do.
 */
export function ConfirmDevicePage(props: ConfirmDevicePageProps): JSX.Element {
  const { locale, app } = props;
  const words = MESSAGES[locale].device;
  return (
    <Layout
      locale={locale}
      stylesheetHref={props.stylesheetHref}
      title={words.confirmDocumentTitle(app.name)}
      app={app}
      footer={<AppLinks app={app} locale={locale} />}
    >
      <h1>{words.confirmHeading}</h1>
      <AccountBadge account={props.account} locale={locale} />
      <p class="lead">{words.compare}</p>
      <p class="user-code">{props.userCode}</p>
      <Origin {...props} />
      <Request {...props} />
      <Caution id="caution">{words.caution}</Caution>
      <PostForm action={props.action} hidden={{ user_code: props.userCode, csrf_token: props.csrfToken }}>
        <AppAccountField {...props} />
        {/* Refusing comes first in the order of the keyboard: the harmless answer is the nearer one. */}
        <div class="actions actions-pair">
          <Button kind="secondary" name="decision" value="deny">
            {words.deny}
          </Button>
          <Button name="decision" value="allow">
            {words.allow}
          </Button>
        </div>
      </PostForm>
      <p class="aside">
        <a href={props.otherAccountHref}>{MESSAGES[locale].selectAccount.useAnother}</a>
      </p>
    </Layout>
  );
}

/** Under which of several names the device is to be let in. */
function AppAccountField({ locale, app, appAccounts = [] }: ConfirmDevicePageProps): JSX.Element | null {
  if (appAccounts.length < 2) return null;
  const options = appAccounts.map(({ id, username }) => ({ value: id, text: username }));
  return <SelectField name="app_account" label={MESSAGES[locale].selectAppAccount.field(app.name)} options={options} />;
}

/** Where and when the device asked: a person who has just started it knows both. */
function Origin({ locale, address, requestedAt, now }: ConfirmDevicePageProps): JSX.Element {
  const words = MESSAGES[locale].device;
  const minutes = Math.max(0, Math.floor((now.getTime() - requestedAt.getTime()) / MINUTE_MS));
  return (
    <dl class="facts">
      <div>
        <dt>{words.requestedFrom}</dt>
        <dd>{address}</dd>
      </div>
      <div>
        <dt>{words.requestedAt}</dt>
        <dd>
          <time datetime={requestedAt.toISOString()}>{words.minutesAgo(minutes)}</time>
        </dd>
      </div>
    </dl>
  );
}

/** What the app would have; nothing is said where it asks for nothing. */
function Request(props: ConfirmDevicePageProps): JSX.Element | null {
  const { locale, app, scopes } = props;
  if (scopes.length === 0) return null;
  return (
    <>
      <p class="lead" id="request">
        {MESSAGES[locale].consent.request(app.name)}
      </p>
      <ScopeList scopes={scopes} locale={locale} labelledBy="request" describe={scopeWords(props, locale)} />
    </>
  );
}
