import { Controller, Get, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { readForm } from '../http/read-form.js';
import { seeOther } from '../http/see-other.js';
import { continueUrl } from './continue-url.js';
import { formSubject } from './form-subject.js';
import { InteractionPages } from './interaction-pages.js';
import { Interactions } from './interactions.js';
import { askingOf } from './person-at-app.js';

/** /refused: this app is not open to you; back to it, or somebody else? */
@Controller()
@UseFilters(PageErrorFilter)
export class RefusalController {
  constructor(
    private readonly interactions: Interactions,
    private readonly pages: InteractionPages,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  @Get('/refused')
  async show(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Query('interaction') id: unknown,
  ): Promise<void> {
    const open = await this.interactions.openForApp(request, typeof id === 'string' ? id : undefined);
    const signedIn = await this.interactions.current(request);
    const due = await this.interactions.isDue('refused', open, signedIn, askingOf(request));
    if (signedIn === undefined || !due) seeOther(response, continueUrl(this.config, open.interaction.id));
    else this.pages.refused(request, response, open, signedIn.account);
  }

  @Post('/refused')
  async decide(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const form = (await readForm(request)).refuseRepeats();
    const id = form.get('interaction');
    const signedIn = await this.interactions.current(request);
    this.csrf.check(request, formSubject(id, signedIn?.account), form.get('csrf_token'));
    const { interaction } = await this.interactions.openForApp(request, id);
    const decision = form.get('decision');
    if (decision === 'other')
      seeOther(response, `${this.config.url('/login')}?interaction=${interaction.id}&account=choose`);
    else if (decision === 'back') seeOther(response, `${continueUrl(this.config, interaction.id)}&decision=back`);
    else throw new PageError('invalid_request', { hint: 'no decision' });
  }
}
