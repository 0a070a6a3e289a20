import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditChainEntity } from './audit-chain.entity.js';
import { AuditEventEntity } from './audit-event.entity.js';
import { AuditLog } from './audit-log.js';
import { AuditWriter } from './audit-writer.js';
import { ServerLog } from './server-log.js';

/**
 * Owns what is written down about a running server: structured log lines, and among them the audit events (what
 * happened, who did it, why it was refused), which also become rows of the trail, with the change or some at a time.
 * Leaves what is worth an event to the room where it happens, and the chain and whoever reads it to `audit-trail`.
 */
@Module({
  imports: [TypeOrmModule.forFeature([AuditEventEntity, AuditChainEntity])],
  providers: [ServerLog, AuditWriter, AuditLog],
  exports: [ServerLog, AuditWriter, AuditLog],
})
export class AuditModule {}
