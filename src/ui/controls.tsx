/**
 * The controls every page is made of: real labels, errors beside their field, buttons that are buttons.
 *
 * Nothing here carries a `style` or an `on…` attribute: the Content-Security-Policy forbids both, and all must work with
 * scripts off.
 */
import type { ComponentChildren, JSX } from 'preact';
import { MESSAGES } from './messages.js';
import type { Locale } from './messages.js';

/** What a page may show of an app; all of it comes from the app's registration, and none of it is trusted as markup. */
export interface AppIdentity {
  readonly name: string;
  readonly logoUri?: string | null;
  readonly policyUri?: string | null;
  readonly tosUri?: string | null;
}

/** What a page may show of a person. */
export interface AccountIdentity {
  readonly displayName: string;
  readonly username: string;
  readonly email?: string | undefined;
}

export interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'password';
  readonly value?: string;
  readonly autocomplete: string;
  readonly autofocus?: boolean;
  /** It may be left empty. */
  readonly optional?: boolean;
  /** What is typed is a code in capitals, to be compared letter by letter. */
  readonly code?: boolean;
  /** Said beside the field and tied to it. */
  readonly error?: string | undefined;
  /** The id of a message elsewhere on the page, to be read out with this field. */
  readonly describedBy?: string | undefined;
  /** That message finds fault with this field. */
  readonly invalid?: boolean;
}

/** One input with its label above and its error below. */
export function Field(props: FieldProps): JSX.Element {
  const id = `field-${props.name}`;
  const errorId = `${id}-error`;
  const invalid = props.invalid === true || props.error !== undefined;
  const input = {
    class: props.code === true ? 'field-input field-code' : 'field-input',
    id,
    name: props.name,
    value: props.value,
    autocomplete: props.autocomplete,
    autocapitalize: props.code === true ? 'characters' : 'none',
    spellcheck: false,
    required: props.optional !== true,
    autofocus: props.autofocus,
    'aria-invalid': invalid ? 'true' : undefined,
    'aria-describedby': props.error ? errorId : props.describedBy,
  } as const;
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {props.label}
      </label>
      {props.type === 'password' ? <input type="password" {...input} /> : <input type="text" {...input} />}
      <FieldError id={errorId} error={props.error} />
    </div>
  );
}

/** What is wrong with a field, to stand below it. */
export function FieldError(props: { readonly id: string; readonly error: string | undefined }): JSX.Element | null {
  if (!props.error) return null;
  return (
    <p class="field-error" id={props.id}>
      <WarningIcon />
      <span>{props.error}</span>
    </p>
  );
}

export interface ButtonProps {
  readonly kind?: 'primary' | 'secondary';
  /** With `value`, tells the server which of several buttons was pressed. */
  readonly name?: string;
  readonly value?: string;
  readonly children: ComponentChildren;
}

/** A submit button; there is no other sort on pages without scripts. */
export function Button(props: ButtonProps): JSX.Element {
  return (
    <button class={`button button-${props.kind ?? 'primary'}`} type="submit" name={props.name} value={props.value}>
      {props.children}
    </button>
  );
}

export interface ButtonLinkProps {
  readonly kind?: 'primary' | 'secondary';
  /** An address of our own. */
  readonly href: string;
  readonly id?: string;
  readonly children: ComponentChildren;
}

/** A link that looks like a button: the next step, where nothing is sent. */
export function ButtonLink(props: ButtonLinkProps): JSX.Element {
  return (
    <a class={`button button-${props.kind ?? 'primary'}`} href={props.href} id={props.id}>
      {props.children}
    </a>
  );
}

export interface AlertProps {
  readonly id?: string;
  readonly children: ComponentChildren;
}

/** A message about the form as a whole. */
export function Alert(props: AlertProps): JSX.Element {
  return (
    <div class="alert" role="alert" id={props.id}>
      <WarningIcon />
      <div>{props.children}</div>
    </div>
  );
}

export interface PostFormProps {
  readonly action: string;
  /** Names and values that travel with the form unseen: the interaction, the CSRF token, a response's parameters. */
  readonly hidden: Readonly<Record<string, string>>;
  readonly children: ComponentChildren;
}

/** A form as the contract has it. The server's own checks speak in the page's language, so the browser's are off. */
export function PostForm(props: PostFormProps): JSX.Element {
  return (
    <form class="form" method="post" action={props.action} novalidate>
      {Object.entries(props.hidden).map(([name, value]) => (
        <input type="hidden" name={name} value={value} key={name} />
      ))}
      {props.children}
    </form>
  );
}

/** The app: its logo, or the first letter of its name where there is none or none can be loaded, and its name. */
export function AppBadge(props: { readonly app: AppIdentity }): JSX.Element {
  const { name, logoUri } = props.app;
  const logo = imageAddress(logoUri);
  return (
    <div class="badge">
      <span class={`tile tone-${toneOf(name)}`} aria-hidden="true">
        {graphemes(name)[0]?.toLocaleUpperCase() ?? '?'}
        {logo && <img class="tile-logo" src={logo} alt="" referrerpolicy="no-referrer" />}
      </span>
      <span class="badge-name">{name}</span>
    </div>
  );
}

/** The person whose account is being used, so that nobody acts as somebody else by mistake. */
export function AccountBadge(props: { readonly account: AccountIdentity; readonly locale: Locale }): JSX.Element {
  const { displayName, username, email } = props.account;
  return (
    <div class="account">
      <span class="avatar" aria-hidden="true">
        {initialsOf(displayName)}
      </span>
      <span class="account-text">
        <span class="visually-hidden">{`${MESSAGES[props.locale].common.signedInAs} `}</span>
        <span class="account-name">{displayName}</span> <span class="account-detail">{username}</span>
        {email && <span class="account-detail account-email">{email}</span>}
      </span>
    </div>
  );
}

/** The app's own papers, when it has any. They open beside the page, so that reading them loses nothing. */
export function AppLinks(props: { readonly app: AppIdentity; readonly locale: Locale }): JSX.Element | null {
  const words = MESSAGES[props.locale].common;
  const links = [
    { text: words.privacyPolicy, address: webAddress(props.app.policyUri) },
    { text: words.termsOfService, address: webAddress(props.app.tosUri) },
  ].filter(({ address }) => address !== undefined);
  if (links.length === 0) return null;
  return (
    <ul class="app-links">
      {links.map(({ text, address }) => (
        <li key={text}>
          <OutsideLink href={address} locale={props.locale}>
            {text}
          </OutsideLink>
        </li>
      ))}
    </ul>
  );
}

export interface OutsideLinkProps {
  readonly href: string | undefined;
  readonly locale: Locale;
  readonly children: ComponentChildren;
}

/** A link to somebody else's page. It opens beside this one, and that page gets no handle on this. */
export function OutsideLink(props: OutsideLinkProps): JSX.Element {
  return (
    <a href={props.href} target="_blank" rel="noreferrer noopener">
      {props.children}
      <span class="visually-hidden">{MESSAGES[props.locale].common.opensInNewTab}</span>
    </a>
  );
}

/** What to think of before one goes on. It is no fault, so nobody is interrupted by it. */
export function Caution(props: { readonly id: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <p class="caution" id={props.id}>
      <WarningIcon />
      <span>{props.children}</span>
    </p>
  );
}

/** The sign of a fault; colour never carries the meaning alone. */
export function WarningIcon(): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" aria-hidden="true" focusable="false">
      <circle cx="10" cy="10" r="7.25" stroke="currentColor" stroke-width="1.5" />
      <path d="M10 6.25v4.5" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" />
      <circle cx="10" cy="13.4" r="1" fill="currentColor" />
    </svg>
  );
}

/** A registered address may be anything that parses; only the web's own schemes become links. */
export function webAddress(uri: string | null | undefined): string | undefined {
  return uri && /^https?:\/\//i.test(uri) ? uri : undefined;
}

/** As above, of what can be shown as an image. */
export function imageAddress(uri: string | null | undefined): string | undefined {
  return uri && /^(https?:\/\/|data:image\/|\/(?!\/))/i.test(uri) ? uri : undefined;
}

/** What a reader calls the letters of a text. */
export function graphemes(text: string): string[] {
  return Array.from(new Intl.Segmenter().segment(text.trim()), ({ segment }) => segment);
}

// As staff know it from DingTalk: the last two characters of a Chinese name, the initials of any other.
export function initialsOf(displayName: string): string {
  const name = displayName.trim();
  if (/^\p{Script=Han}/u.test(name)) return graphemes(name).slice(-2).join('');
  const words = name.split(/\s+/).map((word) => graphemes(word)[0] ?? '');
  const initials = words.length > 1 ? [words[0], words[words.length - 1]].join('') : words.join('');
  return initials.toLocaleUpperCase() || '?';
}

// Apps without a logo keep the same colour from page to page, so that they are told apart at a glance.
function toneOf(name: string): number {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return sum % 6;
}
