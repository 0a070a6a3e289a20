import { Module } from '@nestjs/common';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { HttpModule } from '../http/http.module.js';
import { SessionModule } from '../session/session.module.js';
import { SignOutModule } from '../sign-out/sign-out.module.js';
import { SubjectsModule } from '../subjects/subjects.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { EnteredApps } from './entered-apps.js';
import { LogoutController } from './logout.controller.js';
import { LogoutHints } from './logout-hint.js';
import { LogoutPages } from './logout-pages.js';
import { LogoutRequests } from './logout-request.js';

/**
 * Owns /oidc/logout (OpenID Connect RP-Initiated Logout 1.0): judges the request, asks the person where it does not prove
 * itself, and sends the browser back to the app. And the frames of the signed-out page (Front-Channel Logout 1.0). Leaves
 * what ends with a session to `sign-out`, and telling the apps behind the browser to `back-channel-logout`.
 */
@Module({
  imports: [HttpModule, TokenSigningModule, AppRegistryModule, SubjectsModule, SessionModule, SignOutModule],
  controllers: [LogoutController],
  providers: [LogoutRequests, LogoutHints, LogoutPages, EnteredApps],
})
export class LogoutModule {}
