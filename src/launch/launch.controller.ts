import { Controller, Get, Param, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { Account } from '../accounts/account-store.js';
import { AppAccounts } from '../app-accounts/app-accounts.js';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { isInDingTalk } from '../dingtalk/sign-in/container.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { WithoutHead } from '../http/route-table.js';
import { seeOther } from '../http/see-other.js';
import { Interactions } from '../interaction/interactions.js';
import { Parameters } from '../protocol/parameters.js';
import type { SignedIn } from '../session/session-store.js';
import { subjectSector } from '../subjects/subject-rule.js';
import { launchDestination } from './launch-destination.js';
import { LaunchEntry, type LaunchedApp } from './launch-entry.js';
import { LaunchPages } from './launch-pages.js';
import { launchPath, readLaunchRequest, type LaunchRequest } from './launch-request.js';
import { RoleLaunches } from './role-launches.js';

/** Somebody at the door of an app, and when they came, by `performance.now()`. */
interface Entering {
  readonly asked: LaunchRequest;
  readonly signedIn: SignedIn;
  readonly came: number;
}

/** /launch/{client_id}, the app's authentication address: opens the app, signing the person in on the way. */
@Controller()
@UseFilters(PageErrorFilter)
export class LaunchController {
  constructor(
    private readonly entry: LaunchEntry,
    private readonly roles: RoleLaunches,
    private readonly appAccounts: AppAccounts,
    private readonly interactions: Interactions,
    private readonly pages: LaunchPages,
    private readonly config: ClinchConfig,
  ) {}

  @Get('/launch/:client_id')
  @WithoutHead()
  async launch(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('client_id') clientId: string,
  ): Promise<void> {
    const came = performance.now();
    const app = await this.entry.app(clientId);
    if (app.opener !== undefined && !mayTakeRoles(request, response)) return;
    const [, query = ''] = request.url.split(/\?(.*)/s);
    const asked = readLaunchRequest(app, Parameters.parse(query).refuseRepeats());
    const signedIn = await this.interactions.current(request);
    if (signedIn === undefined) await this.signIn(request, response, app.client, asked);
    else await this.open(request, response, { ...app, asked, signedIn, came });
  }

  private async signIn(
    request: ClinchRequest,
    response: Response,
    client: Client,
    asked: LaunchRequest,
  ): Promise<void> {
    const leadsTo = this.destination(client, asked);
    // Whoever comes back from there without a session shall not be sent off again without being asked.
    const page = launchPath(client.id, { ...asked, stay: true });
    await this.interactions.signInFor(request, response, page, {
      clientId: client.id,
      stay: asked.stay,
      ...(asked.corpId === undefined ? {} : { organisation: asked.corpId }),
      ...(leadsTo === undefined ? {} : { leadsTo }),
    });
  }

  private async open(
    request: ClinchRequest,
    response: Response,
    { client, opener, asked, signedIn, came }: LaunchedApp & Entering,
  ): Promise<void> {
    const decision = await this.entry.admit(request, client, signedIn);
    const address = this.destination(client, asked, await this.hintOf(signedIn.account, client));
    const isOpenedByTemplate = opener?.template.open !== undefined;
    if (address === undefined || (opener !== undefined && !isOpenedByTemplate))
      this.pages.openDirectly(request, response, client);
    else if (asked.inSystemBrowser && isInDingTalk(request))
      await this.pages.openElsewhere(request, response, client, asked, signedIn);
    else if (opener !== undefined)
      await this.roles.open(request, response, { client, opener, asked, signedIn, decision, came });
    else seeOther(response, address);
  }

  /**
   * What the app calls the person, if it is told whom to expect. An app whose subjects are its own must not learn the
   * user name by this, nor one that names people by a rule.
   */
  private async hintOf(account: Account, client: Client): Promise<string | undefined> {
    const { initiateLoginUri, accountRule } = client.metadata;
    if (initiateLoginUri === null) return undefined;
    const { username } = await this.appAccounts.of(account, client);
    const isKnown = accountRule === 'none' && subjectSector(client.metadata) === undefined;
    return username ?? (isKnown ? account.username : undefined);
  }

  private destination(client: Client, { targetLinkUri }: LaunchRequest, loginHint?: string): string | undefined {
    const hint = loginHint === undefined ? {} : { loginHint };
    return launchDestination(client, { issuer: this.config.issuer, targetLinkUri, ...hint });
  }
}

/**
 * Whether this is somebody who goes to the app: a role is taken for nobody who only may, and for no picture or frame of
 * another page. Browsers that say nothing are taken at their word.
 *
 * @returns false when the answer is given already
 * @throws {PageError} for what is no page of its own
 */
function mayTakeRoles(request: ClinchRequest, response: Response): boolean {
  const purpose = `${request.get('sec-purpose') ?? ''} ${request.get('purpose') ?? ''}`;
  if (/\bprefetch\b/.test(purpose)) {
    response.status(503).set('Cache-Control', 'no-store').end();
    return false;
  }
  const destination = request.get('sec-fetch-dest') ?? 'document';
  if (destination !== 'document') throw new PageError('invalid_request', { hint: `launched as ${destination}` });
  return true;
}
