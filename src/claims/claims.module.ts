import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { CustomScopesModule } from '../custom-scopes/custom-scopes.module.js';
import { ExpressionsModule } from '../expressions/expressions.module.js';
import { ClaimExpressions } from './claim-expressions.js';
import { ClaimsLog } from './claims-log.js';
import { ClaimsPipeline } from './claims-pipeline.js';
import { CustomScopeClaimsSource } from './custom-scope-claims.source.js';
import { ExtendedClaimChecks } from './extended-claim-checks.js';
import { ExtendedClaimsSource } from './extended-claims.source.js';
import { RequestedClaimsSource } from './requested-claims.source.js';
import { RoleClaimsSource } from './role-claims.source.js';
import { ScopeClaimsSource } from './scope-claims.source.js';

/**
 * Owns what is said about a person: one pipeline of sources for id_token, access token and userinfo, which says of every
 * claim where it comes from, and of every one that is missing why. Hands on the pipeline and the decorator that makes a
 * class a source. Leaves the claims of the token itself (`iss`, `exp`…) to `token-composition`, which stamps them
 * afterwards, so that no source can set them.
 */
@Module({
  imports: [DiscoveryModule, AuditModule, AppRegistryModule, CustomScopesModule, ExpressionsModule],
  providers: [
    ClaimsPipeline,
    ClaimExpressions,
    ClaimsLog,
    ScopeClaimsSource,
    RequestedClaimsSource,
    CustomScopeClaimsSource,
    RoleClaimsSource,
    ExtendedClaimsSource,
    ExtendedClaimChecks,
  ],
  exports: [ClaimsPipeline, ClaimsLog],
})
export class ClaimsModule {}
