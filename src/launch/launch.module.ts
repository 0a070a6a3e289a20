import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '../access/access.module.js';
import { AppAccountsModule } from '../app-accounts/app-accounts.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { AppTemplatesModule } from '../app-templates/app-templates.module.js';
import { HttpModule } from '../http/http.module.js';
import { InteractionModule } from '../interaction/interaction.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { SessionModule } from '../session/session.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { HandoverController } from './handover.controller.js';
import { HandoverEntity } from './handover.entity.js';
import { HandoverStore } from './handover-store.js';
import { LaunchController } from './launch.controller.js';
import { LaunchEntry } from './launch-entry.js';
import { LaunchPages } from './launch-pages.js';
import { RoleLaunchController } from './role-launch.controller.js';
import { RoleLaunches } from './role-launches.js';
import { RolePages } from './role-pages.js';

/**
 * Owns /launch/{client_id}, the address by which an app is opened from DingTalk's workbench or from anywhere else, and
 * /handover, by which a session comes from DingTalk's browser to the system's own. For an app
 * of a template it asks which role. Leaves the sign-in to `interaction`,
 * who may use the app to `access`, taking a role to `app-templates`, and the app's own part
 * of the flow to the app.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([HandoverEntity]),
    HttpModule,
    AuditModule,
    KeyringModule,
    AppAccountsModule,
    AppTemplatesModule,
    AppRegistryModule,
    AccessModule,
    SessionModule,
    SettingsModule,
    InteractionModule,
  ],
  controllers: [LaunchController, RoleLaunchController, HandoverController],
  providers: [HandoverStore, LaunchEntry, LaunchPages, RoleLaunches, RolePages],
})
export class LaunchModule {}
