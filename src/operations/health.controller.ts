import { Controller, Get, Header, HttpCode, Injectable, Res } from '@nestjs/common';
import type { Response } from 'express';
import { DatabaseClock, MOST_SKEW } from './database-clock.js';
import { Draining } from './draining.js';

/** For load balancers and orchestrators. */
@Controller()
@Injectable()
export class HealthController {
  constructor(
    private readonly clock: DatabaseClock,
    private readonly draining: Draining,
  ) {}

  /** The process runs and its event loop turns; nothing else, so that a database outage restarts nobody. */
  @Get('/livez')
  @Header('Cache-Control', 'no-store')
  livez(): { status: string } {
    return { status: 'alive' };
  }

  /** Requests are welcome: the database answers, the clock is right, and nobody asked the process to end. */
  @Get('/readyz')
  @Header('Cache-Control', 'no-store')
  @HttpCode(200)
  async readyz(@Res({ passthrough: true }) response: Response): Promise<{ status: string }> {
    if (this.draining.begun) return this.notReady(response, 'draining');
    try {
      const skew = Math.round(await this.clock.skew());
      if (Math.abs(skew) <= MOST_SKEW) return { status: 'ready' };
      const where = skew > 0 ? 'ahead of' : 'behind';
      return this.notReady(response, `the clock is ${Math.abs(skew)} seconds ${where} that of the database`);
    } catch {
      return this.notReady(response, 'database unavailable');
    }
  }

  private notReady(response: Response, status: string): { status: string } {
    response.status(503).set('Retry-After', '2');
    return { status };
  }
}
