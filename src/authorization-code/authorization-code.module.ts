import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { HttpModule } from '../http/http.module.js';
import { InteractionModule } from '../interaction/interaction.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { SessionModule } from '../session/session.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { AuthorizationCodeEntity } from './authorization-code.entity.js';
import { AuthorizationCodeGrant } from './authorization-code.grant.js';
import { AuthorizationCodeStore } from './authorization-code-store.js';
import { AuthorizationEndpoint } from './authorization-endpoint.js';
import { AuthorizationRequests } from './authorization-requests.js';
import { AuthorizationResponse } from './authorization-response.js';
import { AuthorizeController } from './authorize.controller.js';
import { IdTokenHint } from './id-token-hint.js';
import { ProvenClient } from './proven-client.js';

/**
 * Owns /oidc/authorize and the authorization code: reads and judges the request, sends the answer in its response
 * mode, issues the code, and redeems it (`authorization-code.grant.ts`). Leaves the person to `interaction`, and the
 * tokens to `token-endpoint`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([AuthorizationCodeEntity]),
    HttpModule,
    AuditModule,
    KeyringModule,
    TokenSigningModule,
    AppRegistryModule,
    SessionModule,
    InteractionModule,
  ],
  controllers: [AuthorizeController],
  providers: [
    AuthorizationCodeStore,
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    AuthorizationRequests,
    AuthorizationResponse,
    IdTokenHint,
    ProvenClient,
  ],
  exports: [AuthorizationCodeStore],
})
export class AuthorizationCodeModule {}
