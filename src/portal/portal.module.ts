import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AccountsModule } from '../accounts/accounts.module.js';
import { ApiResourceModule } from '../api-resource/api-resource.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AppTemplatesModule } from '../app-templates/app-templates.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { ConsentsModule } from '../consents/consents.module.js';
import { CustomScopesModule } from '../custom-scopes/custom-scopes.module.js';
import { PeopleModule } from '../dingtalk/people/people.module.js';
import { HttpModule } from '../http/http.module.js';
import { InteractionModule } from '../interaction/interaction.module.js';
import { RefreshTokenModule } from '../refresh-token/refresh-token.module.js';
import { SessionModule } from '../session/session.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { SignInHistoryModule } from '../sign-in-history/sign-in-history.module.js';
import { SignOutModule } from '../sign-out/sign-out.module.js';
import { AgreedScopes } from './agreed-scopes.js';
import { AppsController } from './apps.controller.js';
import { ConnectedApps } from './connected-apps.js';
import { ConnectedController } from './connected.controller.js';
import { DevicesController } from './devices.controller.js';
import { HistoryController } from './history.controller.js';
import { OwnDevices } from './own-devices.js';
import { OwnHistory } from './own-history.js';
import { OwnPages } from './own-pages.js';
import { PasswordController } from './password.controller.js';
import { PortalApps } from './portal-apps.js';
import { ProfileEditController } from './profile-edit.controller.js';
import { ProfileController } from './profile.controller.js';
import { ProfileFacts } from './profile-facts.js';
import { SessionsController } from './sessions.controller.js';
import { SwitchController } from './switch.controller.js';

/**
 * Owns a person's own pages: `/`, the apps that they may open, and `/account/…`. Everything on them is about whoever is
 * signed in and nobody else. Leaves opening an app to `launch`, the sign-in to `interaction`, ending a session to
 * `sign-out`, and what a withdrawal means to `consents`.
 */
@Module({
  imports: [
    HttpModule,
    AuditModule,
    AccountsModule,
    ApiResourceModule,
    AppRegistryModule,
    AppTemplatesModule,
    CustomScopesModule,
    AccessModule,
    ConsentsModule,
    InteractionModule,
    RefreshTokenModule,
    SessionModule,
    SettingsModule,
    SignInHistoryModule,
    SignOutModule,
    PeopleModule,
  ],
  controllers: [
    AppsController,
    ConnectedController,
    DevicesController,
    HistoryController,
    PasswordController,
    ProfileController,
    ProfileEditController,
    SessionsController,
    SwitchController,
  ],
  providers: [OwnPages, PortalApps, ConnectedApps, AgreedScopes, OwnDevices, OwnHistory, ProfileFacts],
})
export class PortalModule {}
