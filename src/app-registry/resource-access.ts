import { Injectable } from '@nestjs/common';
import { adminScopesOf } from '../admin/admin-scope.js';
import { ADMIN_API_ID, type ApiResource } from '../api-resource/api-resource.js';
import { ApiResources } from '../api-resource/api-resources.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { resourceFault } from '../protocol/resource-indicator.js';
import { narrowScope, scopeTokens } from '../protocol/scope.js';
import type { Client } from './client.js';

/** What an app may have on one API. */
export interface GrantedResource {
  readonly resource: ApiResource;
  /** As it was granted, without what the API has lost since. May be empty: the audience alone can be enough. */
  readonly scope: readonly string[];
}

/** What apps may have on APIs (RFC 8707): asked before a token for an API is promised, and again when it is made. */
@Injectable()
export class ResourceAccess {
  constructor(
    private readonly resources: ApiResources,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * @param identifier the `resource` of a request, as it came
   * @throws {OAuthError} invalid_target when it is malformed, unknown, or not for this app; which of the last two, an
   * app is not told
   */
  async resolve(identifier: string, client: Client): Promise<GrantedResource> {
    const fault = resourceFault(identifier);
    if (fault !== undefined) throw new OAuthError('invalid_target', `resource ${fault}`);
    const resource = await this.resources.find(identifier);
    const granted = resource === undefined ? undefined : grantedOn(resource, client);
    if (resource === undefined || granted === undefined) {
      const hint = resource === undefined ? 'no such API' : 'the app has no access to this API';
      throw new OAuthError('invalid_target', 'resource is no API that this client may use', { hint });
    }
    return { resource, scope: granted };
  }

  /**
   * The same where a person is involved. Rights on the admin API are an app's own; nobody can lend it theirs.
   *
   * @param identifier undefined when the request has no `resource`
   * @returns undefined for Clinch itself, which is meant by the issuer and by nothing at all
   * @throws {OAuthError} invalid_target
   */
  async resolveForPerson(identifier: string | undefined, client: Client): Promise<GrantedResource | undefined> {
    if (identifier === undefined || identifier === this.config.issuer) return undefined;
    const granted = await this.resolve(identifier, client);
    if (granted.resource.id === ADMIN_API_ID) {
      throw new OAuthError('invalid_target', 'the admin API is for apps that act for themselves');
    }
    return granted;
  }

  /** Every API that the app has. */
  async all(client: Client): Promise<readonly GrantedResource[]> {
    const identifiers = client.metadata.apiAccess.map(({ resource }) => resource);
    const registered = await Promise.all(identifiers.map((identifier) => this.resources.find(identifier)));
    return [...registered, this.resources.admin()].flatMap((resource) => {
      const scope = resource === undefined ? undefined : grantedOn(resource, client);
      return resource === undefined || scope === undefined ? [] : [{ resource, scope }];
    });
  }
}

/** @returns undefined when the app has no access at all */
function grantedOn({ id, identifier, scopes }: ApiResource, client: Client): string[] | undefined {
  const known = scopes.map(({ name }) => name);
  if (id === ADMIN_API_ID) {
    const rights = adminScopesOf(client.metadata.scope);
    return rights.length === 0 ? undefined : narrowScope(rights, known);
  }
  const access = client.metadata.apiAccess.find(({ resource }) => resource === identifier);
  return access === undefined ? undefined : narrowScope(scopeTokens(access.scope), known);
}
