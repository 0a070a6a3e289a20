import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../admin/admin.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { AdminApiResource } from './admin-api-resource.js';
import { ApiResourceAdministration } from './api-resource-administration.js';
import { ApiResourceEntity } from './api-resource.entity.js';
import { ApiResources } from './api-resources.js';
import { ApiResourcesController } from './api-resources.controller.js';
import { ConfidentialApps } from './confidential-apps.js';

/**
 * Owns the APIs that access tokens can be for (RFC 8707): their identifiers and their scopes, Clinch's own admin API
 * among them. Hands on `ApiResources` (find an API). Leaves who may have what of them to `app-registry`, which also
 * says which apps can stand for an API.
 */
@Module({
  imports: [TypeOrmModule.forFeature([ApiResourceEntity]), AdminModule, AuditModule],
  controllers: [ApiResourcesController],
  providers: [AdminApiResource, ApiResources, ApiResourceAdministration, ConfidentialApps],
  exports: [ApiResources, ConfidentialApps],
})
export class ApiResourceModule {}
