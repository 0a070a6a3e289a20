import { Module } from '@nestjs/common';
import { AccessTokenModule } from '../access-token/access-token.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { ClaimsModule } from '../claims/claims.module.js';
import { HttpModule } from '../http/http.module.js';
import { TokenCompositionModule } from '../token-composition/token-composition.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { UserinfoController } from './userinfo.controller.js';

/** Owns /oidc/userinfo. Leaves the token's check to `token-signing` and `access-token`, and what is said to `claims`. */
@Module({
  imports: [HttpModule, AuditModule, TokenSigningModule, AccessTokenModule, ClaimsModule, TokenCompositionModule],
  controllers: [UserinfoController],
})
export class UserinfoModule {}
