import { Controller, Get, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { Problem } from '../admin/problem.js';
import type { Timeline } from '../audit-reading/audit-event.dto.js';
import { PEOPLE_READ, Timelines } from '../audit-reading/timelines.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageSender } from '../http/page-sender.js';
import { CONSOLE_PATH, ConsolePages, type ConsoleRequest } from './console-pages.js';
import { TimelinePage } from './timeline.page.js';

const AUDIT_READ = 'clinch:audit-events:read';

/** The page that tells a sign-in, found by the trace id on the person's error page. */
@Controller(`${CONSOLE_PATH}/timeline`)
@UseFilters(PageErrorFilter)
export class ConsoleAuditController {
  constructor(
    private readonly console: ConsolePages,
    private readonly pages: PageSender,
    private readonly timelines: Timelines,
  ) {}

  @Get()
  async show(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Query('trace_id') asked: unknown,
  ): Promise<void> {
    const entered = await this.console.enter(request, response, AUDIT_READ, PEOPLE_READ);
    if (entered === undefined) return;
    const traceId = typeof asked === 'string' ? asked.trim() : '';
    const timeline = traceId === '' ? undefined : await this.find(entered, traceId);
    const missing = traceId !== '' && timeline === undefined;
    const found = timeline === undefined ? {} : { timeline };
    this.console.show(entered, (frame) => TimelinePage({ ...frame, traceId, ...found }), missing ? 404 : 200);
  }

  private async find({ request, actor }: ConsoleRequest, traceId: string): Promise<Timeline | undefined> {
    try {
      return await this.timelines.tell(traceId, this.pages.frame(request).locale, actor);
    } catch (error) {
      if (error instanceof Problem && error.kind === 'not-found') return undefined;
      throw error;
    }
  }
}
