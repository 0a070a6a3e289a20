import { createHash } from 'node:crypto';
import type { JSX } from 'preact';
import { Button, PostForm } from '../ui/controls.js';
import type { AppIdentity } from '../ui/controls.js';
import { Layout } from '../ui/layout.js';
import type { PageProps } from '../ui/layout.js';
import { MESSAGES } from '../ui/messages.js';

/**
 * The only script in the sign-in path. Through the prototype, because a response parameter called `submit` would put its
 * input in the place of the form's own method.
 */
export const FORM_POST_SCRIPT = 'HTMLFormElement.prototype.submit.call(document.forms[0])';

/** The script's hash as `script-src` takes it: exactly this text may run on the page, and nothing else. */
export const FORM_POST_SCRIPT_HASH = `'sha256-${createHash('sha256').update(FORM_POST_SCRIPT).digest('base64')}'`;

export interface FormPostPageProps extends PageProps {
  /** The client's registered redirect URI, already proven. */
  readonly redirectUri: string;
  /** The response: `code`, `state`, `iss`, or `error` and its company. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly app?: AppIdentity | undefined;
}

/**
 * OAuth 2.0 Form Post Response Mode §2: the response as a form that submits itself to the client. The button is there
 * always, not only in `<noscript>`: a script can be blocked in a browser that has scripting on.
 */
export function FormPostPage(props: FormPostPageProps): JSX.Element {
  const words = MESSAGES[props.locale].formPost;
  const host = URL.canParse(props.redirectUri) ? new URL(props.redirectUri).host : '';
  return (
    <Layout locale={props.locale} stylesheetHref={props.stylesheetHref} title={words.heading} app={props.app}>
      <h1>{words.heading}</h1>
      <p class="lead">{host ? words.returningTo(host) : words.returning}</p>
      <PostForm action={props.redirectUri} hidden={props.parameters}>
        <div class="actions">
          <Button>{words.proceed}</Button>
        </div>
      </PostForm>
      {/* The text is a constant; escaping it would change its hash. */}
      <script dangerouslySetInnerHTML={{ __html: FORM_POST_SCRIPT }} />
    </Layout>
  );
}
