import type { JSX } from 'preact';
import { AccountBadge, Button, Field, PostForm } from '../ui/controls.js';
import type { AccountIdentity } from '../ui/controls.js';
import { Layout } from '../ui/layout.js';
import type { PageProps } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';
import type { Messages } from '../ui/messages.js';

/** Why the form is shown again. It does not tell a code that never was from one that is over. */
export interface EnterCodeError {
  readonly kind: 'missing' | 'unknown' | 'stopped';
  readonly retryAfterSeconds?: number | undefined;
}

export interface EnterCodePageProps extends PageProps {
  readonly action: string;
  readonly csrfToken: string;
  readonly account: AccountIdentity;
  /** Where somebody else can be chosen. */
  readonly otherAccountHref: string;
  /** What was typed before; empty for nothing. */
  readonly typed: string;
  readonly error?: EnterCodeError | undefined;
}

/** Asks for the code that a device shows. */
export function EnterCodePage(props: EnterCodePageProps): JSX.Element {
  const { locale, error } = props;
  const words = MESSAGES[locale].device;
  return (
    <Layout locale={locale} stylesheetHref={props.stylesheetHref} title={words.documentTitle}>
      <h1>{words.heading}</h1>
      <p class="lead">{words.lead}</p>
      <AccountBadge account={props.account} locale={locale} />
      <PostForm action={props.action} hidden={{ csrf_token: props.csrfToken }}>
        <Field
          name="user_code"
          label={words.userCode}
          value={props.typed}
          autocomplete="off"
          autofocus
          code
          error={error && errorText(words, error)}
        />
        <div class="actions">
          <Button>{words.submit}</Button>
        </div>
      </PostForm>
      <p class="aside">
        <a href={props.otherAccountHref}>{MESSAGES[locale].selectAccount.useAnother}</a>
      </p>
    </Layout>
  );
}

function errorText(words: Messages['device'], { kind, retryAfterSeconds }: EnterCodeError): string {
  if (kind === 'missing') return words.codeMissing;
  return kind === 'stopped' ? words.tooManyWrongCodes(retryAfterSeconds ?? 0) : words.codeUnknown;
}
