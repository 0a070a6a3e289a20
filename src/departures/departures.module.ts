import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { RefreshTokenModule } from '../refresh-token/refresh-token.module.js';
import { SessionModule } from '../session/session.module.js';
import { Departures } from './departures.js';
import { LogoutNoticeEntity } from './logout-notice.entity.js';
import { LogoutNotices } from './logout-notices.js';

/**
 * Owns what happens to somebody who leaves the organisation: the account is closed, they are out of every app, and the
 * apps' notices of it are queued. Hands on the departure and the return. Leaves to the identity sources how that becomes
 * known, and to somebody else the delivery of the notices.
 */
@Module({
  imports: [TypeOrmModule.forFeature([LogoutNoticeEntity]), AuditModule, SessionModule, RefreshTokenModule],
  providers: [Departures, LogoutNotices],
  exports: [Departures],
})
export class DeparturesModule {}
