import { Module } from '@nestjs/common';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { ClaimsModule } from '../claims/claims.module.js';
import { GrantModule } from '../grant/grant.module.js';
import { HttpModule } from '../http/http.module.js';
import { RefreshTokenModule } from '../refresh-token/refresh-token.module.js';
import { SubjectsModule } from '../subjects/subjects.module.js';
import { TokenCompositionModule } from '../token-composition/token-composition.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { TokenController } from './token.controller.js';
import { TokenIssuer } from './token-issuer.js';

/**
 * Owns POST /oidc/token: the checks that all grants share, and the issuer that turns what a grant proved into tokens.
 * Leaves the proof to the grants, which it finds in the registry and does not import.
 */
@Module({
  imports: [
    HttpModule,
    AuditModule,
    AppRegistryModule,
    GrantModule,
    ClaimsModule,
    SubjectsModule,
    TokenCompositionModule,
    RefreshTokenModule,
    TokenSigningModule,
  ],
  controllers: [TokenController],
  providers: [TokenIssuer],
})
export class TokenEndpointModule {}
