import { Injectable } from '@nestjs/common';
import { OAuthError } from '../protocol/oauth-error.js';
import { TokenSigningService } from '../token-signing/token-signing.service.js';

/** `id_token_hint` (OpenID Connect Core 1.0 §3.1.2.1): an id_token of ours, issued to this app, its time over or not. */
@Injectable()
export class IdTokenHint {
  constructor(private readonly signing: TokenSigningService) {}

  /**
   * @returns the subject that the request is about
   * @throws {OAuthError} invalid_request for anything that is not such a token
   */
  async subject(hint: string, clientId: string): Promise<string> {
    const claims = await this.signing.verify(hint, 'JWT', { audience: clientId, expired: 'accepted' });
    if (claims?.sub === undefined)
      throw new OAuthError('invalid_request', 'id_token_hint is not an id_token of this client');
    return claims.sub;
  }
}
