import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { BackChannelLogoutModule } from '../back-channel-logout/back-channel-logout.module.js';
import { AccessEnds } from './access-ends.js';
import { AccessEnforcement } from './access-enforcement.js';
import { AccessEnforcementController } from './access-enforcement.controller.js';
import { Holdings } from './holdings.js';

/**
 * Owns what becomes of what is out already when access is taken away: codes, devices, refresh tokens and access tokens
 * end now, and the app is told. Hands on `AccessEnds`. Leaves who may enter to `access`, and that access tokens ask for their end to
 * `access-token`.
 */
@Module({
  imports: [AccessModule, AccountsModule, AdminModule, AppRegistryModule, AuditModule, BackChannelLogoutModule],
  controllers: [AccessEnforcementController],
  providers: [AccessEnds, AccessEnforcement, Holdings],
  exports: [AccessEnds],
})
export class AccessEnforcementModule {}
