import { Injectable } from '@nestjs/common';
import type { Client } from '../app-registry/client.js';
import { ResourceAccess } from '../app-registry/resource-access.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { Authorization } from '../grant/authorization.js';
import { narrowScope } from '../protocol/scope.js';

/** Where an access token is good, for what, and how long (RFC 9068 §2.2). */
export interface AccessTokenTarget {
  /** The `aud`: the identifier of an API, or the issuer for Clinch's own userinfo. */
  readonly audience: string;
  /** Of what was granted, that which is of this audience: an API learns nothing of the others. */
  readonly scope: readonly string[];
  /** Seconds. */
  readonly lifetime: number;
}

/** What of an authorization still stands, and the access token that comes of it. */
export interface TargetedAuthorization {
  readonly authorization: Authorization;
  readonly target: AccessTokenTarget;
}

/** Between the proof and now an app may have lost scopes, or an API: what is issued is what it may have at this moment. */
@Injectable()
export class AccessTokenTargets {
  constructor(
    private readonly access: ResourceAccess,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * Narrows what was granted, and aims the access token at its one audience (RFC 8707 §2).
   *
   * @throws {OAuthError} invalid_target when the API is not there any more, or not for this app
   */
  async of(authorization: Authorization, client: Client): Promise<TargetedAuthorization> {
    const { accessTokenLifetime } = client.metadata;
    if (authorization.resource === undefined) {
      const scope = narrowScope(authorization.scope, client.scope);
      const target = { audience: this.config.issuer, scope, lifetime: accessTokenLifetime };
      return { authorization: { ...authorization, scope }, target };
    }
    const { resource, scope } = await this.access.resolve(authorization.resource, client);
    const standing = { ...authorization, scope: narrowScope(authorization.scope, [...client.scope, ...scope]) };
    if (authorization.forUserinfo === true) {
      const own = narrowScope(authorization.scope, client.scope);
      return {
        authorization: standing,
        target: { audience: this.config.issuer, scope: own, lifetime: accessTokenLifetime },
      };
    }
    return {
      authorization: standing,
      target: {
        audience: resource.identifier,
        scope: narrowScope(authorization.scope, scope),
        lifetime: resource.accessTokenLifetime ?? accessTokenLifetime,
      },
    };
  }
}
