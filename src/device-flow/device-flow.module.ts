import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '../access/access.module.js';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AppAccountsModule } from '../app-accounts/app-accounts.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { CustomScopesModule } from '../custom-scopes/custom-scopes.module.js';
import { HttpModule } from '../http/http.module.js';
import { InteractionModule } from '../interaction/interaction.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { CodeEntry } from './code-entry.js';
import { DeviceAuthorizationController } from './device-authorization.controller.js';
import { DeviceCodeEntity } from './device-code.entity.js';
import { DeviceCodeGrant } from './device-code.grant.js';
import { DeviceCodeStore } from './device-code-store.js';
import { DeviceController } from './device.controller.js';
import { DeviceDecision } from './device-decision.js';
import { DeviceScopes } from './device-scopes.js';
import { DevicePages } from './device-pages.js';
import { WrongCodes } from './wrong-codes.js';

/**
 * Owns the device authorization grant (RFC 8628): /oidc/device_authorization, where a device asks; /device, where a
 * person answers; and the grant by which the device fetches its tokens (`device-code.grant.ts`). Leaves the sign-in to
 * `interaction`, and the tokens to `token-endpoint`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([DeviceCodeEntity]),
    HttpModule,
    AuditModule,
    KeyringModule,
    AccountsModule,
    AppRegistryModule,
    CustomScopesModule,
    AppAccountsModule,
    AccessModule,
    InteractionModule,
  ],
  controllers: [DeviceAuthorizationController, DeviceController],
  providers: [DeviceScopes, DeviceCodeStore, DeviceCodeGrant, CodeEntry, WrongCodes, DeviceDecision, DevicePages],
  exports: [DeviceCodeStore],
})
export class DeviceFlowModule {}
