import { Controller, Get, Header } from '@nestjs/common';
import { CrossOrigin } from '../http/cross-origin.js';
import { SigningKeyStore } from './signing-key-store.js';

/** RFC 7517: the public keys that tokens are verified with. */
@Controller()
export class JwksController {
  constructor(private readonly keys: SigningKeyStore) {}

  @Get('/oidc/jwks')
  @Header('Cache-Control', 'public, max-age=300')
  @CrossOrigin('any')
  jwks(): { keys: readonly Record<string, unknown>[] } {
    return { keys: this.keys.published() };
  }
}
