import { Module } from '@nestjs/common';
import { AdminModule } from '../admin/admin.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { HttpModule } from '../http/http.module.js';
import { BuildInfo } from './build-info.js';
import { DatabaseClock } from './database-clock.js';
import { Draining } from './draining.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { Purge } from './purge.js';
import { SignInFigures } from './sign-in-figures.js';
import { SettingsController } from './settings.controller.js';
import { SettingsModule } from '../settings/settings.module.js';
import { WorkersModule } from '../workers/workers.module.js';

/**
 * Owns what keeps a server running and what operators watch: the purge of what is past its time, metrics, liveness,
 * readiness, the drain before an end, the admin API of what they set for the whole server. Leaves how long rows are kept to the rooms, which declare it beside their entities.
 */
@Module({
  imports: [HttpModule, AdminModule, AuditModule, SettingsModule, WorkersModule],
  controllers: [HealthController, MetricsController, SettingsController],
  providers: [BuildInfo, DatabaseClock, Draining, Metrics, Purge, SignInFigures],
  exports: [Draining],
})
export class OperationsModule {}
