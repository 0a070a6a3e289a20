import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { RefreshTokenModule } from '../refresh-token/refresh-token.module.js';
import { SessionModule } from '../session/session.module.js';
import { Departures } from './departures.js';

/**
 * Owns what happens to somebody who leaves the organisation: the account is closed, and they are out of every app. Hands
 * on the departure and the return. Leaves to the identity sources how that becomes known.
 */
@Module({
  imports: [AuditModule, SessionModule, RefreshTokenModule],
  providers: [Departures],
  exports: [Departures],
})
export class DeparturesModule {}
