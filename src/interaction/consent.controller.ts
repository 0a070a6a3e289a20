import { Controller, Get, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { AuditLog } from '../audit/audit-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { readForm } from '../http/read-form.js';
import { seeOther } from '../http/see-other.js';
import { visitorOf } from '../http/visitor.js';
import type { SignedIn } from '../session/session-store.js';
import { ConsentStore } from './consent-store.js';
import { continueUrl } from './continue-url.js';
import { formSubject } from './form-subject.js';
import { InteractionPages } from './interaction-pages.js';
import { InteractionStore } from './interaction-store.js';
import { Interactions, type AppInteraction } from './interactions.js';
import { askingOf } from './person-at-app.js';
import { scopeToAgreeTo } from './scope-to-agree-to.js';

/** /consent: may this app have this? */
@Controller()
@UseFilters(PageErrorFilter)
export class ConsentController {
  constructor(
    private readonly interactions: Interactions,
    private readonly store: InteractionStore,
    private readonly consents: ConsentStore,
    private readonly pages: InteractionPages,
    private readonly csrf: Csrf,
    private readonly audit: AuditLog,
    private readonly config: ClinchConfig,
  ) {}

  @Get('/consent')
  async show(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Query('interaction') id: unknown,
  ): Promise<void> {
    const open = await this.interactions.openForApp(request, typeof id === 'string' ? id : undefined);
    const signedIn = await this.interactions.current(request);
    const due = await this.interactions.isDue('consent', open, signedIn, askingOf(request));
    if (signedIn === undefined || !due) seeOther(response, continueUrl(this.config, open.interaction.id));
    else await this.pages.consent(request, response, open, signedIn.account);
  }

  @Post('/consent')
  async decide(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const form = (await readForm(request)).refuseRepeats();
    const id = form.get('interaction');
    const signedIn = await this.interactions.current(request);
    this.csrf.check(request, formSubject(id, signedIn?.account), form.get('csrf_token'));
    const open = await this.interactions.openForApp(request, id);
    const decision = form.get('decision');
    if (decision !== 'allow' && decision !== 'deny') throw new PageError('invalid_request', { hint: 'no decision' });
    const target = continueUrl(this.config, open.interaction.id);
    // Not before its turn: a consent must not be noted while the app waits for a fresh sign-in.
    const due = await this.interactions.isDue('consent', open, signedIn, askingOf(request));
    if (decision === 'allow' && due && signedIn !== undefined) await this.allow(request, open, signedIn);
    seeOther(response, decision === 'deny' ? `${target}&decision=deny` : target);
  }

  private async allow(
    request: ClinchRequest,
    { interaction, browser, client }: AppInteraction,
    signedIn: SignedIn,
  ): Promise<void> {
    const scope = scopeToAgreeTo(interaction.request, client);
    await this.consents.add(signedIn.account.id, client, scope);
    await this.store.giveConsent(interaction.id, browser, signedIn.session.id);
    this.audit.record(
      'consent.given',
      {
        clientId: client.id,
        accountId: signedIn.account.id,
        ...visitorOf(request),
      },
      { scope },
    );
  }
}
