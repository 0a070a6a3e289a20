import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { CrossOrigin } from '../http/cross-origin.js';
import { SigningKeyRows } from './signing-key-rows.js';
import { SigningKeyStore } from './signing-key-store.js';

/** RFC 7517: the public keys that tokens are verified with. */
@Controller()
export class JwksController {
  constructor(
    private readonly keys: SigningKeyStore,
    private readonly rows: SigningKeyRows,
  ) {}

  @Get('/oidc/jwks')
  @CrossOrigin('any')
  jwks(@Res({ passthrough: true }) response: Response): { keys: readonly Record<string, unknown>[] } {
    response.set('Cache-Control', `public, max-age=${this.rows.times.jwksMaxAge}`);
    return { keys: this.keys.published() };
  }
}
