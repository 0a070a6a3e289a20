import type { JSX } from 'preact';
import { initialsOf, PostForm } from './controls.js';
import type { AccountIdentity, PostFormProps } from './controls.js';

export interface AccountChoiceProps extends Pick<PostFormProps, 'action' | 'hidden'> {
  /** Each with what its own form carries beside `hidden`. */
  readonly choices: readonly {
    readonly account: AccountIdentity;
    readonly session: string;
    /** Said beside the name. */
    readonly mark?: string | undefined;
  }[];
}

/** Several people to go on as: one press is the answer. Each is a form of its own, so that none needs a script. */
export function AccountChoice({ action, hidden, choices }: AccountChoiceProps): JSX.Element {
  return (
    <ul class="choices">
      {choices.map(({ account, session, mark }) => (
        <li key={session}>
          <PostForm action={action} hidden={{ ...hidden, session }}>
            <button class="account choice" type="submit" name="decision" value="continue">
              <span class="avatar" aria-hidden="true">
                {initialsOf(account.displayName)}
              </span>
              <span class="account-text">
                <span class="account-name">{account.displayName}</span>{' '}
                <span class="account-detail">{account.username}</span>
                {account.email && <span class="account-detail account-email">{account.email}</span>}
              </span>{' '}
              {mark && <span class="choice-mark">{mark}</span>}
            </button>
          </PostForm>
        </li>
      ))}
    </ul>
  );
}
