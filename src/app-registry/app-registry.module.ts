import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { HttpModule } from '../http/http.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { OutboundModule } from '../outbound/outbound.module.js';
import { ClientAssertions } from './client-assertions.js';
import { ClientAuthentication } from './client-authentication.js';
import { ClientEntity } from './client.entity.js';
import { ClientKeys } from './client-keys.js';
import { ClientOriginEntity } from './client-origin.entity.js';
import { ClientOrigins } from './client-origins.js';
import { ClientRegistry } from './client-registry.js';
import { ClientSecretEntity } from './client-secret.entity.js';
import { ClientStore } from './client-store.js';
import { OperatorClientSetup } from './operator-client.js';
import { UsedAssertionEntity } from './used-assertion.entity.js';

/**
 * Owns the app: its RFC 7591 metadata and Clinch's switches beside it, its secrets and keys, and the proof that a
 * request comes from it. Hands on `ClientRegistry` (find an app) and `ClientAuthentication`. Leaves who may enter an
 * app to `access`, and what its tokens say to `claims`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([ClientEntity, ClientSecretEntity, ClientOriginEntity, UsedAssertionEntity]),
    HttpModule,
    AuditModule,
    KeyringModule,
    OutboundModule,
  ],
  providers: [
    ClientRegistry,
    ClientStore,
    ClientOrigins,
    ClientKeys,
    ClientAssertions,
    ClientAuthentication,
    OperatorClientSetup,
  ],
  exports: [ClientRegistry, ClientStore, ClientAuthentication],
})
export class AppRegistryModule {}
