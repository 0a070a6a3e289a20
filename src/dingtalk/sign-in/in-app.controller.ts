import { Controller, Get, Param, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { ServerLog } from '../../audit/server-log.js';
import { ClinchConfig } from '../../config/clinch-config.js';
import type { ClinchRequest } from '../../http/clinch-request.js';
import { Csrf } from '../../http/csrf.js';
import { logFailure } from '../../http/log-failure.js';
import { PageErrorFilter } from '../../http/page-error.filter.js';
import { PageError } from '../../http/page-error.js';
import { PageSender } from '../../http/page-sender.js';
import { readForm } from '../../http/read-form.js';
import { WithoutHead } from '../../http/route-table.js';
import { seeOther } from '../../http/see-other.js';
import { appIdentity } from '../../interaction/identities.js';
import type { OpenInteraction } from '../../interaction/interactions.js';
import { isOpaqueToken } from '../../protocol/opaque-token.js';
import type { AppIdentity } from '../../ui/controls.js';
import type { IdentitySource } from '../source/identity-source.js';
import { IN_APP_PATH } from './browser-scripts.js';
import { isInDingTalk } from './container.js';
import { InAppPage } from './in-app.page.js';
import { OrganisationSignIn } from './organisation-sign-in.js';
import { REFUSALS, refused } from './refusal.js';
import { SIGN_IN_PATHS } from './sign-in-addresses.js';
import { SignInVisits } from './sign-in-visits.js';

const WAY = 'inAppSignIn';

/** Some bridges of the kind that DingTalk has on iOS speak to the app by the address of a hidden frame. */
const BRIDGE_FRAMES = ['https:', 'wvjbscheme:', 'dingtalk:'];

/**
 * Signing in inside DingTalk without a click: a page whose script asks the bridge for a code and posts it. The page is
 * gone with whatever comes of it; where nothing comes of it, the browser's way is left.
 */
@Controller()
@UseFilters(PageErrorFilter)
export class InAppController {
  constructor(
    private readonly visits: SignInVisits,
    private readonly organisation: OrganisationSignIn,
    private readonly pages: PageSender,
    private readonly csrf: Csrf,
    private readonly log: ServerLog,
    private readonly config: ClinchConfig,
  ) {}

  @Get('/dingtalk/:source/in-app')
  @WithoutHead()
  async show(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('source') sourceId: string,
    @Query('interaction') interactionId: unknown,
  ): Promise<void> {
    const source = await this.visits.source(sourceId, WAY);
    const id = typeof interactionId === 'string' ? interactionId : undefined;
    const { open, state: nonce } = await this.visits.begin(request, source, WAY, id);
    if (!isInDingTalk(request)) {
      // There is no bridge to ask anywhere else.
      seeOther(response, this.config.url(SIGN_IN_PATHS.choose(open.interaction.id)));
      return;
    }
    const { basePath } = this.config;
    const page = InAppPage({
      ...this.pages.frame(request, open.client === undefined ? undefined : open.interaction.request.uiLocales),
      app: appOf(open),
      scriptHref: basePath + IN_APP_PATH,
      corpId: source.corpId,
      clientId: source.clientId,
      action: basePath + SIGN_IN_PATHS.inAppCode(source.id),
      nonce,
      csrfToken: this.csrf.token(open.browser, nonceSubject(nonce)),
      otherWayHref: basePath + otherWay(source, open.interaction.id),
      cancelledHref: basePath + SIGN_IN_PATHS.cancelled(open.interaction.id),
    });
    const permissions = {
      scripts: [this.config.url(IN_APP_PATH)],
      connects: [this.config.url(SIGN_IN_PATHS.inAppCode(source.id))],
      frames: BRIDGE_FRAMES,
      postsToUs: true,
    };
    this.pages.send(response, 200, page, permissions);
  }

  /** Answers where to go next, be it the page that says why there is no session. */
  @Post('/dingtalk/:source/in-app')
  async submit(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('source') sourceId: string,
  ): Promise<void> {
    const form = (await readForm(request)).refuseRepeats();
    const [nonce, code] = [form.get('nonce'), form.get('code')];
    this.csrf.check(request, nonceSubject(nonce), form.get('csrf_token'));
    const source = await this.visits.source(sourceId, WAY);
    const open = await this.visits.comeBack(request, source, WAY, nonce);
    if (code === undefined) throw new PageError('invalid_request', { hint: 'no code' });
    const prove = () => this.organisation.byInAppCode(source, code);
    response.set('Cache-Control', 'no-store');
    try {
      const next = await this.visits.signIn(request, response, open, source, WAY, prove);
      response.status(200).json({ next });
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      logFailure(this.log, request, error);
      const path = SIGN_IN_PATHS.refused(source.id, error.situation, open.interaction.id, request.traceId);
      response.status(error.status).json({ next: this.config.url(path) });
    }
  }

  /**
   * The page for the reason that the script was given, under the trace id of the request that it was given by. It only
   * says; nothing is decided here, and nothing is logged that anybody could have made up.
   */
  @Get('/dingtalk/:source/refused')
  async refused(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('source') sourceId: string,
  ): Promise<void> {
    const source = await this.visits.source(sourceId, WAY);
    const { reason: given, interaction: interactionId, trace } = request.query;
    const reason = REFUSALS.find((known) => known === given);
    if (reason === undefined) throw new PageError('not_found');
    const isId = typeof interactionId === 'string' && isOpaqueToken(interactionId);
    const error = refused(source, reason, isId ? { signInPath: SIGN_IN_PATHS.choose(interactionId) } : {});
    const isTrace = typeof trace === 'string' && /^[0-9a-f-]{36}$/.test(trace);
    this.pages.sendError(request, response, error, isTrace ? trace : undefined);
  }
}

function appOf(open: OpenInteraction): AppIdentity | undefined {
  const client = open.client ?? open.app;
  return client && appIdentity(client);
}

/** What the CSRF token of the page is about. */
function nonceSubject(nonce: string | undefined): string {
  return `in-app ${nonce ?? ''}`;
}

function otherWay({ id, settings }: IdentitySource, interactionId: string): string {
  return settings.browserSignIn ? SIGN_IN_PATHS.begin(id, interactionId) : SIGN_IN_PATHS.choose(interactionId);
}
