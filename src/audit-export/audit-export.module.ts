import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../admin/admin.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { AuditTrailModule } from '../audit-trail/audit-trail.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { OutboundModule } from '../outbound/outbound.module.js';
import { AuditExportAdministration } from './audit-export-administration.js';
import { AuditExportEntity } from './audit-export.entity.js';
import { AuditExportsController } from './audit-exports.controller.js';
import { ExportSender } from './export-sender.js';
import { ExportWorker } from './export-worker.js';

/**
 * Owns where audit events are sent to (webhooks, syslog), how far each destination is, and the sending. The chain is its
 * queue. Leaves what an event is to `audit`, and its form to `audit-reading`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([AuditExportEntity]),
    AdminModule,
    AuditModule,
    AuditTrailModule,
    KeyringModule,
    OutboundModule,
  ],
  controllers: [AuditExportsController],
  providers: [AuditExportAdministration, ExportSender, ExportWorker],
})
export class AuditExportModule {}
