import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AppAccountsModule } from '../app-accounts/app-accounts.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { ClaimsModule } from '../claims/claims.module.js';
import { SessionModule } from '../session/session.module.js';
import { SubjectsModule } from '../subjects/subjects.module.js';
import { TokenCompositionModule } from '../token-composition/token-composition.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { AppTemplatesController } from './app-templates.controller.js';
import { AppTemplates } from './app-templates.js';
import { FederationTokens } from './federation-tokens.js';
import { Federations } from './federation.js';
import { TemplateChecks } from './template-checks.js';
import { TemplateInspection } from './template-inspection.js';
import { TemplateSetupController } from './template-setup.controller.js';

/**
 * Owns the seam between apps that trust Clinch and give roles of their own for an id token, and what is special to each:
 * a template is declared here and judges, opens and explains its apps. Leaves each template to a room of its own.
 */
@Module({
  imports: [
    AccessModule,
    AdminModule,
    AppAccountsModule,
    AppRegistryModule,
    AuditModule,
    ClaimsModule,
    SessionModule,
    SubjectsModule,
    TokenCompositionModule,
    TokenSigningModule,
  ],
  controllers: [AppTemplatesController, TemplateSetupController],
  providers: [AppTemplates, Federations, FederationTokens, TemplateChecks, TemplateInspection],
  exports: [AppTemplates, Federations, TemplateInspection],
})
export class AppTemplatesModule {}
