import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { HttpModule } from '../http/http.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { AdminAuthentication } from './admin-authentication.js';
import { AdminDocsController } from './admin-docs.controller.js';
import { AdminDocument } from './admin-document.js';
import { AdminScopes } from './admin-scopes.js';
import { Administrators } from './administrators.js';

/**
 * Owns what every part of the admin API shares: who may call it, how bodies are read and refused, lists, problem
 * details, and the OpenAPI document with its pages. Hands on `@AdminController` and its kin. Leaves what is
 * administered to the room that it belongs to.
 */
@Module({
  imports: [DiscoveryModule, HttpModule, TokenSigningModule],
  controllers: [AdminDocsController],
  providers: [AdminAuthentication, Administrators, AdminDocument, AdminScopes],
  exports: [HttpModule, TokenSigningModule, AdminAuthentication, Administrators, AdminScopes],
})
export class AdminModule {}
