import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsModule } from '../accounts/accounts.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { AppRegistryModule } from '../app-registry/app-registry.module.js';
import { AuditEventEntity } from '../audit/audit-event.entity.js';
import { AuditModule } from '../audit/audit.module.js';
import { AuditEvents } from './audit-events.js';
import { AuditEventsController } from './audit-events.controller.js';
import { Timelines } from './timelines.js';

/**
 * Owns how the trail is read: its admin API, and the time line that tells a sign-in in plain words. Hands on the time line
 * to the console. Changes nothing; leaves the chain to `audit-trail`.
 */
@Module({
  imports: [TypeOrmModule.forFeature([AuditEventEntity]), AccountsModule, AdminModule, AppRegistryModule, AuditModule],
  controllers: [AuditEventsController],
  providers: [AuditEvents, Timelines],
  exports: [Timelines],
})
export class AuditReadingModule {}
