import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { ID, OPTIONAL_TEXT, TIME } from '../database/columns.js';
import type { SigningAlgorithm } from '../protocol/signing-algorithm.js';

const LIST = { type: 'simple-json' } as const;
const SECONDS = { type: 'integer' } as const;
const OPTIONAL_SECONDS = { type: 'integer', nullable: true } as const;

/** Scopes that an app may have on one API (RFC 8707). */
export interface ApiAccess {
  /** The identifier of the API resource. */
  readonly resource: string;
  /** Space-separated scope-tokens of that API. */
  readonly scope: string;
}

/** A claim of an app's own: a CEL expression, and where its value goes. */
export interface ExtendedClaim {
  readonly name: string;
  readonly value: string;
  readonly in: readonly ('id_token' | 'access_token' | 'userinfo')[];
  /** What becomes of the sign-in when the expression has no value. */
  readonly on_error: 'omit' | 'fail';
}

/** How a person's name in an app is made where none was given by hand. */
export type AccountRule = 'none' | 'username' | 'email_prefix' | 'job_number' | 'dingtalk_user_id' | 'expression';

/** An app as it is registered: RFC 7591 metadata, and Clinch's own switches beside it. */
@Entity('clients')
// What lists are in the order of, and narrowed by: see APP_ORDER.
@Index('ix_clients_client_name', ['clientName', 'clientId'])
@Index('ix_clients_created_at', ['createdAt', 'clientId'])
@Index('ix_clients_updated_at', ['updatedAt', 'clientId'])
@Index('ix_clients_enabled', ['enabled', 'clientId'])
export class ClientEntity {
  @PrimaryColumn({ ...ID, name: 'client_id', primaryKeyConstraintName: 'pk_clients' })
  clientId: string;

  @Column({ type: 'varchar', length: 200, name: 'client_name' })
  clientName: string;

  @Column({ type: 'boolean' })
  enabled: boolean;

  @Column({ type: 'varchar', length: 16, name: 'application_type' })
  applicationType: 'web' | 'native';

  @Column({ ...LIST, name: 'redirect_uris' })
  redirectUris: string[];

  @Column({ ...LIST, name: 'post_logout_redirect_uris' })
  postLogoutRedirectUris: string[];

  @Column({ ...LIST, name: 'grant_types' })
  grantTypes: string[];

  @Column({ type: 'varchar', length: 40, name: 'token_endpoint_auth_method' })
  tokenEndpointAuthMethod: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';

  /** Space-separated scope-tokens that the app may ask for. */
  @Column({ type: 'text' })
  scope: string;

  @Column({ type: 'simple-json', nullable: true })
  jwks: { keys: Record<string, unknown>[] } | null;

  @Column({ ...OPTIONAL_TEXT, name: 'jwks_uri' })
  jwksUri: string | null;

  @Column({ ...OPTIONAL_TEXT, name: 'logo_uri' })
  logoUri: string | null;

  @Column({ ...OPTIONAL_TEXT, name: 'client_uri' })
  clientUri: string | null;

  @Column({ ...OPTIONAL_TEXT, name: 'policy_uri' })
  policyUri: string | null;

  @Column({ ...OPTIONAL_TEXT, name: 'tos_uri' })
  tosUri: string | null;

  @Column(LIST)
  contacts: string[];

  @Column({ ...OPTIONAL_TEXT, name: 'initiate_login_uri' })
  initiateLoginUri: string | null;

  @Column({ ...OPTIONAL_TEXT, name: 'backchannel_logout_uri' })
  backchannelLogoutUri: string | null;

  @Column({ type: 'boolean', name: 'backchannel_logout_session_required' })
  backchannelLogoutSessionRequired: boolean;

  @Column({ ...OPTIONAL_TEXT, name: 'frontchannel_logout_uri' })
  frontchannelLogoutUri: string | null;

  @Column({ type: 'boolean', name: 'frontchannel_logout_session_required' })
  frontchannelLogoutSessionRequired: boolean;

  /** Keyed digest of the registration access token (RFC 7592 §3); null where the app did not register itself. */
  @Column({ type: 'varchar', length: 64, nullable: true, name: 'registration_digest' })
  registrationDigest: string | null;

  @Column({ type: 'varchar', length: 16, name: 'id_token_signed_response_alg' })
  idTokenSignedResponseAlg: SigningAlgorithm;

  @Column({ ...OPTIONAL_SECONDS, name: 'default_max_age' })
  defaultMaxAge: number | null;

  @Column({ type: 'boolean', name: 'require_auth_time' })
  requireAuthTime: boolean;

  @Column({ ...LIST, name: 'default_acr_values' })
  defaultAcrValues: string[];

  @Column({ type: 'boolean', name: 'require_pkce' })
  requirePkce: boolean;

  @Column({ ...LIST, name: 'code_challenge_methods' })
  codeChallengeMethods: string[];

  @Column({ type: 'boolean', name: 'require_consent' })
  requireConsent: boolean;

  @Column({ ...SECONDS, name: 'authorization_code_lifetime' })
  authorizationCodeLifetime: number;

  @Column({ ...SECONDS, name: 'access_token_lifetime' })
  accessTokenLifetime: number;

  @Column({ ...SECONDS, name: 'id_token_lifetime' })
  idTokenLifetime: number;

  @Column({ ...SECONDS, name: 'refresh_token_lifetime' })
  refreshTokenLifetime: number;

  @Column({ ...OPTIONAL_SECONDS, name: 'refresh_token_idle_lifetime' })
  refreshTokenIdleLifetime: number | null;

  /** Whether the app gets refresh tokens by asking for `offline_access`, or with every sign-in. */
  @Column({ type: 'varchar', length: 16, name: 'refresh_token_issuance' })
  refreshTokenIssuance: 'offline_access' | 'always';

  /** Whether a refresh token is replaced when it is used, or stays good. */
  @Column({ type: 'varchar', length: 8, name: 'refresh_token_rotation' })
  refreshTokenRotation: 'rotate' | 'reuse';

  /** Seconds in which a spent refresh token still brings its successor: an answer may get lost. */
  @Column({ ...SECONDS, name: 'refresh_token_grace' })
  refreshTokenGrace: number;

  /** Which scopes the app may have on which API; the admin API's own are in `scope`. */
  @Column({ ...LIST, name: 'api_access' })
  apiAccess: ApiAccess[];

  @Column({ type: 'varchar', length: 16 })
  access: 'everyone' | 'assigned';

  /** A CEL condition that everybody who enters must meet; null: none. */
  @Column({ ...OPTIONAL_TEXT, name: 'access_rule' })
  accessRule: string | null;

  /** Whom to ask for access, in words for those who were refused. */
  @Column({ ...OPTIONAL_TEXT, name: 'access_contact' })
  accessContact: string | null;

  @Column({ ...LIST, name: 'id_token_claims' })
  idTokenClaims: ExtendedClaim[];

  /** OpenID Connect Core 1.0 §8. */
  @Column({ type: 'varchar', length: 16, name: 'subject_type' })
  subjectType: 'public' | 'pairwise';

  /** OpenID Connect Registration 1.0 §5: apps of one sector see the same pairwise subjects. */
  @Column({ ...OPTIONAL_TEXT, name: 'sector_identifier_uri' })
  sectorIdentifierUri: string | null;

  /** What the `sub` is instead of the account's id; null: the id. */
  @Column({ ...OPTIONAL_TEXT, name: 'subject_expression' })
  subjectExpression: string | null;

  @Column({ type: 'varchar', length: 24, name: 'account_rule' })
  accountRule: AccountRule;

  /** For the rule `expression`. */
  @Column({ ...OPTIONAL_TEXT, name: 'account_expression' })
  accountExpression: string | null;

  /** Whether people without a name in the app are kept out. */
  @Column({ type: 'boolean', name: 'require_account' })
  requireAccount: boolean;

  /** What ever was a permission of a role of the app, each followed by a space; only added to, and by a statement of its own. */
  @Column({ type: 'text', name: 'permissions_declared', update: false })
  permissionsDeclared: string;

  @Column({ type: 'varchar', length: 24, name: 'sso_initiator' })
  ssoInitiator: 'app' | 'portal_and_app';

  /** The id of the template by which it is opened; null: an app like any other. */
  @Column({ type: 'varchar', length: 40, nullable: true })
  template: string | null;

  /** As sent, under the names of the wire. What may stand in it the template says. */
  @Column({ type: 'simple-json', nullable: true, name: 'template_settings' })
  templateSettings: Record<string, unknown> | null;

  /** Counts the changes: of two that started from the same number, one is refused. */
  @Column({ type: 'integer' })
  version: number;

  @Column({ ...TIME, name: 'created_at' })
  createdAt: Date;

  @Column({ ...TIME, name: 'updated_at' })
  updatedAt: Date;
}
