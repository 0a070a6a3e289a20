import { redirectUriMatches } from '../protocol/redirect-uri.js';
import type { AuthorizationPolicy } from '../protocol/authorization-request.js';
import { scopeTokens } from '../protocol/scope.js';
import type { ClientSecretEntity } from './client-secret.entity.js';
import type { ClientEntity } from './client.entity.js';

/** A registered app as the flows see it: read once, asked often. */
export class Client {
  readonly id: string;
  readonly name: string;
  /** The scope-tokens that it may ask for. What it may have on APIs says `ResourceAccess`. */
  readonly scope: readonly string[];

  constructor(
    readonly metadata: Readonly<ClientEntity>,
    readonly secrets: readonly Readonly<ClientSecretEntity>[],
  ) {
    this.id = metadata.clientId;
    this.name = metadata.clientName;
    // OpenID Connect Core 1.0 §11: offline_access asks for a refresh token, and without that grant there is none.
    this.scope = scopeTokens(metadata.scope).filter(
      (token) => token !== 'offline_access' || this.mayUseGrant('refresh_token'),
    );
  }

  /** The app as it would be: nobody authenticates as that, so it has no secrets. */
  with(changes: Partial<ClientEntity>): Client {
    return new Client(
      Object.assign(
        Object.create(Object.getPrototypeOf(this.metadata) as object) as ClientEntity,
        this.metadata,
        changes,
      ),
      [],
    );
  }

  get enabled(): boolean {
    return this.metadata.enabled;
  }

  /**
   * Whether the app was registered by then. What an earlier app of the same id was given is not this one's.
   *
   * @param time in whole seconds: its last moment counts
   */
  existedAt(time: Date): boolean {
    return time.getTime() + 999 >= this.metadata.createdAt.getTime();
  }

  /** RFC 6749 §2.1: an app that cannot keep a secret. */
  get isPublic(): boolean {
    return this.metadata.tokenEndpointAuthMethod === 'none';
  }

  mayUseGrant(grantType: string): boolean {
    return this.metadata.grantTypes.includes(grantType);
  }

  hasRedirectUri(redirectUri: string): boolean {
    return redirectUriMatches(this.metadata.redirectUris, redirectUri, this.metadata.applicationType);
  }

  /** RFC 9700 §2.1.1: public clients MUST use PKCE, with S256. */
  authorizationPolicy(): AuthorizationPolicy {
    return {
      mayUseCode: this.mayUseGrant('authorization_code'),
      requirePkce: this.metadata.requirePkce || this.isPublic,
      codeChallengeMethods: this.isPublic ? ['S256'] : this.metadata.codeChallengeMethods,
      scope: this.scope,
      defaultMaxAge: this.metadata.defaultMaxAge ?? undefined,
      defaultAcrValues: this.metadata.defaultAcrValues,
    };
  }

  /** The secrets that have not ended, at most two. */
  liveSecrets(now = Date.now()): readonly Readonly<ClientSecretEntity>[] {
    return this.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt.getTime() > now);
  }
}
