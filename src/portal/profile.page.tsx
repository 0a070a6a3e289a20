import type { JSX } from 'preact';
import { AccountBadge, ButtonLink } from '../ui/controls.js';
import { MESSAGES } from '../ui/messages.js';
import { OwnPageLayout, type OwnPageProps } from '../ui/own-page-layout.js';
import { DonePart } from './entry-parts.js';
import { PASSWORD_PATH } from './password-path.js';
import { PROFILE_EDIT_PATH } from './profile-edit-path.js';
import type { ProfileFact } from './profile-facts.js';

export interface ProfilePageProps extends OwnPageProps {
  readonly facts: readonly ProfileFact[];
  /** Whether there is a password to change. */
  readonly hasPassword: boolean;
  /** Whether there is something that they may change themselves. */
  readonly isEditable: boolean;
  /** What was just changed. */
  readonly done: 'profile' | 'password' | undefined;
}

/** What is known of somebody, and where it comes from. */
export function ProfilePage(props: ProfilePageProps): JSX.Element {
  const { locale, account, facts, isEditable, hasPassword, done, basePath } = props;
  const words = MESSAGES[locale].portal.profile;
  return (
    <OwnPageLayout {...props} title={words.title} lead={words.lead} part="profile">
      {done === 'password' && <DonePart>{MESSAGES[locale].portal.password.changed}</DonePart>}
      {done === 'profile' && <DonePart>{MESSAGES[locale].portal.profileEdit.saved}</DonePart>}
      <div class="own-person">
        <AccountBadge account={account} locale={locale} />
      </div>
      <dl class="rows profile">
        {facts.map((fact) => (
          <Fact fact={fact} locale={locale} key={fact.field} />
        ))}
      </dl>
      <p class="own-note">
        {facts.some(({ isFromDingTalk }) => isFromDingTalk) ? `${words.fromDingTalkNote} ` : ''}
        {words.whomToAsk}
      </p>
      {isEditable && (
        <div class="own-section">
          <div class="actions">
            <ButtonLink kind="secondary" href={basePath + PROFILE_EDIT_PATH}>
              {words.edit}
            </ButtonLink>
          </div>
        </div>
      )}
      {hasPassword && (
        <section class="own-section">
          <h2>{words.passwordHeading}</h2>
          <p class="own-note">{words.passwordNote}</p>
          <div class="actions">
            <ButtonLink kind="secondary" href={basePath + PASSWORD_PATH}>
              {words.changePassword}
            </ButtonLink>
          </div>
        </section>
      )}
    </OwnPageLayout>
  );
}

function Fact({
  fact,
  locale,
}: {
  readonly fact: ProfileFact;
  readonly locale: ProfilePageProps['locale'];
}): JSX.Element {
  const words = MESSAGES[locale].portal.profile;
  const { field, value, isFromDingTalk, isUnverified } = fact;
  const shown = field === 'gender' && Object.hasOwn(words.genders, value) ? words.genders[value] : value;
  return (
    <div class="entry profile-fact">
      <dt>{words.fields[field]}</dt>
      <dd>
        {shown}
        {isFromDingTalk && <span class="tag">{words.fromDingTalk}</span>}
        {isUnverified && <span class="tag">{words.unverified}</span>}
      </dd>
    </div>
  );
}
