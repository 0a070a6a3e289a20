import type { JSX } from 'preact';
import { Alert, Button, Field, PostForm } from '../ui/controls.js';
import { Layout, type PageProps } from '../ui/layout.js';
import { CONSOLE_MESSAGES } from './console-messages.js';

export interface ConsoleSignInProps extends PageProps {
  readonly action: string;
  readonly csrfToken: string;
  readonly clientId: string;
  readonly error?: 'invalid' | 'too_many' | 'missing' | undefined;
}

const ALERT_ID = 'console-alert';

/** Asks for the id and the secret of an app with rights in the admin API. */
export function ConsoleSignInPage(props: ConsoleSignInProps): JSX.Element {
  const words = CONSOLE_MESSAGES[props.locale].signIn;
  const describedBy = props.error === undefined ? undefined : ALERT_ID;
  const invalid = props.error === 'invalid';
  return (
    <Layout locale={props.locale} stylesheetHref={props.stylesheetHref} title={words.title}>
      <h1>{words.title}</h1>
      <p class="lead">{words.lead}</p>
      {props.error !== undefined && <Alert id={ALERT_ID}>{words.errors[props.error]}</Alert>}
      <PostForm action={props.action} hidden={{ csrf_token: props.csrfToken }}>
        <Field
          name="client_id"
          label={words.clientId}
          value={props.clientId}
          autocomplete="username"
          autofocus={props.clientId === ''}
          describedBy={describedBy}
          invalid={invalid}
        />
        <Field
          name="client_secret"
          label={words.clientSecret}
          type="password"
          autocomplete="current-password"
          autofocus={props.clientId !== ''}
          describedBy={describedBy}
          invalid={invalid}
        />
        <div class="actions">
          <Button>{words.submit}</Button>
        </div>
      </PostForm>
    </Layout>
  );
}
