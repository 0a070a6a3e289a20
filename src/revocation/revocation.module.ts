import { Module } from '@nestjs/common';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { HttpModule } from '../http/http.module.js';
import { RefreshTokenModule } from '../refresh-token/refresh-token.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { RevocationController } from './revocation.controller.js';

/** Owns /oidc/revoke. Leaves how a family ends to `refresh-token`, and the list of ended tokens to `token-signing`. */
@Module({
  imports: [HttpModule, AuditModule, AppRegistryModule, RefreshTokenModule, TokenSigningModule],
  controllers: [RevocationController],
})
export class RevocationModule {}
