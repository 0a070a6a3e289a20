import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { HttpModule } from '../http/http.module.js';
import { InteractionModule } from '../interaction/interaction.module.js';
import { SessionModule } from '../session/session.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { AppsController } from './apps.controller.js';
import { OwnPages } from './own-pages.js';
import { PortalApps } from './portal-apps.js';

/**
 * Owns a person's own pages: `/`, the apps that they may open, and `/account/…`. Everything on them is about whoever is signed in and nobody else. Leaves opening an app to
 * `launch`, the sign-in to `interaction`.
 */
@Module({
  imports: [HttpModule, AccessModule, InteractionModule, SessionModule, SettingsModule],
  controllers: [AppsController],
  providers: [OwnPages, PortalApps],
})
export class PortalModule {}
