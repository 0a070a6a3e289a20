import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { SettingsEntity } from './settings.entity.js';
import { Settings } from './settings.js';

/**
 * Owns what operators set for the whole server: how long sessions last, what the portal shows, the look. Hands on the
 * values as they are now. Leaves their admin API to `operations`, and what they mean to whoever asks.
 */
@Module({
  imports: [TypeOrmModule.forFeature([SettingsEntity]), AuditModule],
  providers: [Settings],
  exports: [Settings],
})
export class SettingsModule {}
