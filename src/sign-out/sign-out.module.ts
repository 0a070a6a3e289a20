import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { BackChannelLogoutModule } from '../back-channel-logout/back-channel-logout.module.js';
import { RefreshTokenModule } from '../refresh-token/refresh-token.module.js';
import { SessionModule } from '../session/session.module.js';
import { SessionsController } from './sessions.controller.js';
import { SignOut } from './sign-out.js';
import { SignOutEverywhere } from './sign-out-everywhere.js';
import { UserSignOutController } from './user-sign-out.controller.js';

/**
 * Owns what it means that a session ends: what came of it ends too, and the apps are told; and the operators' view of
 * sessions. Hands on `SignOut`, which whoever ends sessions calls, and `SignOutEverywhere`. Leaves telling the apps to `back-channel-logout`, and the pages to their rooms.
 */
@Module({
  imports: [AdminModule, AuditModule, AccountsModule, SessionModule, RefreshTokenModule, BackChannelLogoutModule],
  controllers: [SessionsController, UserSignOutController],
  providers: [SignOut, SignOutEverywhere],
  exports: [SignOut, SignOutEverywhere],
})
export class SignOutModule {}
