import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { ClinchConfig } from '../config/clinch-config.js';
import { bearerChallenge } from '../http/bearer.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { assertMayReadMetrics } from './metrics-access.js';
import { CONTENT_TYPE, Metrics } from './metrics.js';

/** For Prometheus, and whoever reads its format. */
@Controller()
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly config: ClinchConfig,
  ) {}

  @Get('/metrics')
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    try {
      assertMayReadMetrics(request, this.config.metricsToken);
    } catch (error) {
      if (error instanceof OAuthError && error.status === 401) response.set('WWW-Authenticate', bearerChallenge(error));
      throw error;
    }
    const text = await this.metrics.expose();
    response.set({ 'Cache-Control': 'no-store', 'Content-Type': CONTENT_TYPE }).send(text);
  }
}
