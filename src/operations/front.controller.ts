import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageSender } from '../http/page-sender.js';
import { MESSAGES } from '../ui/messages.js';
import { NoticePage } from '../ui/notice.page.js';

/** `/`: for who wanders in. Says that this is the right place, and that sign-ins begin at an app. */
@Controller()
@UseFilters(PageErrorFilter)
export class FrontController {
  constructor(private readonly pages: PageSender) {}

  @Get('/')
  show(@Req() request: ClinchRequest, @Res() response: Response): void {
    const frame = this.pages.frame(request);
    const { runningTitle: title, runningBody: body } = MESSAGES[frame.locale].notice;
    this.pages.send(response, 200, NoticePage({ ...frame, title, body }));
  }
}
