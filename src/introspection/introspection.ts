import { Injectable } from '@nestjs/common';
import { AccessTokenStandings } from '../access-token/access-token-standings.js';
import { isSignInValid, type Account } from '../accounts/account-store.js';
import { ApiResources } from '../api-resource/api-resources.js';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { RefreshTokens } from '../refresh-token/refresh-tokens.js';
import { subjectSector } from '../subjects/subject-rule.js';
import { Subjects } from '../subjects/subjects.js';
import { AccessTokenVerifier, type AccessToken } from '../token-signing/access-token-verifier.js';

/** RFC 7662 §2.2. */
export interface IntrospectionResponse {
  readonly active: boolean;
  readonly [member: string]: unknown;
}

/** All that is ever said of a token that is not for the one who asks: nothing tells why (RFC 7662 §2.2, §4). */
export const INACTIVE: IntrospectionResponse = { active: false };

/**
 * Who may see which token:
 *
 * - an app sees its own access tokens, and its own newest refresh tokens;
 * - an app that is named as an API (`client_ids` of the API resource) sees the access tokens that are for that API;
 * - everything else is `{"active": false}`, for refresh tokens even to the APIs that the grant is about.
 *
 * A token is active while its endpoints would take it: not expired, not revoked, its app switched on, its person active
 * and not given a new password since.
 */
@Injectable()
export class Introspection {
  constructor(
    private readonly accessTokens: AccessTokenVerifier,
    private readonly standings: AccessTokenStandings,
    private readonly refreshTokens: RefreshTokens,
    private readonly subjects: Subjects,
    private readonly apis: ApiResources,
    private readonly config: ClinchConfig,
  ) {}

  /** @returns undefined for what is no token of ours at all */
  async of(token: string, client: Client): Promise<IntrospectionResponse | undefined> {
    if (this.refreshTokens.isGenuine(token)) return this.ofRefreshToken(token, client);
    const read = await this.accessTokens.read(token).catch((error: unknown) => {
      if (error instanceof OAuthError) return undefined;
      throw error;
    });
    if (read !== undefined) return this.ofAccessToken(read, client);
    return (await this.accessTokens.isOurs(token)) ? INACTIVE : undefined;
  }

  private async ofAccessToken(token: AccessToken, client: Client): Promise<IntrospectionResponse> {
    if (!(await this.maySee(token, client))) return INACTIVE;
    const standing = await this.standings.of(token);
    if (standing === undefined) return INACTIVE;
    return {
      active: true,
      token_type: 'Bearer',
      iss: this.config.issuer,
      sub: token.subject,
      aud: token.audience,
      client_id: token.clientId,
      ...(token.scope.length === 0 ? {} : { scope: token.scope.join(' ') }),
      ...(standing.account === undefined ? {} : usernameFor(standing.client, standing.account)),
      jti: token.jti,
      iat: seconds(token.issuedAt),
      exp: seconds(token.expiresAt),
      ...(token.authTime === undefined ? {} : { auth_time: seconds(token.authTime) }),
    };
  }

  private async maySee(token: AccessToken, client: Client): Promise<boolean> {
    if (token.clientId === client.id) return true;
    const api = await this.apis.find(token.audience);
    return api?.clientIds.includes(client.id) === true;
  }

  private async ofRefreshToken(token: string, client: Client): Promise<IntrospectionResponse> {
    const family = await this.refreshTokens.inspect(token, client);
    if (family === undefined || !isSignInValid(family.account, family.authTime)) return INACTIVE;
    const subject = await this.subjects.peek(family.account, client).catch(nobody);
    // A family has no other `sub` than the one that it began with: a refresh would be refused.
    if (subject !== family.subject) return INACTIVE;
    return {
      active: true,
      token_type: 'refresh_token',
      iss: this.config.issuer,
      sub: subject,
      client_id: client.id,
      scope: family.scope.join(' '),
      ...usernameFor(client, family.account),
      iat: seconds(family.rotatedAt ?? family.createdAt),
      exp: seconds(family.expiresAt),
      auth_time: seconds(family.authTime),
    };
  }
}

/** An app whose subjects are its own must not learn by another member what they are there to hide. */
function usernameFor({ metadata }: Client, { username }: Account): { readonly username?: string } {
  return subjectSector(metadata) === undefined ? { username } : {};
}

/** Who has no subject in the app would be refused with the token. */
function nobody(error: unknown): undefined {
  if (!(error instanceof OAuthError)) throw error;
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
