import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ClaimsPipeline } from './claims-pipeline.js';
import { RequestedClaimsSource } from './requested-claims.source.js';
import { ScopeClaimsSource } from './scope-claims.source.js';

/**
 * Owns what is said about a person: one pipeline of sources for id_token, access token and userinfo. Hands on the
 * pipeline and the decorator that makes a class a source. Leaves the claims of the token itself (`iss`, `exp`…) to
 * `token-endpoint`, which stamps them afterwards, so that no source can set them.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [ClaimsPipeline, ScopeClaimsSource, RequestedClaimsSource],
  exports: [ClaimsPipeline],
})
export class ClaimsModule {}
