import { Injectable } from '@nestjs/common';
import type { ApiResource } from '../api-resource/api-resource.js';
import type { Client } from '../app-registry/client.js';
import { ResourceAccess } from '../app-registry/resource-access.js';
import { CustomScopes, type CustomScope } from '../custom-scopes/custom-scopes.js';
import { scopeToAgreeTo } from '../interaction/scope-to-agree-to.js';
import type { Parameters } from '../protocol/parameters.js';
import { NO_REQUESTED_CLAIMS } from '../protocol/requested-claims.js';
import { narrowScope, parseScope } from '../protocol/scope.js';
import type { DeviceRequest } from './device-code-store.js';

/** What a person is asked to let a device have. */
export interface ScopeOfDevice {
  /** As it is agreed to: what belongs to an API carries the API's name. */
  readonly scopes: readonly string[];
  readonly api: ApiResource | undefined;
  /** Those of the operator's own scopes that the device would have. */
  readonly customScopes: readonly CustomScope[];
}

/** What devices may ask for, and what of it still stands when a person is asked. */
@Injectable()
export class DeviceScopes {
  constructor(
    private readonly access: ResourceAccess,
    private readonly customScopes: CustomScopes,
  ) {}

  /**
   * The scope of a request, and the API that it is for (RFC 8707).
   *
   * @throws {OAuthError} invalid_scope, invalid_target
   */
  async read(parameters: Parameters, client: Client): Promise<Pick<DeviceRequest, 'scope' | 'resource'>> {
    const requested = parseScope(parameters.get('scope') ?? 'openid');
    const granted = await this.access.resolveForPerson(parameters.get('resource'), client);
    return {
      scope: narrowScope(requested, [...client.scope, ...(granted?.scope ?? [])]),
      resource: granted?.resource.identifier,
    };
  }

  /** @throws {OAuthError} invalid_target when the API is not there any more, or not for this app */
  async toAgreeTo({ scope, resource }: DeviceRequest, client: Client): Promise<ScopeOfDevice> {
    const granted = await this.access.resolveForPerson(resource, client);
    const standing = narrowScope(scope, [...client.scope, ...(granted?.scope ?? [])]);
    const asked = { scope: standing, requestedClaims: NO_REQUESTED_CLAIMS };
    const scopes = scopeToAgreeTo(resource === undefined ? asked : { ...asked, resource }, client);
    const customScopes = await this.customScopes.among(narrowScope(scope, client.scope));
    return { scopes, api: granted?.resource, customScopes };
  }
}
