import { tagged } from '../admin/entity-tag.js';
import type { FieldProblem } from '../admin/problem.js';
import type { ApiAccessFields } from './api-access.dto.js';
import type { AppMetadata } from './app-metadata.dto.js';
import type { App } from './app.dto.js';
import type { ApiAccess, ClientEntity, ExtendedClaim } from './client.entity.js';
import type { ExtendedClaimFields } from './extended-claim.dto.js';
import { presetLifetimes, type LifetimePreset } from './lifetimes.js';

/** Where each field is kept. `response_types` follows from the grants. */
const COLUMN_OF = {
  client_name: 'clientName',
  application_type: 'applicationType',
  redirect_uris: 'redirectUris',
  post_logout_redirect_uris: 'postLogoutRedirectUris',
  grant_types: 'grantTypes',
  token_endpoint_auth_method: 'tokenEndpointAuthMethod',
  scope: 'scope',
  jwks: 'jwks',
  jwks_uri: 'jwksUri',
  logo_uri: 'logoUri',
  client_uri: 'clientUri',
  policy_uri: 'policyUri',
  tos_uri: 'tosUri',
  contacts: 'contacts',
  initiate_login_uri: 'initiateLoginUri',
  backchannel_logout_uri: 'backchannelLogoutUri',
  backchannel_logout_session_required: 'backchannelLogoutSessionRequired',
  frontchannel_logout_uri: 'frontchannelLogoutUri',
  frontchannel_logout_session_required: 'frontchannelLogoutSessionRequired',
  id_token_signed_response_alg: 'idTokenSignedResponseAlg',
  default_max_age: 'defaultMaxAge',
  require_auth_time: 'requireAuthTime',
  default_acr_values: 'defaultAcrValues',
  enabled: 'enabled',
  require_pkce: 'requirePkce',
  code_challenge_methods: 'codeChallengeMethods',
  require_consent: 'requireConsent',
  authorization_code_lifetime: 'authorizationCodeLifetime',
  access_token_lifetime: 'accessTokenLifetime',
  id_token_lifetime: 'idTokenLifetime',
  refresh_token_lifetime: 'refreshTokenLifetime',
  refresh_token_idle_lifetime: 'refreshTokenIdleLifetime',
  refresh_token_issuance: 'refreshTokenIssuance',
  refresh_token_rotation: 'refreshTokenRotation',
  refresh_token_grace: 'refreshTokenGrace',
  api_access: 'apiAccess',
  access: 'access',
  access_rule: 'accessRule',
  access_contact: 'accessContact',
  id_token_claims: 'idTokenClaims',
  subject_type: 'subjectType',
  sector_identifier_uri: 'sectorIdentifierUri',
  subject_expression: 'subjectExpression',
  account_rule: 'accountRule',
  account_expression: 'accountExpression',
  require_account: 'requireAccount',
  sso_initiator: 'ssoInitiator',
  template: 'template',
  template_settings: 'templateSettings',
} as const satisfies Record<Exclude<keyof AppMetadata, 'response_types'>, keyof ClientEntity>;

type StoredField = keyof typeof COLUMN_OF;
const STORED_FIELDS = Object.keys(COLUMN_OF) as StoredField[];

/** The app with these fields changed; fields that were not sent stay. A lifetime wins over the preset beside it. */
export function withFields(
  app: ClientEntity,
  fields: AppMetadata & { readonly lifetime_preset?: LifetimePreset },
): ClientEntity {
  const changes: AppMetadata = Object.assign({}, presetLifetimes(fields.lifetime_preset), fields);
  const sent = STORED_FIELDS.filter((field) => changes[field] !== undefined);
  const columns = Object.fromEntries(sent.map((field) => [COLUMN_OF[field], changes[field]]));
  const { api_access: access, id_token_claims: claims } = changes;
  return Object.assign(
    Object.create(Object.getPrototypeOf(app) as object) as ClientEntity,
    app,
    columns,
    access === undefined ? {} : { apiAccess: plain(access) },
    claims === undefined ? {} : { idTokenClaims: claims.map((claim) => extendedClaim(claim)) },
  );
}

/** Nested objects leave their class behind: they are kept as JSON. */
function plain(access: readonly ApiAccessFields[]): ApiAccess[] {
  return access.map(({ resource, scope }) => ({ resource, scope }));
}

/** With what was left out. A name or a value that is empty is refused by the room that evaluates them. */
export function extendedClaim({ name, value, in: places, on_error }: ExtendedClaimFields): ExtendedClaim {
  return { name: name ?? '', value: value ?? '', in: places ?? ['id_token'], on_error: on_error ?? 'omit' };
}

/** The app as it is read: every field, never a secret. */
export function toApp(app: ClientEntity): App {
  const stored = Object.fromEntries(STORED_FIELDS.map((field) => [field, app[COLUMN_OF[field]]]));
  const answer: App = {
    client_id: app.clientId,
    ...stored,
    response_types: responseTypes(app),
    created_at: app.createdAt.toISOString(),
    updated_at: app.updatedAt.toISOString(),
  };
  return tagged(answer, app);
}

/** RFC 7591 §2.1: the two lists say the same thing twice, and must agree. */
export function responseTypeProblems(app: ClientEntity, sent: AppMetadata): FieldProblem[] {
  const fitting = responseTypes(app);
  if (sent.response_types === undefined || String(sent.response_types) === String(fitting)) return [];
  return [{ field: 'response_types', problem: `must be ${JSON.stringify(fitting)} with these grant_types` }];
}

function responseTypes({ grantTypes }: ClientEntity): string[] {
  return grantTypes.includes('authorization_code') ? ['code'] : [];
}
