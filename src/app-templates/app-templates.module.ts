import { Module } from '@nestjs/common';
import { AdminModule } from '../admin/admin.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AppTemplates } from './app-templates.js';
import { TemplateChecks } from './template-checks.js';

/**
 * Owns the seam between apps that trust Clinch and give roles of their own for an id token, and what is special to each:
 * a template is declared here and judges, opens and explains its apps. Leaves each template to a room of its own.
 */
@Module({
  imports: [AdminModule, AppRegistryModule],
  providers: [AppTemplates, TemplateChecks],
  exports: [AppTemplates],
})
export class AppTemplatesModule {}
