import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountClosings } from '../accounts/account-closings.js';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { OutboundModule } from '../outbound/outbound.module.js';
import { SubjectsModule } from '../subjects/subjects.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { LogoutDeliveriesController } from './logout-deliveries.controller.js';
import { LogoutDelivery } from './logout-delivery.js';
import { LogoutLog } from './logout-log.js';
import { LogoutNoticeEntity } from './logout-notice.entity.js';
import { LogoutNotices } from './logout-notices.js';
import { LogoutNoticeStore } from './logout-notice-store.js';
import { LogoutTokens } from './logout-tokens.js';
import { LogoutWorker } from './logout-worker.js';

/**
 * Owns what apps are told behind the browser when somebody is signed out (OpenID Connect Back-Channel Logout 1.0): the
 * queue, the logout tokens, the delivery and its log. Hands on the queue, and the worker's counts. Leaves ending anything
 * to `sign-out`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([LogoutNoticeEntity]),
    AccountsModule,
    AdminModule,
    AppRegistryModule,
    AuditModule,
    OutboundModule,
    SubjectsModule,
    TokenSigningModule,
  ],
  controllers: [LogoutDeliveriesController],
  providers: [LogoutDelivery, LogoutLog, LogoutNotices, LogoutNoticeStore, LogoutTokens, LogoutWorker],
  exports: [LogoutNotices, LogoutNoticeStore, LogoutWorker],
})
export class BackChannelLogoutModule {
  constructor(closings: AccountClosings, notices: LogoutNotices) {
    closings.declare({
      note: async (manager, accountId, cause) => void (await notices.queueForAccount(accountId, cause, manager)),
      afterwards: () => notices.wake(),
    });
  }
}
