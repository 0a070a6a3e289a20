import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { BackChannelLogoutModule } from '../back-channel-logout/back-channel-logout.module.js';
import { RefreshTokenModule } from '../refresh-token/refresh-token.module.js';
import { SessionModule } from '../session/session.module.js';
import { SignOut } from './sign-out.js';

/**
 * Owns what it means that a session ends: what came of it ends too, and the apps are told. Hands on `SignOut`, which
 * whoever ends a session calls. Leaves telling the apps to `back-channel-logout`, and the pages to their rooms.
 */
@Module({
  imports: [AuditModule, SessionModule, RefreshTokenModule, BackChannelLogoutModule],
  providers: [SignOut],
  exports: [SignOut],
})
export class SignOutModule {}
