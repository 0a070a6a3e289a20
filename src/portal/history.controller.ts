import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { KEEP_MS } from '../sign-in-history/history-line.js';
import { OWN_PATHS } from '../ui/own-page-layout.js';
import { HistoryPage } from './history.page.js';
import { OwnHistory } from './own-history.js';
import { OwnPages, zoneOf } from './own-pages.js';

const DAY_MS = 24 * 3_600_000;

/** /account/history: the time line of somebody's sign-ins. */
@Controller()
@UseFilters(PageErrorFilter)
export class HistoryController {
  constructor(
    private readonly pages: OwnPages,
    private readonly history: OwnHistory,
  ) {}

  @Get(OWN_PATHS.history)
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const signedIn = await this.pages.enter(request, response, OWN_PATHS.history);
    if (signedIn === undefined) return;
    const { before } = request.query;
    const after = typeof before === 'string' ? before : undefined;
    const part = await this.history.of(signedIn.account, after);
    const page = HistoryPage({
      ...this.pages.frame(request, signedIn),
      ...part,
      days: KEEP_MS / DAY_MS,
      zone: zoneOf(signedIn),
      isOlder: after !== undefined,
    });
    this.pages.send(response, page);
  }
}
