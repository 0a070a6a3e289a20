import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AppAccountsModule } from '../app-accounts/app-accounts.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { ClaimsModule } from '../claims/claims.module.js';
import { PersonFactsModule } from '../person-facts/person-facts.module.js';
import { AccessTokenTargets } from './access-token-target.js';
import { ClaimsContexts } from './claims-contexts.js';
import { PermissionScopes } from './permission-scopes.js';
import { TokenComposer } from './token-composer.js';
import { UserinfoComposer } from './userinfo-composer.js';

/**
 * Owns what is in tokens and at userinfo, complete but for the signature. Hands on the two composers, to the endpoints
 * and to whoever wants to know what they would answer. Leaves the claims about people to `claims`, and to `token-endpoint`
 * what a token costs: signing, and the refresh token.
 */
@Module({
  imports: [AppRegistryModule, AppAccountsModule, AccessModule, ClaimsModule, PersonFactsModule],
  providers: [AccessTokenTargets, ClaimsContexts, PermissionScopes, TokenComposer, UserinfoComposer],
  exports: [TokenComposer, UserinfoComposer],
})
export class TokenCompositionModule {}
