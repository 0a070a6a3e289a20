import type { App, AppChanges } from '../app-registry/app.dto.js';

/**
 * What an app may say of itself: the members of RFC 7591 §2, OpenID Connect Registration 1.0 §2, and the three
 * specifications of signing out. Clinch's own switches are not among them: they are for operators.
 */
const MEMBERS = [
  'redirect_uris',
  'token_endpoint_auth_method',
  'grant_types',
  'response_types',
  'client_name',
  'client_uri',
  'logo_uri',
  'scope',
  'contacts',
  'tos_uri',
  'policy_uri',
  'jwks_uri',
  'jwks',
  'application_type',
  'sector_identifier_uri',
  'subject_type',
  'id_token_signed_response_alg',
  'default_max_age',
  'require_auth_time',
  'default_acr_values',
  'initiate_login_uri',
  'post_logout_redirect_uris',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'frontchannel_logout_uri',
  'frontchannel_logout_session_required',
] as const satisfies readonly (keyof AppChanges)[];

/** RFC 7591 §2: "The authorization server MUST ignore any client metadata sent by the client that it does not understand". */
export function understood(body: object): Record<string, unknown> {
  const sent = new Map<string, unknown>(Object.entries(body));
  // Without a value is as good as left out (RFC 7592 §2.2 says so of null).
  return Object.fromEntries(
    MEMBERS.map((name) => [name, sent.get(name)]).filter(([, value]) => (value ?? null) !== null),
  );
}

/** RFC 7591 §3.2.1: everything that is registered, also what was left out and is as it is by default. */
export function clientMetadata(app: App): Record<string, unknown> {
  return Object.fromEntries(MEMBERS.map((name) => [name, app[name]]).filter(([, value]) => (value ?? null) !== null));
}

/** What people read where the app does not say: the host that they are sent back to. */
export function nameFor({ redirect_uris: redirectUris, client_uri: clientUri }: AppChanges): string | undefined {
  const [host] = [clientUri, ...(redirectUris ?? [])].flatMap((uri) =>
    typeof uri === 'string' && URL.canParse(uri) && new URL(uri).hostname !== '' ? [new URL(uri).hostname] : [],
  );
  return host;
}
