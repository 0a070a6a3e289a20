import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LogoutNoticeEntity } from './logout-notice.entity.js';
import { LogoutNotices } from './logout-notices.js';

/**
 * Owns what apps are told behind the browser when somebody is signed out (OpenID Connect Back-Channel Logout 1.0): the
 * queue, the logout tokens, the delivery and its log. Hands on the queue. Leaves ending anything to `sign-out`.
 */
@Module({
  imports: [TypeOrmModule.forFeature([LogoutNoticeEntity])],
  providers: [LogoutNotices],
  exports: [LogoutNotices],
})
export class BackChannelLogoutModule {}
