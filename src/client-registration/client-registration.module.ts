import { Module } from '@nestjs/common';
import { AdminModule } from '../admin/admin.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { HttpModule } from '../http/http.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { ClientConfiguration } from './client-configuration.js';
import { ClientRegistrationController } from './client-registration.controller.js';
import { ClientRegistration } from './client-registration.js';

/**
 * Owns dynamic client registration (RFC 7591, OpenID Connect Registration 1.0) and what a registered app may read and
 * end of itself (RFC 7592): the wire's shapes, and the registration access token. Leaves what an app may be to
 * `app-registry`, by whose rules the admin API goes as well, and who may register one to `admin`.
 */
@Module({
  imports: [HttpModule, AdminModule, AppRegistryModule, KeyringModule],
  controllers: [ClientRegistrationController],
  providers: [ClientConfiguration, ClientRegistration],
})
export class ClientRegistrationModule {}
