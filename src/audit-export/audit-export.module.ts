import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditExportEntity } from './audit-export.entity.js';

/** Owns where audit events are sent to, and the sending. */
@Module({ imports: [TypeOrmModule.forFeature([AuditExportEntity])] })
export class AuditExportModule {}
