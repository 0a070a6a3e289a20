import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../../admin/admin.module.js';
import { AuditModule } from '../../audit/audit.module.js';
import { KeyringModule } from '../../keyring/keyring.module.js';
import { DingTalkApiModule } from '../api/dingtalk-api.module.js';
import { IdentitySourceEntity } from '../source/identity-source.entity.js';
import { IdentitySourceModule } from '../source/identity-source.module.js';
import { IdentitySourcesController } from './identity-sources.controller.js';
import { SourceAdministration } from './source-administration.js';
import { SourceChecks } from './source-checks.js';
import { SourceLeftovers } from './source-leftovers.js';

/**
 * Owns the identity sources' part of the admin API: the sources themselves, the check by real calls, and what to paste
 * into DingTalk's console. It stands below `dingtalk/source`, which hands the sources on, because it calls DingTalk and
 * knows what can be mapped. Leaves syncs and events to their rooms.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([IdentitySourceEntity]),
    AdminModule,
    AuditModule,
    KeyringModule,
    IdentitySourceModule,
    DingTalkApiModule,
  ],
  controllers: [IdentitySourcesController],
  providers: [SourceAdministration, SourceLeftovers, SourceChecks],
  exports: [SourceAdministration, SourceChecks],
})
export class DingTalkAdministrationModule {}
