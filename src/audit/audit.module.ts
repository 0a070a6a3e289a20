import { Module } from '@nestjs/common';
import { AuditLog } from './audit-log.js';
import { ServerLog } from './server-log.js';

/**
 * Owns what is written down about a running server: structured log lines, and among them the audit events (what
 * happened, who did it, why it was refused). Leaves what is worth an event to the room where it happens.
 */
@Module({
  providers: [ServerLog, AuditLog],
  exports: [ServerLog, AuditLog],
})
export class AuditModule {}
