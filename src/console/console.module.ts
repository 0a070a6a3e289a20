import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../admin/admin.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AppTemplatesModule } from '../app-templates/app-templates.module.js';
import { AuditReadingModule } from '../audit-reading/audit-reading.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { DingTalkAdministrationModule } from '../dingtalk/administration/dingtalk-administration.module.js';
import { DingTalkDirectoryModule } from '../dingtalk/directory/dingtalk-directory.module.js';
import { DingTalkEventsModule } from '../dingtalk/events/dingtalk-events.module.js';
import { IdentitySourceModule } from '../dingtalk/source/identity-source.module.js';
import { HttpModule } from '../http/http.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { ConsoleAppsController } from './apps.controller.js';
import { ConsoleAuditController } from './audit.controller.js';
import { ConsoleController } from './console.controller.js';
import { ConsolePages } from './console-pages.js';
import { ConsoleSessionEntity } from './console-session.entity.js';
import { ConsoleSourceActivityController } from './source-activity.controller.js';
import { ConsoleSourcesController } from './sources.controller.js';
import { SourceFacts } from './source-facts.js';
import { ConsoleSessions } from './console-sessions.js';

/**
 * Owns the console: the pages on which operators do by hand what the admin API offers to programs, and who is signed in
 * there. Leaves every rule to the rooms that it shows: a page calls what the API's controller calls.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([ConsoleSessionEntity]),
    AdminModule,
    AppRegistryModule,
    AppTemplatesModule,
    AuditModule,
    AuditReadingModule,
    HttpModule,
    KeyringModule,
    IdentitySourceModule,
    DingTalkAdministrationModule,
    DingTalkDirectoryModule,
    DingTalkEventsModule,
  ],
  controllers: [
    ConsoleController,
    ConsoleAppsController,
    ConsoleAuditController,
    ConsoleSourcesController,
    ConsoleSourceActivityController,
  ],
  providers: [ConsolePages, ConsoleSessions, SourceFacts],
})
export class ConsoleModule {}
