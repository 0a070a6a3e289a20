import type { JSX } from 'preact';
import type { PasswordFault } from '../accounts/password-rules.js';
import { Alert, Button, Field, PostForm } from '../ui/controls.js';
import { MESSAGES } from '../ui/messages.js';
import { OwnPageLayout } from '../ui/own-page-layout.js';
import type { OwnFormProps } from './own-pages.js';
import { PASSWORD_PATH } from './password-path.js';

/** What is wrong with what was typed. */
export interface PasswordErrors {
  readonly current?: 'missing' | 'wrong';
  readonly fresh?: 'missing' | PasswordFault;
  /** The two new ones are not the same. */
  readonly differs?: boolean;
  /** Nothing was looked at: too many attempts, or too many people. */
  readonly later?: { readonly reason: 'slow_down' | 'busy'; readonly retryAfterSeconds: number };
}

export interface PasswordPageProps extends OwnFormProps {
  readonly errors: PasswordErrors;
}

/** A new password for the old one. What was typed is never shown again. */
export function PasswordPage(props: PasswordPageProps): JSX.Element {
  const { locale, account, basePath, csrfToken } = props;
  const words = MESSAGES[locale].portal.password;
  const errors = errorWords(props);
  return (
    <OwnPageLayout {...props} title={words.title} lead={words.lead}>
      {errors.later !== undefined && <Alert>{errors.later}</Alert>}
      <PostForm action={basePath + PASSWORD_PATH} hidden={{ csrf_token: csrfToken }}>
        {/* So that password managers know whose password it is. */}
        <input type="text" name="username" value={account.username} autocomplete="username" hidden readonly />
        <Field
          name="current"
          type="password"
          label={words.current}
          autocomplete="current-password"
          error={errors.current}
        />
        <Field name="fresh" type="password" label={words.fresh} autocomplete="new-password" error={errors.fresh} />
        <Field name="again" type="password" label={words.again} autocomplete="new-password" error={errors.again} />
        <div class="actions">
          <Button>{words.submit}</Button>
        </div>
      </PostForm>
    </OwnPageLayout>
  );
}

function errorWords({ locale, errors }: PasswordPageProps) {
  const words = MESSAGES[locale].portal.password;
  const { current, fresh, differs, later } = errors;
  return {
    current: current && { missing: words.currentMissing, wrong: words.currentWrong }[current],
    fresh: fresh && (fresh === 'missing' ? words.freshMissing : words.freshUnfit[fresh]),
    again: differs === true ? words.againDiffers : undefined,
    later: later && (later.reason === 'busy' ? words.busy : words.tooManyAttempts(later.retryAfterSeconds)),
  };
}
