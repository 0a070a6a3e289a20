import { isEmail } from 'class-validator';
import {
  ChoiceField,
  FormField,
  ObjectField,
  ObjectListField,
  SecondsField,
  SwitchField,
  TextField,
  TextListField,
} from '../admin/fields.js';
import { AppAccessFields } from './app-access.dto.js';
import { ApiAccessFields, scopeFault } from './api-access.dto.js';
import { keySetFault } from './app-keys.js';

import { DEFAULT_SIGNING_ALGORITHM, SIGNING_ALGORITHMS, type SigningAlgorithm } from '../protocol/signing-algorithm.js';
import { LONGEST_ACCESS_TOKEN, LONGEST_ID_TOKEN } from '../token-signing/key-times.js';
import { webAddressFault } from './web-address.js';

const LONGEST_URI = 2_000;

/** A page that people are sent to; it may have a fragment. */
const page = (description: string, example: string) =>
  FormField({ description, example, longest: LONGEST_URI, fallback: null, format: 'uri' }, (text) =>
    webAddressFault(text, { fragment: true }),
  );

/** An address that Clinch calls or sends browsers to; parameters are added to it, so a fragment would lose them. */
const endpoint = (description: string, example: string) =>
  FormField({ description, example, longest: LONGEST_URI, fallback: null, format: 'uri' }, (text) =>
    webAddressFault(text),
  );

const KEY_SET = {
  type: 'object',
  required: ['keys'],
  properties: { keys: { type: 'array', maxItems: 20, items: { type: 'object', additionalProperties: true } } },
} as const;

/**
 * An app: RFC 7591 metadata under its own names, and Clinch's switches beside it. Every field may be left out here;
 * the rules about the app as a whole are in `app-rules.ts`.
 */
export class AppMetadata extends AppAccessFields {
  @TextField({ description: 'What people read.', example: 'Expenses', longest: 200, shortest: 1 })
  client_name?: string;

  @ChoiceField(['web', 'native'], {
    description: '`native`: on a device of the person’s; loopback ports and schemes of its own are then allowed.',
    fallback: 'web',
  })
  application_type?: 'web' | 'native';

  @TextListField({
    description: 'Where answers may go. Compared byte for byte; only the port of a native app’s loopback may differ.',
    example: ['https://expenses.example.com/callback'],
    fallback: [],
    most: 50,
    longest: LONGEST_URI,
  })
  redirect_uris?: string[];

  @TextListField({
    description: 'Where the browser may go after signing out.',
    example: ['https://expenses.example.com/'],
    fallback: [],
    most: 50,
    longest: LONGEST_URI,
  })
  post_logout_redirect_uris?: string[];

  @TextListField({
    description: 'The grants that the app may use.',
    example: ['authorization_code'],
    fallback: ['authorization_code'],
    most: 10,
    longest: 200,
  })
  grant_types?: string[];

  @TextListField({
    description: 'Follows from the grants: `["code"]` with `authorization_code`, else empty.',
    example: ['code'],
    most: 1,
    longest: 40,
  })
  response_types?: string[];

  @ChoiceField(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'], {
    description:
      'How the app proves itself at the token endpoint. `none`: a public app, which must use PKCE with S256.',
    fallback: 'client_secret_basic',
  })
  token_endpoint_auth_method?: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';

  @FormField(
    {
      description: 'The scope values that the app may ask for, separated by spaces.',
      example: 'openid profile email',
      fallback: 'openid profile email',
      longest: LONGEST_URI,
    },
    scopeFault,
  )
  scope?: string;

  @ObjectField(
    {
      description: 'The public keys of an app with `private_key_jwt`, by value.',
      fallback: null,
      schema: KEY_SET as never,
    },
    keySetFault,
  )
  jwks?: { keys: Record<string, unknown>[] } | null;

  @endpoint('Where the public keys are, instead of `jwks`.', 'https://expenses.example.com/jwks.json')
  jwks_uri?: string | null;

  @page('A picture for the app.', 'https://expenses.example.com/logo.png')
  logo_uri?: string | null;

  @page('The app’s home page.', 'https://expenses.example.com/')
  client_uri?: string | null;

  @page('How the app treats personal data.', 'https://expenses.example.com/privacy')
  policy_uri?: string | null;

  @page('The app’s terms.', 'https://expenses.example.com/terms')
  tos_uri?: string | null;

  @TextListField(
    {
      description: 'Who answers for the app.',
      example: ['expenses-team@example.com'],
      fallback: [],
      most: 10,
      longest: 254,
    },
    (text) => (isEmail(text, { require_tld: false }) ? undefined : 'may hold e-mail addresses only'),
  )
  contacts?: string[];

  @endpoint('Where the app begins a sign-in on its own account.', 'https://expenses.example.com/login')
  initiate_login_uri?: string | null;

  @endpoint('Where the app is told that a session has ended.', 'https://expenses.example.com/backchannel-logout')
  backchannel_logout_uri?: string | null;

  @SwitchField({ description: 'Whether the app needs `sid` in that message.', fallback: false })
  backchannel_logout_session_required?: boolean;

  @endpoint(
    'A page of the app that signs people out of it, shown in a frame of our signed-out page; for apps that cannot be ' +
      'told behind the browser.',
    'https://expenses.example.com/frontchannel-logout',
  )
  frontchannel_logout_uri?: string | null;

  @SwitchField({ description: 'Whether that page needs `iss` and `sid`.', fallback: false })
  frontchannel_logout_session_required?: boolean;

  @ChoiceField(SIGNING_ALGORITHMS, {
    description:
      'The algorithm of the app’s id tokens and logout tokens. Access tokens are signed with RS256 whatever it is: they are ' +
      'for APIs, which serve several apps.',
    fallback: DEFAULT_SIGNING_ALGORITHM,
  })
  id_token_signed_response_alg?: SigningAlgorithm;

  @SecondsField({
    description: 'How old a sign-in may be when the app does not say.',
    example: 3600,
    fallback: null,
    from: 0,
    to: 31_536_000,
  })
  default_max_age?: number | null;

  @SwitchField({ description: 'Whether id tokens must hold `auth_time`.', fallback: false })
  require_auth_time?: boolean;

  @TextListField(
    { description: 'The `acr` values asked for when the app does not say.', fallback: [], most: 10, longest: 200 },
    (text) => (/^[\x21-\x7e]+$/.test(text) ? undefined : 'may hold printable ASCII only, without spaces'),
  )
  default_acr_values?: string[];

  @SwitchField({ description: 'Whether the app may sign people in at all.', fallback: true })
  enabled?: boolean;

  @SwitchField({ description: 'Whether an authorization request without PKCE is refused.', fallback: true })
  require_pkce?: boolean;

  @TextListField({
    description: 'The PKCE methods that the app may use. `plain` is for confidential apps that cannot do better.',
    example: ['S256'],
    fallback: ['S256'],
    most: 2,
    longest: 8,
    choices: ['S256', 'plain'],
  })
  code_challenge_methods?: string[];

  @SwitchField({ description: 'Whether people are asked before the app learns about them.', fallback: false })
  require_consent?: boolean;

  @SecondsField({ description: 'Seconds that a code lives.', fallback: 60, from: 10, to: 600 })
  authorization_code_lifetime?: number;

  @SecondsField({
    description: 'Seconds that an access token lives.',
    fallback: 7_200,
    from: 300,
    to: LONGEST_ACCESS_TOKEN,
  })
  access_token_lifetime?: number;

  @SecondsField({ description: 'Seconds that an id token lives.', fallback: 36_000, from: 60, to: LONGEST_ID_TOKEN })
  id_token_lifetime?: number;

  @SecondsField({
    description: 'Seconds that a chain of refresh tokens lives.',
    fallback: 2_592_000,
    from: 3_600,
    to: 31_536_000,
  })
  refresh_token_lifetime?: number;

  @SecondsField({
    description: 'Seconds after which an unused refresh token ends; null: only with its chain.',
    fallback: null,
    example: 604_800,
    from: 600,
    to: 31_536_000,
  })
  refresh_token_idle_lifetime?: number | null;

  @ChoiceField(['offline_access', 'always'], {
    description:
      'When the app gets a refresh token, if it has that grant: with the scope `offline_access`, or with every sign-in.',
    fallback: 'offline_access',
  })
  refresh_token_issuance?: 'offline_access' | 'always';

  @ChoiceField(['rotate', 'reuse'], {
    description:
      'Whether a refresh token is replaced at every use. `reuse` is for confidential apps that cannot keep a new one.',
    fallback: 'rotate',
  })
  refresh_token_rotation?: 'rotate' | 'reuse';

  @SecondsField({
    description: 'Seconds in which a refresh token that was just replaced still brings its successor.',
    fallback: 10,
    from: 0,
    to: 60,
  })
  refresh_token_grace?: number;

  @ObjectListField(ApiAccessFields, {
    description:
      'What the app may have on which API (RFC 8707), each API once. The scopes of the admin API, which begin with ' +
      '`clinch:`, are in `scope` instead.',
    fallback: [],
    most: 50,
  })
  api_access?: ApiAccessFields[];

  @ChoiceField(['app', 'portal_and_app'], {
    description:
      'Who may begin a sign-in. `portal_and_app` needs `initiate_login_uri` for web apps. With a `template` it is ' +
      '`portal_and_app` when it is left out, `grant_types` is `[]` and `token_endpoint_auth_method` is `none`.',
    fallback: 'app',
  })
  sso_initiator?: 'app' | 'portal_and_app';

  @FormField(
    {
      description:
        'The template by which the app is opened, such as `alibaba_cloud`: for what trusts this issuer and gives roles of ' +
        'its own for an id token. `GET /admin/api/v1/app-templates` lists them.',
      example: 'alibaba_cloud',
      longest: 40,
      fallback: null,
    },
    (text) => (/^[a-z0-9_]+$/.test(text) ? undefined : 'may hold small letters, digits and underscores'),
  )
  template?: string | null;

  @ObjectField(
    {
      description: 'What the template must know. `GET /admin/api/v1/app-templates` names the schema of each.',
      fallback: null,
    },
    () => undefined,
  )
  template_settings?: Record<string, unknown> | null;
}
