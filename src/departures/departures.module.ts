import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { BackChannelLogoutModule } from '../back-channel-logout/back-channel-logout.module.js';
import { RefreshTokenModule } from '../refresh-token/refresh-token.module.js';
import { SessionModule } from '../session/session.module.js';
import { Departures } from './departures.js';

/**
 * Owns what happens to somebody who leaves the organisation: the account is closed, they are out of every app, and the
 * apps' notices of it are queued. Hands on the departure and the return. Leaves to the identity sources how that becomes
 * known, and to `back-channel-logout` the delivery of the notices.
 */
@Module({
  imports: [AuditModule, SessionModule, RefreshTokenModule, BackChannelLogoutModule],
  providers: [Departures],
  exports: [Departures],
})
export class DeparturesModule {}
