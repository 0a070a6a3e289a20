import { Injectable } from '@nestjs/common';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { PageError } from '../http/page-error.js';
import { AUTHORIZATION_PARAMETERS } from '../protocol/authorization-request.js';
import type { Parameters } from '../protocol/parameters.js';
import { nearestRedirectUri } from '../protocol/redirect-uri.js';

/**
 * The first questions of every authorization request: which app, and is the redirect URI its own? Until both are
 * answered nothing is sent anywhere, whatever else is wrong (RFC 6749 §4.1.2.1): the person sees a page.
 */
@Injectable()
export class ProvenClient {
  constructor(private readonly registry: ClientRegistry) {}

  /** @throws {PageError} */
  async prove(parameters: Parameters): Promise<{ client: Client; redirectUri: string }> {
    const unprintable = parameters.firstUnprintable(AUTHORIZATION_PARAMETERS);
    if (unprintable !== undefined) throw invalid(`${unprintable} holds a character that cannot stand in a URL`);
    for (const name of ['client_id', 'redirect_uri']) {
      if (parameters.repeated.has(name)) throw invalid(`${name} is repeated`);
      if (!parameters.has(name)) throw invalid(`${name} is missing`);
    }
    const clientId = parameters.get('client_id') ?? '';
    const client = await this.registry.find(clientId);
    if (client === undefined)
      throw new PageError('unknown_app', { hint: `client_id ${clientId.slice(0, 64)} is not registered` });
    const redirectUri = parameters.get('redirect_uri') ?? '';
    if (!client.hasRedirectUri(redirectUri))
      throw new PageError('redirect_uri_mismatch', { hint: mismatchHint(client, redirectUri) });
    if (!client.enabled) throw new PageError('app_disabled', { hint: `client ${client.id} is disabled` });
    return { client, redirectUri };
  }
}

function invalid(hint: string): PageError {
  return new PageError('invalid_request', { hint });
}

/** For the app's developer, who asks the operator with the trace id of the page. */
function mismatchHint(client: Client, redirectUri: string): string {
  const nearest = nearestRedirectUri(client.metadata.redirectUris, redirectUri);
  return `client ${client.id} asked for ${redirectUri.slice(0, 300)}; the nearest registered redirect_uri is ${nearest ?? 'none at all'}`;
}
