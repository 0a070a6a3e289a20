import { Controller, Get, Header, HttpCode, Injectable, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Database, statement } from '../database/database.js';
import { Draining } from './draining.js';

const PING = statement('ping', 'SELECT 1 AS one');

/** For load balancers and orchestrators. */
@Controller()
@Injectable()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly draining: Draining,
  ) {}

  /** The process runs and its event loop turns; nothing else, so that a database outage restarts nobody. */
  @Get('/livez')
  @Header('Cache-Control', 'no-store')
  livez(): { status: string } {
    return { status: 'alive' };
  }

  /** Requests are welcome: the database answers, and nobody asked the process to end. */
  @Get('/readyz')
  @Header('Cache-Control', 'no-store')
  @HttpCode(200)
  async readyz(@Res({ passthrough: true }) response: Response): Promise<{ status: string }> {
    if (this.draining.begun) return this.notReady(response, 'draining');
    try {
      await this.database.first(PING);
      return { status: 'ready' };
    } catch {
      return this.notReady(response, 'database unavailable');
    }
  }

  private notReady(response: Response, status: string): { status: string } {
    response.status(503).set('Retry-After', '2');
    return { status };
  }
}
