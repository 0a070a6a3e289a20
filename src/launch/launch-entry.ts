import { Injectable } from '@nestjs/common';
import { undecided, type AccessDecision } from '../access/access-decision.js';
import { AccessPolicy } from '../access/access-policy.js';
import { AppTemplates, type TemplateOfApp } from '../app-templates/app-templates.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { exactAddress, type ClinchRequest } from '../http/clinch-request.js';
import { PageError } from '../http/page-error.js';
import { visitorOf } from '../http/visitor.js';
import { refusedPage } from '../interaction/identities.js';
import type { SignedIn } from '../session/session-store.js';

/** An app that can be launched. */
export interface LaunchedApp {
  readonly client: Client;
  /** Absent for an app that is opened at an address of its own. */
  readonly opener: TemplateOfApp | undefined;
}

/** Which app a launch is of, and whether somebody may enter it. */
@Injectable()
export class LaunchEntry {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly templates: AppTemplates,
    private readonly access: AccessPolicy,
    private readonly audit: AuditLog,
  ) {}

  /** @throws {PageError} when there is no such app, or it is switched off */
  async app(clientId: string): Promise<LaunchedApp> {
    const client = await this.registry.find(clientId);
    if (client === undefined) throw new PageError('unknown_app');
    if (!client.enabled) throw new PageError('app_disabled', { hint: `client ${client.id} is disabled` });
    const opener = this.templates.of(client);
    const { template } = client.metadata;
    // Another release made it: this one can do nothing with it.
    if (template !== null && opener === undefined)
      throw new PageError('app_disabled', { hint: `this server has no app template ${template}` });
    return { client, opener };
  }

  /**
   * @throws {PageError} when the person may not enter the app
   * @throws {OAuthError} temporarily_unavailable when that cannot be decided just now
   */
  async admit(request: ClinchRequest, client: Client, { account, session }: SignedIn): Promise<AccessDecision> {
    const asking = { endpoint: 'launch', address: exactAddress(request), amr: session.amr } as const;
    const decision = await this.access.decide(account, client, asking);
    const notNow = undecided(decision);
    if (notNow !== undefined) throw notNow;
    if (!decision.allowed) throw this.refusal(request, client, account);
    return decision;
  }

  /**
   * The page for whom the app, or a role there, is not open to; noted.
   *
   * @param role at the other side, that somebody asked for and may not take
   */
  refusal(
    request: ClinchRequest,
    client: Client,
    account: SignedIn['account'],
    details: { readonly role?: string } = {},
  ): PageError {
    const actor = { clientId: client.id, accountId: account.id };
    this.audit.record('access.refused', { ...visitorOf(request), ...actor }, details);
    return refusedPage(client, account);
  }
}
