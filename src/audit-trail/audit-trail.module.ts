import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { SettingsModule } from '../settings/settings.module.js';
import { AuditChain } from './audit-chain.js';
import { ChainWorker } from './chain-worker.js';

/**
 * Owns the chain of the audit events: their places and hashes, how long they are kept, and the proof that nobody has
 * touched them. Leaves writing events to `audit`, and reading them to `audit-reading`.
 */
@Module({
  imports: [AuditModule, SettingsModule],
  providers: [AuditChain, ChainWorker],
  exports: [AuditChain, ChainWorker],
})
export class AuditTrailModule {}
