import { Injectable } from '@nestjs/common';
import type { Client } from '../app-registry/client.js';
import { ResourceAccess } from '../app-registry/resource-access.js';
import {
  readAuthorizationRequest,
  type AnswerAddress,
  type AuthorizationPolicy,
  type AuthorizationRequest,
} from '../protocol/authorization-request.js';
import { OAuthError } from '../protocol/oauth-error.js';
import type { Parameters } from '../protocol/parameters.js';
import { IdTokenHint } from './id-token-hint.js';

/** Reads a request whose client and redirect URI are proven, with the parts that the protocol alone cannot judge. */
@Injectable()
export class AuthorizationRequests {
  constructor(
    private readonly hints: IdTokenHint,
    private readonly access: ResourceAccess,
  ) {}

  /** @throws {OAuthError} that may be sent to the redirect URI */
  async read(parameters: Parameters, address: AnswerAddress, client: Client): Promise<AuthorizationRequest> {
    parameters.refuseRepeats();
    const policy = await this.policyFor(parameters.get('resource'), client);
    const request = readAuthorizationRequest(parameters, address, policy);
    return this.withHint(request, parameters.get('id_token_hint'));
  }

  /**
   * RFC 8707 §2.1: with an API, the app may also ask for what it has there.
   *
   * @throws {OAuthError} invalid_target
   */
  private async policyFor(resource: string | undefined, client: Client): Promise<AuthorizationPolicy> {
    const policy = client.authorizationPolicy();
    const granted = await this.access.resolveForPerson(resource, client);
    if (granted === undefined) return policy;
    return { ...policy, resource: granted.resource.identifier, scope: [...policy.scope, ...granted.scope] };
  }

  private async withHint(request: AuthorizationRequest, hint: string | undefined): Promise<AuthorizationRequest> {
    if (hint === undefined) return request;
    const hintedSubject = await this.hints.subject(hint, request.clientId);
    if (request.hintedSubject !== undefined && request.hintedSubject !== hintedSubject) {
      throw new OAuthError('invalid_request', 'id_token_hint and claims name different people');
    }
    return { ...request, hintedSubject };
  }
}
