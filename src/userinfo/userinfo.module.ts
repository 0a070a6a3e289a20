import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { ClaimsModule } from '../claims/claims.module.js';
import { HttpModule } from '../http/http.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { UserinfoController } from './userinfo.controller.js';

/** Owns /oidc/userinfo. Leaves the token's check to `token-signing`, and what is said to `claims`. */
@Module({
  imports: [HttpModule, AuditModule, TokenSigningModule, AccountsModule, AppRegistryModule, ClaimsModule],
  controllers: [UserinfoController],
})
export class UserinfoModule {}
