import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { HttpModule } from '../http/http.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { AdminAuthentication } from './admin-authentication.js';
import { AdminDocsController } from './admin-docs.controller.js';
import { AdminDocument } from './admin-document.js';
import { Bulk } from './bulk.js';
import { EntityTags } from './entity-tag.js';
import { AdminRate } from './admin-rate.js';
import { AdminScopes } from './admin-scopes.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { Administrators } from './administrators.js';
import { IdempotencyKeyEntity } from './idempotency-key.entity.js';
import { IdempotencyKeys } from './idempotency-keys.js';

/**
 * Owns what every part of the admin API shares: who may call it, how bodies are read and refused, lists, problem
 * details, and the OpenAPI document with its pages. Hands on `@AdminController` and its kin. Leaves what is
 * administered to the room that it belongs to.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([IdempotencyKeyEntity]),
    DiscoveryModule,
    KeyringModule,
    HttpModule,
    TokenSigningModule,
  ],
  controllers: [AdminDocsController],
  providers: [
    AdminAuthentication,
    Administrators,
    AdminDocument,
    AdminScopes,
    EntityTags,
    IdempotencyKeys,
    Bulk,
    AdminRate,
  ],
  exports: [
    HttpModule,
    TokenSigningModule,
    AdminAuthentication,
    Administrators,
    AdminDocument,
    AdminScopes,
    EntityTags,
    IdempotencyKeys,
    Bulk,
    AdminRate,
  ],
})
export class AdminModule {}
