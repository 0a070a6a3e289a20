import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessModule } from '../access/access.module.js';
import { AppAccountsModule } from '../app-accounts/app-accounts.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { HttpModule } from '../http/http.module.js';
import { InteractionModule } from '../interaction/interaction.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { SessionModule } from '../session/session.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { HandoverController } from './handover.controller.js';
import { HandoverEntity } from './handover.entity.js';
import { HandoverStore } from './handover-store.js';
import { LaunchController } from './launch.controller.js';
import { LaunchPages } from './launch-pages.js';

/**
 * Owns /launch/{client_id}, the address by which an app is opened from DingTalk's workbench or from anywhere else, and
 * /handover, by which a session comes from DingTalk's browser to the system's own. Leaves the sign-in to `interaction`,
 * who may use the app to `access`, and the app's own part of the flow to the app.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([HandoverEntity]),
    HttpModule,
    AuditModule,
    KeyringModule,
    AppAccountsModule,
    AppRegistryModule,
    AccessModule,
    SessionModule,
    SettingsModule,
    InteractionModule,
  ],
  controllers: [LaunchController, HandoverController],
  providers: [HandoverStore, LaunchPages],
})
export class LaunchModule {}
