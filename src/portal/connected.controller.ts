import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { ConsentWithdrawal } from '../consents/consent-withdrawal.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { OWN_PATHS } from '../ui/own-page-layout.js';
import { AgreedScopes } from './agreed-scopes.js';
import { afterwards } from './afterwards.js';
import { ConnectedApps } from './connected-apps.js';
import { ConnectedPage } from './connected.page.js';
import { actorOf, isDone, OwnPages, zoneOf } from './own-pages.js';

/** /account/apps: what apps may have of somebody. */
@Controller()
@UseFilters(PageErrorFilter)
export class ConnectedController {
  constructor(
    private readonly pages: OwnPages,
    private readonly apps: ConnectedApps,
    private readonly scopes: AgreedScopes,
    private readonly withdrawal: ConsentWithdrawal,
  ) {}

  @Get(OWN_PATHS.connected)
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const signedIn = await this.pages.enter(request, response, OWN_PATHS.connected);
    if (signedIn === undefined) return;
    const frame = this.pages.formFrame(request, response, signedIn);
    const apps = await this.apps.of(signedIn.account, frame.locale);
    const words = await this.scopes.wordsFor([...new Set(apps.flatMap(({ scope }) => scope))], frame.locale);
    const page = ConnectedPage({
      ...frame,
      apps,
      words,
      now: new Date(),
      zone: zoneOf(signedIn),
      done: isDone(request),
      asks: request.query['asks'] === '1',
    });
    this.pages.send(response, page);
  }

  @Post(OWN_PATHS.connected)
  async withdraw(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const submitted = await this.pages.submitted(request, response, OWN_PATHS.connected);
    if (submitted === undefined) return;
    const { signedIn, form } = submitted;
    const clientId = form.get('client_id');
    if (clientId === undefined) throw new PageError('invalid_request', { hint: 'no client_id' });
    const { locale } = this.pages.frame(request, signedIn);
    const connected = await this.apps.of(signedIn.account, locale);
    const app = connected.find(({ client }) => client.id === clientId);
    if (app !== undefined) await this.withdrawal.withdraw(signedIn.account.id, clientId, actorOf(request, signedIn));
    const page = afterwards(OWN_PATHS.connected, app !== undefined);
    this.pages.goTo(response, app?.client.metadata.requireConsent === true ? `${page}&asks=1` : page);
  }
}
