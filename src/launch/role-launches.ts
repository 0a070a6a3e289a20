import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { AccessDecision } from '../access/access-decision.js';
import type { FederatedRole } from '../app-templates/app-template.js';
import type { TemplateOfApp } from '../app-templates/app-templates.js';
import { FederationError } from '../app-templates/federation-error.js';
import { Federations, NotNamedError, rolesFor } from '../app-templates/federation.js';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageError } from '../http/page-error.js';
import { seeOther } from '../http/see-other.js';
import { visitorOf } from '../http/visitor.js';
import type { SignedIn } from '../session/session-store.js';
import { LaunchEntry } from './launch-entry.js';
import { launchPath, type LaunchRequest } from './launch-request.js';
import { RolePages } from './role-pages.js';

/** Roles that one person takes in so many seconds: a click costs calls to the other side, which counts them for everybody. */
const MOST = 30;
const WINDOW = 60;

/** Somebody who may enter an app of a template. */
export interface RoleLaunch {
  readonly client: Client;
  readonly opener: TemplateOfApp;
  readonly asked: Pick<LaunchRequest, 'role' | 'targetLinkUri'>;
  readonly signedIn: SignedIn;
  readonly decision: AccessDecision;
  /** When the request came, by `performance.now()`. */
  readonly came: number;
}

/** Opens apps that give roles of their own: which role, and what comes of it. */
@Injectable()
export class RoleLaunches {
  private readonly people = new RateLimiterMemory({ points: MOST, duration: WINDOW });

  constructor(
    private readonly entry: LaunchEntry,
    private readonly federations: Federations,
    private readonly pages: RolePages,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * Takes the role that was asked for, or the only one there is; of several the person chooses.
   *
   * @throws {PageError} for a role that is not the person's, and where there is none; for too many
   */
  async open(request: ClinchRequest, response: Response, launch: RoleLaunch): Promise<void> {
    const { client, opener, asked, signedIn, decision } = launch;
    const roles = rolesFor(opener, decision);
    const role = asked.role === undefined ? only(roles) : roles.find(({ name }) => name === asked.role);
    if (role === undefined && asked.role === undefined && roles.length > 1) {
      this.pages.choose(request, response, launch, roles);
      return;
    }
    if (role === undefined) {
      const wanted = asked.role === undefined ? {} : { role: asked.role };
      throw this.entry.refusal(request, client, signedIn.account, wanted);
    }
    await this.count(signedIn);
    await this.take(request, response, launch, { role, others: roles.length - 1 });
  }

  private async take(
    request: ClinchRequest,
    response: Response,
    launch: RoleLaunch,
    { role, others }: { readonly role: FederatedRole; readonly others: number },
  ): Promise<void> {
    const { client, opener, asked, signedIn, decision, came } = launch;
    const launchUrl = this.config.url(launchPath(client.id));
    const { targetLinkUri } = asked;
    const visitor = visitorOf(request);
    try {
      const taking = { client, opener, signedIn, decision, role, targetLinkUri, launchUrl, came, visitor };
      seeOther(response, await this.federations.open(taking));
    } catch (error) {
      if (!(error instanceof FederationError) && !(error instanceof NotNamedError)) throw error;
      this.pages.failed(request, response, error, { client, role, targetLinkUri, others });
    }
  }

  private async count({ account }: SignedIn): Promise<void> {
    try {
      await this.people.consume(account.id);
    } catch (refusal) {
      const { msBeforeNext } = refusal as RateLimiterRes;
      throw new PageError('too_many_requests', { retryAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)) });
    }
  }
}

function only(roles: readonly FederatedRole[]): FederatedRole | undefined {
  return roles.length === 1 ? roles[0] : undefined;
}
