import { ChoiceField, FormField, Rule, SecondsField, TextField, WholeNumberField } from '../admin/fields.js';
import { webAddressFault } from '../app-registry/web-address.js';

const LONGEST_URI = 2_000;

const ABSOLUTE = { from: 600, to: 30 * 24 * 3600 } as const;
const SHORTEST_IDLE = 300;
const DAY = 86_400;

/** What operators set for the whole server. null: as it comes. */
export class SettingsChanges {
  @SecondsField({
    description:
      'How long a sign-in lasts at most, whatever is done in it. A shorter time counts for those who are signed in ' +
      'already; a longer one for those who sign in from then on. null: 36000, ten hours.',
    example: 36_000,
    fallback: null,
    ...ABSOLUTE,
  })
  session_absolute_lifetime?: number | null;

  @SecondsField({
    description:
      'How long a sign-in lasts while nothing is done in it; at most `session_absolute_lifetime`. Counts at once for ' +
      'those who are signed in. null: 7200, two hours.',
    example: 7_200,
    fallback: null,
    from: SHORTEST_IDLE,
    to: ABSOLUTE.to,
  })
  session_idle_lifetime?: number | null;

  @ChoiceField(['show', 'hide'], {
    description:
      'What the portal does with apps whose `sso_initiator` is `app`: shows that they are opened from the app itself, ' +
      'or leaves them out. null: `show`.',
    example: 'show',
    fallback: null,
  })
  portal_app_initiated?: 'show' | 'hide' | null;

  @TextField({
    description: 'Stands on the pages in the place of Clinch’s own name.',
    example: '杭州样例科技有限公司',
    fallback: null,
    longest: 100,
    shortest: 1,
  })
  @Rule('words', (value) => (typeof value === 'string' && value.trim() === '' ? 'may not be blank' : undefined))
  company_name?: string | null;

  @FormField(
    {
      description: 'The logo on the pages: https, or http on a loopback address. People’s browsers fetch it.',
      example: 'https://static.example.com/logo.svg',
      fallback: null,
      longest: LONGEST_URI,
      format: 'uri',
    },
    (text) => webAddressFault(text),
  )
  logo_uri?: string | null;

  @FormField(
    {
      description: 'The page that says what becomes of people’s data; every page links to it.',
      example: 'https://www.example.com/privacy',
      fallback: null,
      longest: LONGEST_URI,
      format: 'uri',
    },
    (text) => webAddressFault(text, { fragment: true }),
  )
  privacy_notice_uri?: string | null;

  @FormField(
    {
      description:
        'The colour of buttons and links, as `#rrggbb`. Where it would be hard to read, a darker or lighter one is made of it.',
      example: '#0b57d0',
      fallback: null,
      longest: 7,
    },
    (text) => (/^#[0-9a-f]{6}$/i.test(text) ? undefined : 'must be a colour such as #0b57d0'),
  )
  accent_color?: string | null;

  @SecondsField({
    description:
      'How long a signing key signs until the next one takes its place. What is announced already stays as it is. ' +
      'null: 7776000, ninety days.',
    example: 7_776_000,
    fallback: null,
    from: 7 * DAY,
    to: 400 * DAY,
  })
  signing_key_rotation?: number | null;

  @SecondsField({
    description:
      'How long the next signing key is published before it signs, so that every app has heard of it. Counts for keys that ' +
      'are announced from then on. null: 86400, a day.',
    example: 86_400,
    fallback: null,
    from: DAY,
    to: 3 * DAY,
  })
  signing_key_announcement?: number | null;
  @WholeNumberField({
    description:
      'Days that audit events are kept. Many laws ask for six months of them at least. Shorter than before: what is older ' +
      'is deleted within minutes. null: 180.',
    example: 180,
    fallback: null,
    unit: 'days',
    from: 30,
    to: 3_650,
  })
  audit_retention_days?: number | null;
}

/** The settings as they count. */
export class ServerSettings extends SettingsChanges {}
