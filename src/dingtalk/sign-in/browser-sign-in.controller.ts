import { Controller, Get, Header, HttpCode, Param, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { ClinchConfig } from '../../config/clinch-config.js';
import type { ClinchRequest } from '../../http/clinch-request.js';
import { Csrf } from '../../http/csrf.js';
import { PageErrorFilter } from '../../http/page-error.filter.js';
import { PageError } from '../../http/page-error.js';
import { readForm } from '../../http/read-form.js';
import { WithoutHead } from '../../http/route-table.js';
import { seeOther } from '../../http/see-other.js';
import { formSubject } from '../../interaction/form-subject.js';
import { Parameters } from '../../protocol/parameters.js';
import type { IdentitySource } from '../source/identity-source.js';
import { OrganisationSignIn } from './organisation-sign-in.js';
import { loginAddress, SIGN_IN_PATHS } from './sign-in-addresses.js';
import { SignInVisits } from './sign-in-visits.js';

const WAY = 'browserSignIn';

/** Signing in on DingTalk's own page, by code to scan or by account: as a page of its own, or in a frame on ours. */
@Controller()
@UseFilters(PageErrorFilter)
export class BrowserSignInController {
  constructor(
    private readonly visits: SignInVisits,
    private readonly organisation: OrganisationSignIn,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  @Get('/dingtalk/:source/begin')
  @WithoutHead()
  async begin(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('source') sourceId: string,
    @Query('interaction') interactionId: unknown,
  ): Promise<void> {
    const source = await this.visits.source(sourceId, WAY);
    const id = typeof interactionId === 'string' ? interactionId : undefined;
    const { state } = await this.visits.begin(request, source, WAY, id);
    seeOther(response, loginAddress(source, this.callbackOf(source), state, false));
  }

  /** The address for the frame on the sign-in page, made when its script asks, so that most pages make none. */
  @Post('/dingtalk/:source/frame')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async frame(@Req() request: ClinchRequest, @Param('source') sourceId: string): Promise<{ address: string }> {
    const form = (await readForm(request)).refuseRepeats();
    const interactionId = form.get('interaction');
    this.csrf.check(request, formSubject(interactionId), form.get('csrf_token'));
    const source = await this.visits.source(sourceId, WAY);
    if (!source.settings.embeddedQr) throw new PageError('not_found');
    const { state } = await this.visits.begin(request, source, WAY, interactionId);
    return { address: loginAddress(source, this.callbackOf(source), state, true) };
  }

  /** DingTalk sends the code as `authCode`, in newer versions as `code` too; a refusal as `error`. */
  @Get('/dingtalk/:source/callback')
  @WithoutHead()
  async callback(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('source') sourceId: string,
  ): Promise<void> {
    const source = await this.visits.source(sourceId, WAY);
    const [, query = ''] = request.url.split(/\?(.*)/s);
    const parameters = Parameters.parse(query).refuseRepeats();
    const open = await this.visits.comeBack(request, source, WAY, parameters.get('state'));
    const code = parameters.get('authCode') ?? parameters.get('code');
    if (parameters.has('error') || code === undefined) {
      seeOther(response, this.config.url(SIGN_IN_PATHS.cancelled(open.interaction.id)));
      return;
    }
    const prove = () => this.organisation.byBrowserCode(source, code);
    seeOther(response, await this.visits.signIn(request, response, open, source, WAY, prove));
  }

  private callbackOf({ id }: IdentitySource): string {
    return this.config.url(SIGN_IN_PATHS.callback(id));
  }
}
