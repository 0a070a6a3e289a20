import { expect } from 'vitest';
import type { JsonObject } from './provider.js';

/** OpenID Connect Discovery 1.0 §3, RFC 8414 §2, and the registry that both feed: what the suite's schema knows. */
const KNOWN_MEMBERS = new Set(
  (
    'issuer authorization_endpoint token_endpoint userinfo_endpoint jwks_uri registration_endpoint scopes_supported ' +
    'response_types_supported response_modes_supported grant_types_supported acr_values_supported ' +
    'subject_types_supported id_token_signing_alg_values_supported id_token_encryption_alg_values_supported ' +
    'id_token_encryption_enc_values_supported userinfo_signing_alg_values_supported ' +
    'userinfo_encryption_alg_values_supported userinfo_encryption_enc_values_supported ' +
    'request_object_signing_alg_values_supported request_object_encryption_alg_values_supported ' +
    'request_object_encryption_enc_values_supported token_endpoint_auth_methods_supported ' +
    'token_endpoint_auth_signing_alg_values_supported display_values_supported claim_types_supported ' +
    'claims_supported service_documentation claims_locales_supported ui_locales_supported ' +
    'claims_parameter_supported request_parameter_supported request_uri_parameter_supported ' +
    'require_request_uri_registration op_policy_uri op_tos_uri revocation_endpoint ' +
    'revocation_endpoint_auth_methods_supported revocation_endpoint_auth_signing_alg_values_supported ' +
    'introspection_endpoint introspection_endpoint_auth_methods_supported ' +
    'introspection_endpoint_auth_signing_alg_values_supported code_challenge_methods_supported signed_metadata ' +
    'device_authorization_endpoint tls_client_certificate_bound_access_tokens mtls_endpoint_aliases ' +
    'require_signed_request_object pushed_authorization_request_endpoint require_pushed_authorization_requests ' +
    'authorization_response_iss_parameter_supported dpop_signing_alg_values_supported end_session_endpoint ' +
    'check_session_iframe frontchannel_logout_supported frontchannel_logout_session_supported ' +
    'backchannel_logout_supported backchannel_logout_session_supported prompt_values_supported ' +
    'authorization_details_types_supported protected_resources'
  ).split(' '),
);

const LISTS =
  'scopes_supported response_types_supported response_modes_supported grant_types_supported acr_values_supported ' +
  'subject_types_supported id_token_signing_alg_values_supported token_endpoint_auth_methods_supported ' +
  'token_endpoint_auth_signing_alg_values_supported display_values_supported claim_types_supported claims_supported ' +
  'claims_locales_supported ui_locales_supported code_challenge_methods_supported prompt_values_supported ' +
  'request_object_signing_alg_values_supported revocation_endpoint_auth_methods_supported ' +
  'introspection_endpoint_auth_methods_supported revocation_endpoint_auth_signing_alg_values_supported ' +
  'introspection_endpoint_auth_signing_alg_values_supported';

const REQUIRED =
  'issuer authorization_endpoint token_endpoint userinfo_endpoint jwks_uri scopes_supported response_types_supported ' +
  'grant_types_supported subject_types_supported id_token_signing_alg_values_supported claims_supported';

const OIDC_RESPONSE_TYPES = /^(code|id_token|id_token token|code id_token|code token|code id_token token)$/;

/** RFC 6749 §3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** The document fits its schema: members that are known, of the right type, and those that must be there. */
export function expectProviderMetadata(metadata: JsonObject, issuer: string): void {
  expect(metadata['issuer']).toBe(issuer);
  const { search, hash } = new URL(issuer);
  expect(search + hash).toBe('');
  expect(Object.keys(metadata)).toEqual(expect.arrayContaining(REQUIRED.split(' ')));
  expect(Object.keys(metadata).filter((name) => !KNOWN_MEMBERS.has(name))).toEqual([]);
  for (const name of LISTS.split(' ')) if (name in metadata) expectList(metadata, name);
  for (const name of membersThat(metadata, /_(supported|required)$/)) {
    if (!LISTS.includes(name)) expect(metadata, name).toHaveProperty(name, expect.any(Boolean));
  }
  for (const type of listOf(metadata, 'response_types_supported')) expect(type).toMatch(OIDC_RESPONSE_TYPES);
  for (const type of listOf(metadata, 'subject_types_supported')) expect(type).toMatch(/^(public|pairwise)$/);
  expect(listOf(metadata, 'id_token_signing_alg_values_supported')).toContain('RS256');
  const requestObjects = metadata['request_object_signing_alg_values_supported'];
  if (requestObjects !== undefined) expect(requestObjects).toContain('RS256');
  expect(listOf(metadata, 'scopes_supported')).toContain('openid');
  for (const scope of listOf(metadata, 'scopes_supported')) expect(scope).toMatch(SCOPE_TOKEN);
  for (const list of ['ui_locales_supported', 'claims_locales_supported']) {
    // Throws for a tag that is not well-formed, and writes a well-formed one as BCP 47 has it.
    for (const tag of listOf(metadata, list)) expect(Intl.getCanonicalLocales(tag)).toEqual([tag]);
  }
}

/** Every address that the document names: absolute, https, without a fragment. */
export function expectHttpsAddresses(metadata: JsonObject): void {
  for (const name of membersThat(metadata, /^issuer$|_endpoint$|_uri$|_iframe$/)) {
    const url = new URL(String(metadata[name]));
    expect(url.protocol, name).toBe('https:');
    expect(url.hash, name).toBe('');
  }
}

/** RFC 7517 §5 and OpenID Connect Core 1.0 §10.1: public keys only, each with a `kid` that no other has. */
export function expectPublicKeys(jwks: JsonObject): void {
  const keys = jwks['keys'] as JsonObject[];
  expect(keys.length).toBeGreaterThan(0);
  const names = keys.map(({ kid }) => kid);
  expect(names.every((kid) => typeof kid === 'string' && kid !== '')).toBe(true);
  expect(new Set(names).size).toBe(names.length);
  for (const key of keys) {
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) expect(key).not.toHaveProperty(secret);
    expect(key['kty']).toMatch(/^(RSA|EC|OKP)$/);
    if (key['kty'] === 'RSA') {
      expect(Buffer.from(String(key['n']), 'base64url').length * 8).toBeGreaterThanOrEqual(2048);
      expect(key['e']).toMatch(/^[A-Za-z0-9_-]+$/);
    }
  }
  // OpenID Connect Core 1.0 §15.1: whatever else there is, RS256 is there.
  const rs256 = keys.filter((key) => key['kty'] === 'RSA' && (key['alg'] ?? 'RS256') === 'RS256');
  expect(rs256.filter((key) => (key['use'] ?? 'sig') === 'sig')).not.toEqual([]);
}

function expectList(metadata: JsonObject, name: string): void {
  const list = metadata[name];
  expect(Array.isArray(list) && list.length > 0, name).toBe(true);
  const items = listOf(metadata, name);
  expect(
    items.every((item) => typeof item === 'string' && item !== ''),
    name,
  ).toBe(true);
  expect(items, name).toEqual([...new Set(items)]);
}

export function listOf(metadata: JsonObject, name: string): readonly string[] {
  return (metadata[name] ?? []) as string[];
}

function membersThat(metadata: JsonObject, pattern: RegExp): string[] {
  return Object.keys(metadata).filter((name) => pattern.test(name));
}
