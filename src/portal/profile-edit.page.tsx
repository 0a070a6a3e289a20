import type { JSX } from 'preact';
import { OWN_FIELDS, type OwnField } from '../accounts/own-profile.js';
import { Button, ButtonLink, Field, PostForm } from '../ui/controls.js';
import { MESSAGES } from '../ui/messages.js';
import { OWN_PATHS, OwnPageLayout } from '../ui/own-page-layout.js';
import { SelectField } from '../ui/select-field.js';
import type { OwnFormProps } from './own-pages.js';
import { PROFILE_EDIT_PATH } from './profile-edit-path.js';

export interface ProfileEditPageProps extends OwnFormProps {
  /** Theirs to say, in the order of the page. */
  readonly editable: readonly OwnField[];
  /** As they are, or as they were typed. */
  readonly values: Readonly<Partial<Record<OwnField, string>>>;
  /** Those that were not taken. */
  readonly unfit: readonly OwnField[];
}

/** What most people here speak; whoever has another one keeps it. */
const LANGUAGES = ['zh-CN', 'zh-HK', 'zh-TW', 'en', 'en-GB', 'en-US', 'de', 'es', 'fr', 'ja', 'ko', 'pt', 'ru', 'vi'];

const ZONES = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];

/** What somebody may say of themselves. */
export function ProfileEditPage(props: ProfileEditPageProps): JSX.Element {
  const { locale, basePath, csrfToken, editable } = props;
  const words = MESSAGES[locale].portal.profileEdit;
  const others = editable.length < OWN_FIELDS.length;
  return (
    <OwnPageLayout {...props} title={words.title} lead={words.lead}>
      <PostForm action={basePath + PROFILE_EDIT_PATH} hidden={{ csrf_token: csrfToken }}>
        {editable.map((field) => (
          <OwnFieldInput {...props} field={field} key={field} />
        ))}
        <div class="actions">
          <Button>{words.submit}</Button>
          <ButtonLink kind="secondary" href={basePath + OWN_PATHS.profile}>
            {words.cancel}
          </ButtonLink>
        </div>
      </PostForm>
      <p class="own-note">
        {others ? `${words.fromDingTalkNote} ` : ''}
        {words.whomToAsk}
      </p>
    </OwnPageLayout>
  );
}

function OwnFieldInput({
  locale,
  field,
  values,
  unfit,
}: ProfileEditPageProps & { readonly field: OwnField }): JSX.Element {
  const words = MESSAGES[locale].portal;
  const value = values[field] ?? '';
  const error = unfit.includes(field) ? words.profileEdit.unfit[field] : undefined;
  const label = words.profile.fields[field];
  if (field === 'nickname' || field === 'website') {
    const autocomplete = field === 'nickname' ? 'nickname' : 'url';
    return <Field name={field} label={label} value={value} autocomplete={autocomplete} optional error={error} />;
  }
  const known = field === 'zoneinfo' ? ZONES.map((zone) => ({ value: zone, text: zone })) : languages(locale);
  const kept = value === '' || known.some((option) => option.value === value) ? [] : [{ value, text: value }];
  const options = [{ value: '', text: words.profileEdit.none }, ...kept, ...known];
  return <SelectField name={field} label={label} value={value} error={error} options={options} />;
}

function languages(locale: ProfileEditPageProps['locale']): { readonly value: string; readonly text: string }[] {
  const names = new Intl.DisplayNames([locale], { type: 'language' });
  return LANGUAGES.map((tag) => ({ value: tag, text: names.of(tag) ?? tag }));
}
