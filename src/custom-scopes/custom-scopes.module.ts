import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../admin/admin.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { ExpressionsModule } from '../expressions/expressions.module.js';
import { CustomScopeAdministration } from './custom-scope-administration.js';
import { CustomScopeEntity } from './custom-scope.entity.js';
import { CustomScopes } from './custom-scopes.js';
import { CustomScopesController } from './custom-scopes.controller.js';

/**
 * Owns the scopes of the operator's own: their words for the consent page, and which claims they release. Hands on
 * `CustomScopes` (all of them, from memory). Leaves the making of these claims to `claims`.
 */
@Module({
  imports: [TypeOrmModule.forFeature([CustomScopeEntity]), AdminModule, AuditModule, ExpressionsModule],
  controllers: [CustomScopesController],
  providers: [CustomScopes, CustomScopeAdministration],
  exports: [CustomScopes],
})
export class CustomScopesModule {}
