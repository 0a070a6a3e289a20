import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { Draining } from './draining.js';
import { FrontController } from './front.controller.js';
import { HealthController } from './health.controller.js';

/** Owns what operators watch: liveness, readiness, the drain before an end. */
@Module({
  imports: [HttpModule],
  controllers: [HealthController, FrontController],
  providers: [Draining],
  exports: [Draining],
})
export class OperationsModule {}
