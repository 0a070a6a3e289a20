import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AccessPolicy } from '../access/access-policy.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { Csrf } from '../http/csrf.js';
import { PageError } from '../http/page-error.js';
import type { AuthorizationRequest } from '../protocol/authorization-request.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { BrowserSession } from '../session/browser-session.js';
import type { SignedIn } from '../session/session-store.js';
import { ConsentStore } from './consent-store.js';
import { InteractionStore, type Interaction } from './interaction-store.js';
import { nextStep, type Step } from './next-step.js';
import { scopeToAgreeTo } from './scope-to-agree-to.js';

/** An interaction in the browser that it belongs to. */
export interface OpenInteraction {
  readonly interaction: Interaction;
  readonly browser: string;
  readonly client: Client;
}

/** The dispatcher: finds the interaction of a request, and says what has to happen next. */
@Injectable()
export class Interactions {
  constructor(
    private readonly store: InteractionStore,
    private readonly consents: ConsentStore,
    private readonly sessions: BrowserSession,
    private readonly registry: ClientRegistry,
    private readonly access: AccessPolicy,
    private readonly csrf: Csrf,
    private readonly audit: AuditLog,
  ) {}

  /** @throws {PageError} when it is over, or of another browser, or its app or the app's address is gone */
  async open(request: Request, id: string | undefined): Promise<OpenInteraction> {
    const browser = this.csrf.browser(request);
    const interaction = browser === undefined || id === undefined ? undefined : await this.store.find(id, browser);
    if (browser === undefined || interaction === undefined) throw new PageError('interaction_expired');
    const client = await this.registry.find(interaction.request.clientId);
    if (client === undefined) throw new PageError('unknown_app');
    if (!client.enabled) throw new PageError('app_disabled');
    // An address may be taken off the registration because it is not the app's any more, while people are signing in.
    if (!client.hasRedirectUri(interaction.request.redirectUri)) throw new PageError('redirect_uri_mismatch');
    return { interaction, browser, client };
  }

  /**
   * @param interaction absent on the first look at a request
   * @throws {OAuthError} to be sent to the app
   */
  async nextStep(
    request: AuthorizationRequest,
    client: Client,
    signedIn: SignedIn | undefined,
    interaction?: Interaction,
  ): Promise<Step> {
    const mayUse = signedIn !== undefined && this.access.mayUse(signedIn.account, client);
    if (signedIn !== undefined && !mayUse) {
      this.audit.record('access.refused', { clientId: client.id, accountId: signedIn.account.id });
    }
    const consentMatters = client.metadata.requireConsent && signedIn !== undefined;
    return nextStep({
      request: { ...request, scope: scopeToAgreeTo(request, client) },
      requireConsent: client.metadata.requireConsent,
      interaction,
      now: new Date(),
      signedIn:
        signedIn === undefined
          ? undefined
          : {
              sessionId: signedIn.session.id,
              subject: signedIn.account.id,
              authTime: signedIn.session.authTime,
              acr: signedIn.session.acr,
              mayUse,
              consentedScope: consentMatters ? await this.consents.find(signedIn.account.id, client) : [],
            },
    });
  }

  /** Whether this step's page is the right place to be. If it is not, the dispatcher knows where to go. */
  async isDue(step: Step, { interaction, client }: OpenInteraction, signedIn: SignedIn | undefined): Promise<boolean> {
    try {
      return (await this.nextStep(interaction.request, client, signedIn, interaction)) === step;
    } catch (error) {
      if (error instanceof OAuthError) return false;
      throw error;
    }
  }

  current(request: Request): Promise<SignedIn | undefined> {
    return this.sessions.current(request);
  }
}
