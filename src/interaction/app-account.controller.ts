import { Controller, Get, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { AppAccounts } from '../app-accounts/app-accounts.js';
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
import { InteractionStore } from './interaction-store.js';
import { Interactions } from './interactions.js';
import { askingOf } from './person-at-app.js';

/** /app-account: under which of their names in the app does the person go on? */
@Controller()
@UseFilters(PageErrorFilter)
export class AppAccountController {
  constructor(
    private readonly interactions: Interactions,
    private readonly store: InteractionStore,
    private readonly appAccounts: AppAccounts,
    private readonly pages: InteractionPages,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  @Get('/app-account')
  async show(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Query('interaction') id: unknown,
  ): Promise<void> {
    const open = await this.interactions.openForApp(request, typeof id === 'string' ? id : undefined);
    const signedIn = await this.interactions.current(request);
    const due = await this.interactions.isDue('select_app_account', open, signedIn, askingOf(request));
    if (signedIn === undefined || !due) {
      seeOther(response, continueUrl(this.config, open.interaction.id));
      return;
    }
    const choices = await this.appAccounts.choicesOf(signedIn.account, open.client);
    this.pages.selectAppAccount(request, response, open, signedIn.account, choices);
  }

  @Post('/app-account')
  async choose(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const form = (await readForm(request)).refuseRepeats();
    const id = form.get('interaction');
    const signedIn = await this.interactions.current(request);
    this.csrf.check(request, formSubject(id, signedIn?.account), form.get('csrf_token'));
    const { interaction, browser, client } = await this.interactions.openForApp(request, id);
    const wanted = form.get('app_account');
    if (wanted === undefined) throw new PageError('invalid_request', { hint: 'no choice' });
    const choices = signedIn === undefined ? [] : await this.appAccounts.choicesOf(signedIn.account, client);
    const chosen = choices.find((choice) => choice.id === wanted);
    // A name that was taken away meanwhile is no choice any more: the dispatcher asks again, or goes on with what is left.
    if (chosen !== undefined && signedIn !== undefined) {
      await this.store.selectAppAccount(interaction.id, browser, chosen.id);
      await this.appAccounts.chosen(chosen.id, signedIn.account, client);
    }
    seeOther(response, continueUrl(this.config, interaction.id));
  }
}
