import type { JSX } from 'preact';
import { AccountBadge, Alert, AppLinks, Button, ButtonLink, Field, PostForm } from '../ui/controls.js';
import type { AppIdentity } from '../ui/controls.js';
import { Layout } from '../ui/layout.js';
import type { PageProps } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';
import type { Messages } from '../ui/messages.js';

/** What each page of an interaction is given: the app it is for, and what ties its form to this browser. */
export interface InteractionPageProps extends PageProps {
  readonly app: AppIdentity;
  /** Where the form posts to. */
  readonly action: string;
  readonly interactionId: string;
  readonly csrfToken: string;
}

/** Another way to sign in than by password, as a link: it works with scripts off. */
export interface WayProps {
  readonly id: string;
  readonly label: string;
  readonly href: string;
}

/** What our script needs to show a way within the page. Without scripts nothing of it is seen. */
export interface EmbeddedWayProps {
  readonly scriptHref: string;
  readonly askHref: string;
  readonly origin: string;
  readonly callback: string;
}

/** Why the form is shown again. It never tells whether the username or the password was the wrong one. */
export interface LoginError {
  readonly kind: 'invalid_credentials' | 'too_many_attempts' | 'missing_fields' | 'busy' | 'cancelled';
  readonly retryAfterSeconds?: number | undefined;
  /** Which fields were left empty, with `missing_fields`; unless told, those that are shown empty again. */
  readonly fields?: readonly ('username' | 'password')[] | undefined;
}

export interface LoginPageProps extends Omit<InteractionPageProps, 'app'> {
  /** Absent where a page of our own waits for the sign-in. */
  readonly app?: AppIdentity | undefined;
  /** Prefilled: a `login_hint`, or what was typed before. Empty for none. */
  readonly username: string;
  /** Somebody is signed in already, but the app wants fresh proof (`prompt=login`, `max_age`). */
  readonly reauthenticating?: { readonly displayName: string } | undefined;
  /** As above: where somebody else than that goes on. */
  readonly anotherHref?: string | undefined;
  readonly error?: LoginError | undefined;
  /** Whether the form for name and password is there. */
  readonly local?: boolean;
  readonly ways?: readonly WayProps[];
  readonly embedded?: EmbeddedWayProps | undefined;
}

const ALERT_ID = 'login-alert';

/** Asks who somebody is: by name and password, by another way in, or by a choice of these. */
export function LoginPage(props: LoginPageProps): JSX.Element {
  const { locale, app, error, username, reauthenticating, local = true, ways = [], embedded } = props;
  const words = MESSAGES[locale].login;
  const alert = error && alertText(words, error);
  return (
    <Layout
      locale={locale}
      stylesheetHref={props.stylesheetHref}
      title={app ? words.documentTitle(app.name) : words.ownDocumentTitle}
      app={app}
      footer={app && <AppLinks app={app} locale={locale} />}
    >
      <h1>{heading(props)}</h1>
      <p class="lead">{reason(props)}</p>
      {reauthenticating && <AccountBadge account={{ ...reauthenticating, username }} locale={locale} />}
      {alert && <Alert id={ALERT_ID}>{alert}</Alert>}
      {local && <PasswordForm {...props} alerted={alert !== undefined} />}
      {local && ways.length > 0 && <p class="divider">{words.or}</p>}
      {embedded && <EmbeddedCode {...props} embedded={embedded} />}
      {ways.length > 0 && (
        <div class="actions ways">
          {ways.map((way) => (
            <ButtonLink key={way.id} href={way.href} kind={local || ways.length > 1 ? 'secondary' : 'primary'}>
              {way.label}
            </ButtonLink>
          ))}
        </div>
      )}
      {props.anotherHref && (
        <p class="aside">
          <a href={props.anotherHref}>{MESSAGES[locale].selectAccount.useAnother}</a>
        </p>
      )}
    </Layout>
  );
}

function PasswordForm(props: LoginPageProps & { readonly alerted: boolean }): JSX.Element {
  const { locale, error, username, alerted } = props;
  const words = MESSAGES[locale].login;
  const invalid = error?.kind === 'invalid_credentials';
  // Not every screen reader speaks of an alert that was there from the start, so the focused field refers to it too.
  const describedBy = alerted ? ALERT_ID : undefined;
  const missing = missingFields(props);
  return (
    <PostForm action={props.action} hidden={{ interaction: props.interactionId, csrf_token: props.csrfToken }}>
      <Field
        name="username"
        label={words.username}
        value={username}
        autocomplete="username"
        autofocus={username === ''}
        error={missing.includes('username') ? words.usernameMissing : undefined}
        describedBy={describedBy}
        invalid={invalid}
      />
      <Field
        name="password"
        label={words.password}
        type="password"
        autocomplete="current-password"
        autofocus={username !== ''}
        error={missing.includes('password') ? words.passwordMissing : undefined}
        describedBy={describedBy}
        invalid={invalid}
      />
      <div class="actions">
        <Button>{words.submit}</Button>
      </div>
    </PostForm>
  );
}

/** Hidden until our script has something to show in it. */
function EmbeddedCode(props: LoginPageProps & { readonly embedded: EmbeddedWayProps }): JSX.Element {
  const { embedded, locale } = props;
  return (
    <>
      <section
        class="embedded"
        id="embedded"
        hidden
        data-ask={embedded.askHref}
        data-origin={embedded.origin}
        data-callback={embedded.callback}
        data-interaction={props.interactionId}
        data-token={props.csrfToken}
        data-title={MESSAGES[locale].login.codeTitle}
      />
      <script src={embedded.scriptHref} defer />
    </>
  );
}

function heading({ locale, reauthenticating, local = true, ways = [] }: LoginPageProps): string {
  const words = MESSAGES[locale].login;
  if (reauthenticating) return words.reauthenticateHeading;
  return !local && ways.length > 1 ? words.organisationHeading : words.heading;
}

/** A page of our own asks nobody again: whoever is signed in may go on to it. */
function reason({ locale, app, reauthenticating, local = true, ways = [] }: LoginPageProps): string {
  const words = MESSAGES[locale].login;
  if (!local && ways.length === 0) return words.noWay;
  if (app === undefined) return words.ownDestination;
  if (!reauthenticating) return words.destination(app.name);
  return local ? words.reauthenticateReason(app.name) : words.reauthenticateElsewhereReason(app.name);
}

/** An empty field is spoken of beside the field itself; the rest concerns the form as a whole. */
function alertText(words: Messages['login'], error: LoginError): string | undefined {
  switch (error.kind) {
    case 'invalid_credentials':
      return words.invalidCredentials;
    case 'too_many_attempts':
      return error.retryAfterSeconds === undefined
        ? words.tooManyAttempts
        : words.tooManyAttemptsFor(error.retryAfterSeconds);
    case 'busy':
      return words.busy;
    case 'cancelled':
      return words.cancelled;
    default:
      return undefined;
  }
}

function missingFields({ error, username }: LoginPageProps): readonly ('username' | 'password')[] {
  if (error?.kind !== 'missing_fields') return [];
  return error.fields ?? (username === '' ? ['username', 'password'] : ['password']);
}
