import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { WithoutHead } from '../http/route-table.js';
import { Interactions } from '../interaction/interactions.js';

/** /account/switch: to the choice among the accounts of this browser, and to the apps of whoever was chosen. */
@Controller()
@UseFilters(PageErrorFilter)
export class SwitchController {
  constructor(private readonly interactions: Interactions) {}

  @Get('/account/switch')
  @WithoutHead()
  async choose(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    await this.interactions.signInFor(request, response, '/', { select: true });
  }
}
