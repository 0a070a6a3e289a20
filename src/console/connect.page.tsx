import type { JSX } from 'preact';
import type { FieldProblem } from '../admin/problem.js';
import { Alert } from '../ui/controls.js';
import { ConsoleLayout, type ConsolePageProps } from './console-layout.js';
import { CONSOLE_MESSAGES } from './console-messages.js';
import { TextInput } from './console-parts.js';

export interface ConnectPageProps extends ConsolePageProps {
  /** What was typed before, without the secret. */
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly FieldProblem[];
  /** What is wrong as a whole. */
  readonly fault?: string | undefined;
}

/** Asks for what an organisation's DingTalk is reached by. */
export function ConnectPage(props: ConnectPageProps): JSX.Element {
  const words = CONSOLE_MESSAGES[props.locale].connect;
  const field = (name: string, label: string, type: 'text' | 'password' = 'text') => (
    <TextInput
      name={name}
      label={label}
      type={type}
      value={type === 'password' ? undefined : props.values[name]}
      error={props.problems.find((each) => each.field === name)?.problem}
    />
  );
  return (
    <ConsoleLayout {...props} title={words.title}>
      <h1>{words.title}</h1>
      <p class="lead">{words.lead}</p>
      {props.fault !== undefined && <Alert>{props.fault}</Alert>}
      <form class="form" method="post" action={`${props.home}/sources`} novalidate>
        <input type="hidden" name="csrf_token" value={props.csrfToken} />
        {field('name', words.name)}
        {field('corp_id', words.corpId)}
        {field('client_id', words.clientId)}
        {field('client_secret', words.clientSecret, 'password')}
        <details class="panel">
          <summary>{words.addresses}</summary>
          {field('login_base_url', words.loginBase)}
          {field('api_base_url', words.apiBase)}
          {field('oapi_base_url', words.oapiBase)}
        </details>
        <div class="row">
          <button class="button button-primary" type="submit">
            {words.submit}
          </button>
        </div>
      </form>
    </ConsoleLayout>
  );
}
