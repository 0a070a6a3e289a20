import { Module } from '@nestjs/common';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { AccessTokenStandings } from './access-token-standings.js';

/**
 * Owns what an access token that comes back is still worth. Leaves its signature to `token-signing`, and what is done
 * with it to the endpoint that it came to.
 */
@Module({
  imports: [TokenSigningModule, AppRegistryModule],
  providers: [AccessTokenStandings],
  exports: [AccessTokenStandings],
})
export class AccessTokenModule {}
