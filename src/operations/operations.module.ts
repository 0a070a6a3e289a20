import { Module } from '@nestjs/common';
import { AdminModule } from '../admin/admin.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { HttpModule } from '../http/http.module.js';
import { Draining } from './draining.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { Purge } from './purge.js';
import { SettingsController } from './settings.controller.js';
import { SettingsModule } from '../settings/settings.module.js';

/**
 * Owns what keeps a server running and what operators watch: the purge of what is past its time, metrics, liveness,
 * readiness, the drain before an end, the admin API of what they set for the whole server. Leaves how long rows are kept to the rooms, which declare it beside their entities.
 */
@Module({
  imports: [HttpModule, AdminModule, AuditModule, SettingsModule],
  controllers: [HealthController, MetricsController, SettingsController],
  providers: [Draining, Metrics, Purge],
  exports: [Draining],
})
export class OperationsModule {}
