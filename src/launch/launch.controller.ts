import { Controller, Get, Param, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { undecided } from '../access/access-decision.js';
import { AccessPolicy } from '../access/access-policy.js';
import type { Account } from '../accounts/account-store.js';
import { AppAccounts } from '../app-accounts/app-accounts.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { isInDingTalk } from '../dingtalk/sign-in/container.js';
import { exactAddress, type ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { WithoutHead } from '../http/route-table.js';
import { seeOther } from '../http/see-other.js';
import { visitorOf } from '../http/visitor.js';
import { refusedPage } from '../interaction/identities.js';
import { Interactions } from '../interaction/interactions.js';
import { Parameters } from '../protocol/parameters.js';
import type { SignedIn } from '../session/session-store.js';
import { subjectSector } from '../subjects/subject-rule.js';
import { launchDestination } from './launch-destination.js';
import { LaunchPages } from './launch-pages.js';
import { launchPath, readLaunchRequest, type LaunchRequest } from './launch-request.js';

/** /launch/{client_id}, the app's authentication address: opens the app, signing the person in on the way. */
@Controller()
@UseFilters(PageErrorFilter)
export class LaunchController {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly access: AccessPolicy,
    private readonly appAccounts: AppAccounts,
    private readonly interactions: Interactions,
    private readonly pages: LaunchPages,
    private readonly audit: AuditLog,
    private readonly config: ClinchConfig,
  ) {}

  @Get('/launch/:client_id')
  @WithoutHead()
  async launch(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('client_id') clientId: string,
  ): Promise<void> {
    const client = await this.registry.find(clientId);
    if (client === undefined) throw new PageError('unknown_app');
    if (!client.enabled) throw new PageError('app_disabled', { hint: `client ${client.id} is disabled` });
    const [, query = ''] = request.url.split(/\?(.*)/s);
    const asked = readLaunchRequest(client, Parameters.parse(query).refuseRepeats());
    const signedIn = await this.interactions.current(request);
    if (signedIn === undefined) await this.signIn(request, response, client, asked);
    else await this.open(request, response, client, asked, signedIn);
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
    client: Client,
    asked: LaunchRequest,
    signedIn: SignedIn,
  ): Promise<void> {
    const { account } = signedIn;
    const asking = { endpoint: 'launch', address: exactAddress(request), amr: signedIn.session.amr } as const;
    const decision = await this.access.decide(account, client, asking);
    const notNow = undecided(decision);
    if (notNow !== undefined) throw notNow;
    if (!decision.allowed) {
      const actor = { clientId: client.id, accountId: account.id };
      this.audit.record('access.refused', { ...visitorOf(request), ...actor });
      throw refusedPage(client, account);
    }
    const address = this.destination(client, asked, await this.hintOf(account, client));
    if (address === undefined) this.pages.openDirectly(request, response, client);
    else if (asked.inSystemBrowser && isInDingTalk(request))
      await this.pages.openElsewhere(request, response, client, asked, signedIn);
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
