import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { CustomScopesModule } from '../custom-scopes/custom-scopes.module.js';
import { SubjectsModule } from '../subjects/subjects.module.js';
import { TokenCompositionModule } from '../token-composition/token-composition.module.js';
import { ClaimLab } from './claim-lab.js';
import { ClaimLabController } from './claim-lab.controller.js';
import { LabRun } from './lab-run.js';
import { UngrantedClaims } from './ungranted-claims.js';

/**
 * Owns the look at tokens before they are issued: for an app, a person and a scope, and for a draft of the app beside it.
 * Asks `token-composition`, as the endpoints do, so that it cannot say anything else. Leaves signing and storing alone.
 */
@Module({
  imports: [
    AdminModule,
    AuditModule,
    AccountsModule,
    AppRegistryModule,
    CustomScopesModule,
    SubjectsModule,
    TokenCompositionModule,
  ],
  controllers: [ClaimLabController],
  providers: [ClaimLab, LabRun, UngrantedClaims],
})
export class ClaimLabModule {}
