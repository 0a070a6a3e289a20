import { Controller, Get, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { Direct } from '../http/direct-routes.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { readForm } from '../http/read-form.js';
import { WithoutHead } from '../http/route-table.js';
import { seeOther } from '../http/see-other.js';
import { noteFlow, visitorOf } from '../http/visitor.js';
import { CONTINUE_PATH } from '../interaction/continue-url.js';
import { InteractionStore } from '../interaction/interaction-store.js';
import { Interactions } from '../interaction/interactions.js';
import { refused, type Step } from '../interaction/next-step.js';
import { askingOf } from '../interaction/person-at-app.js';
import { answerAddress, type AuthorizationRequest } from '../protocol/authorization-request.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { Parameters } from '../protocol/parameters.js';
import type { SignedIn } from '../session/session-store.js';
import { AuthorizationRequests } from './authorization-requests.js';
import { AuthorizationEndpoint } from './authorization-endpoint.js';
import { ProvenClient } from './proven-client.js';

/** Characters that proxies and servers take in an address; a longer request is answered where it came. */
const LONGEST_QUERY = 6_000;

const PAGE_OF_STEP: Record<Exclude<Step, 'proceed'>, string> = {
  login: '/login',
  select_account: '/login',
  refused: '/refused',
  select_app_account: '/app-account',
  consent: '/consent',
};

/** /oidc/authorize (RFC 6749 §4.1.1, OpenID Connect Core 1.0 §3.1.2). */
@Controller()
@UseFilters(PageErrorFilter)
export class AuthorizeController {
  constructor(
    private readonly proven: ProvenClient,
    private readonly requests: AuthorizationRequests,
    private readonly interactions: Interactions,
    private readonly store: InteractionStore,
    private readonly endpoint: AuthorizationEndpoint,
    private readonly csrf: Csrf,
    private readonly audit: AuditLog,
    private readonly config: ClinchConfig,
  ) {}

  @Direct()
  @Get('/oidc/authorize')
  @WithoutHead()
  async get(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    await this.authorize(request, response, Parameters.parse(queryOf(request)));
  }

  /** OpenID Connect Core 1.0 §3.1.2.1: the same by form. */
  @Direct()
  @Post('/oidc/authorize')
  async post(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const parameters = await readForm(request);
    const query = Parameters.parse(queryOf(request));
    for (const name of ['client_id', 'redirect_uri']) {
      if (query.has(name) || query.repeated.has(name))
        throw new PageError('invalid_request', { hint: `${name} in query and body` });
    }
    await this.authorize(request, response, parameters);
  }

  /** Where every page returns to. */
  @Get(CONTINUE_PATH)
  @WithoutHead()
  async proceed(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Query('interaction') id: unknown,
    @Query('decision') decision: unknown,
  ): Promise<void> {
    const open = await this.interactions.openForApp(request, typeof id === 'string' ? id : undefined);
    const { interaction, browser, client } = open;
    const finish = async () => {
      // One answer for each interaction: of two that arrive together, one gets here.
      if (!(await this.store.complete(interaction.id, browser))) throw new PageError('interaction_expired');
    };
    try {
      const signedIn = await this.interactions.current(request);
      if (decision === 'deny') throw this.denied(request, client, signedIn);
      const { step, appAccountId } = await this.interactions.nextStep(
        interaction.request,
        client,
        signedIn,
        askingOf(request),
        interaction,
      );
      if (step === 'refused' && decision === 'back') throw refused();
      if (step !== 'proceed' || signedIn === undefined) {
        this.toPage(response, step, interaction.id);
        return;
      }
      await finish();
      await this.endpoint.sendCode(request, response, interaction.request, client, { ...signedIn, appAccountId });
    } catch (error) {
      if (error instanceof OAuthError && !(error instanceof PageError)) await finish();
      this.endpoint.sendError(request, response, interaction.request, client, error);
    }
  }

  private async authorize(request: ClinchRequest, response: Response, parameters: Parameters): Promise<void> {
    const { client, redirectUri } = await this.proven.prove(parameters);
    const { address, fault } = answerAddress(redirectUri, parameters);
    try {
      if (fault !== undefined) throw fault;
      const authorizationRequest = await this.requests.read(parameters, address, client);
      const signedIn = await this.interactions.current(request);
      // A form that another site posted comes without our cookies (SameSite=Lax), though maybe with those of a load
      // balancer; a GET brings ours.
      if (request.method === 'POST' && signedIn === undefined && parameters.toQuery().length <= LONGEST_QUERY) {
        seeOther(response, `${this.config.url('/oidc/authorize')}?${parameters.toQuery()}`);
        return;
      }
      await this.answer(request, response, authorizationRequest, client, signedIn);
    } catch (error) {
      this.endpoint.sendError(request, response, address, client, error);
    }
  }

  private async answer(
    request: ClinchRequest,
    response: Response,
    authorizationRequest: AuthorizationRequest,
    client: Client,
    signedIn: SignedIn | undefined,
  ): Promise<void> {
    const asking = askingOf(request);
    const { step, appAccountId } = await this.interactions.nextStep(authorizationRequest, client, signedIn, asking);
    if (step === 'proceed' && signedIn !== undefined) {
      await this.endpoint.sendCode(request, response, authorizationRequest, client, { ...signedIn, appAccountId });
      return;
    }
    const browser = this.csrf.ensureBrowser(request, response);
    const id = await this.store.begin(browser, authorizationRequest, clientAddress(request));
    noteFlow(request, id);
    this.audit.record('authorization.requested', { clientId: client.id, ...visitorOf(request) }, { step });
    this.toPage(response, step, id);
  }

  private denied(request: ClinchRequest, client: Client, signedIn: SignedIn | undefined): OAuthError {
    this.audit.record('consent.denied', {
      clientId: client.id,
      ...(signedIn === undefined ? {} : { accountId: signedIn.account.id }),
      ...visitorOf(request),
    });
    return new OAuthError('access_denied', 'the person said no');
  }

  private toPage(response: Response, step: Step, interactionId: string): void {
    const page = step === 'proceed' ? CONTINUE_PATH : PAGE_OF_STEP[step];
    seeOther(response, `${this.config.url(page)}?interaction=${interactionId}`);
  }
}

function queryOf(request: ClinchRequest): string {
  const start = request.url.indexOf('?');
  return start < 0 ? '' : request.url.slice(start + 1);
}
