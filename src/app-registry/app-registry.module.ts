import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../admin/admin.module.js';
import { ApiResourceModule } from '../api-resource/api-resource.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { HttpModule } from '../http/http.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { OutboundModule } from '../outbound/outbound.module.js';
import { AppAdministration } from './app-administration.js';
import { AppBelongings } from './app-belongings.js';
import { AppChecks } from './app-checks.js';
import { AppFacts } from './app-facts.js';
import { AppJudge } from './app-judge.js';
import { AppReports } from './app-reports.js';
import { AppProtection } from './app-protection.js';
import { AppSecrets } from './app-secrets.js';
import { AppSecretsController } from './app-secrets.controller.js';
import { AppTransferController } from './app-transfer.controller.js';
import { AppTransfers } from './app-transfers.js';
import { AppsController } from './apps.controller.js';
import { ClientAssertions } from './client-assertions.js';
import { ClientAuthentication } from './client-authentication.js';
import { ClientEntity } from './client.entity.js';
import { ClientKeys } from './client-keys.js';
import { ClientList } from './client-list.js';
import { ClientOriginEntity } from './client-origin.entity.js';
import { ClientOrigins } from './client-origins.js';
import { ClientRegistry } from './client-registry.js';
import { ClientSecretEntity } from './client-secret.entity.js';
import { ClientStore } from './client-store.js';
import { DeclaredPermissions } from './declared-permissions.js';
import { GrantTypes } from './grant-types.js';
import { OperatorClientSetup } from './operator-client.js';
import { ResourceAccess } from './resource-access.js';
import { UsedAssertionEntity } from './used-assertion.entity.js';

/**
 * Owns the app: its RFC 7591 metadata and Clinch's switches beside it, its secrets and keys, and the proof that a
 * request comes from it. Hands on `ClientRegistry` (find an app), `ClientAuthentication`, and `ResourceAccess` (what an
 * app may have on an API). Leaves who may enter an
 * app to `access`, and what its tokens say to `claims`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([ClientEntity, ClientSecretEntity, ClientOriginEntity, UsedAssertionEntity]),
    AdminModule,
    ApiResourceModule,
    HttpModule,
    AuditModule,
    KeyringModule,
    OutboundModule,
  ],
  // What has a path of its own comes before what takes any.
  controllers: [AppTransferController, AppsController, AppSecretsController],
  providers: [
    AppTransfers,
    AppAdministration,
    AppBelongings,
    AppChecks,
    AppFacts,
    AppJudge,
    AppProtection,
    AppReports,
    AppSecrets,
    GrantTypes,
    ClientList,
    ClientRegistry,
    ClientStore,
    DeclaredPermissions,
    ClientOrigins,
    ClientKeys,
    ClientAssertions,
    ClientAuthentication,
    OperatorClientSetup,
    ResourceAccess,
  ],
  exports: [
    AppAdministration,
    AppBelongings,
    AppChecks,
    AppJudge,
    AppProtection,
    AppReports,
    ClientList,
    ClientRegistry,
    ClientStore,
    ClientAuthentication,
    DeclaredPermissions,
    GrantTypes,
    ResourceAccess,
  ],
})
export class AppRegistryModule {}
