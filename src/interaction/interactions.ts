import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { clientAddress } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageError } from '../http/page-error.js';
import { seeOther } from '../http/see-other.js';
import { noteFlow } from '../http/visitor.js';
import type { AuthorizationRequest } from '../protocol/authorization-request.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { BrowserSession } from '../session/browser-session.js';
import type { SignedIn } from '../session/session-store.js';
import { ConsentStore } from './consent-store.js';
import { InteractionStore, type Interaction } from './interaction-store.js';
import { nextStep, type Step } from './next-step.js';
import { scopeToAgreeTo } from './scope-to-agree-to.js';
import { PersonAtApp, type Asking } from './person-at-app.js';
import { isForPage, type PageRequest } from './waiting-request.js';

/** An app's request, in the browser that it belongs to. */
export interface AppInteraction {
  readonly interaction: Interaction<AuthorizationRequest>;
  readonly browser: string;
  readonly client: Client;
}

/** A page of our own that waits for a sign-in, in the browser that it belongs to. */
export interface PageInteraction {
  readonly interaction: Interaction<PageRequest>;
  readonly browser: string;
  readonly client?: undefined;
  /** The app that the page is about, to be shown and no more. */
  readonly app?: Client;
}

export type OpenInteraction = AppInteraction | PageInteraction;

/** What has to happen next, and what is known by then. */
export interface Next {
  readonly step: Step;
  /** The name in the app that a code would be for; absent where the person has none by hand. */
  readonly appAccountId: string | undefined;
}

/** The dispatcher: finds the interaction of a request, and says what has to happen next. */
@Injectable()
export class Interactions {
  constructor(
    private readonly store: InteractionStore,
    private readonly consents: ConsentStore,
    private readonly sessions: BrowserSession,
    private readonly registry: ClientRegistry,
    private readonly person: PersonAtApp,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  /** @throws {PageError} when it is over, or of another browser, or its app or the app's address is gone */
  async open(request: Request, id: string | undefined): Promise<OpenInteraction> {
    if (id !== undefined) noteFlow(request, id);
    const browser = this.csrf.browser(request);
    const interaction = browser === undefined || id === undefined ? undefined : await this.store.find(id, browser);
    if (browser === undefined || interaction === undefined) throw new PageError('interaction_expired');
    const { request: waiting } = interaction;
    if (isForPage(waiting)) {
      const app = waiting.clientId === undefined ? undefined : await this.registry.findEnabled(waiting.clientId);
      return { interaction: { ...interaction, request: waiting }, browser, ...(app === undefined ? {} : { app }) };
    }
    const client = await this.registry.find(waiting.clientId);
    if (client === undefined) throw new PageError('unknown_app');
    if (!client.enabled) throw new PageError('app_disabled');
    // An address may be taken off the registration because it is not the app's any more, while people are signing in.
    if (!client.hasRedirectUri(waiting.redirectUri)) throw new PageError('redirect_uri_mismatch');
    return { interaction: { ...interaction, request: waiting }, browser, client };
  }

  /**
   * As `open`, for what only an app's request can come to.
   *
   * @throws {PageError} interaction_expired for a page of our own too: it has nothing to do here
   */
  async openForApp(request: Request, id: string | undefined): Promise<AppInteraction> {
    const open = await this.open(request, id);
    if (open.client === undefined) throw new PageError('interaction_expired');
    return open;
  }

  /**
   * Sends the browser to sign in, and back to a page of our own from there.
   *
   * @param page the path below the issuer, with its query, made by the caller and not taken from the request as it came
   */
  async signInFor(
    request: Request,
    response: Response,
    page: string,
    about: Omit<PageRequest, 'page'> = {},
  ): Promise<void> {
    const browser = this.csrf.ensureBrowser(request, response);
    const id = await this.store.begin(browser, { page, ...about }, clientAddress(request));
    seeOther(response, `${this.config.url('/login')}?interaction=${id}`);
  }

  /**
   * @param from the browser's request
   * @param interaction absent on the first look at a request
   * @throws {OAuthError} to be sent to the app
   */
  async nextStep(
    request: AuthorizationRequest,
    client: Client,
    signedIn: SignedIn | undefined,
    from: Asking,
    interaction?: Interaction,
  ): Promise<Next> {
    const person = signedIn === undefined ? undefined : await this.person.look(signedIn, client, from, request);
    const consentMatters = client.metadata.requireConsent && signedIn !== undefined;
    const step = nextStep({
      request: { ...request, scope: scopeToAgreeTo(request, client) },
      requireConsent: client.metadata.requireConsent,
      interaction,
      now: new Date(),
      signedIn:
        signedIn === undefined || person === undefined
          ? undefined
          : {
              sessionId: signedIn.session.id,
              subject: person.subject,
              authTime: signedIn.session.authTime,
              acr: signedIn.session.acr,
              mayUse: person.mayUse,
              appAccounts: person.appAccounts,
              consentedScope: consentMatters ? await this.consents.find(signedIn.account.id, client) : [],
            },
    });
    const [first] = person?.appAccounts ?? [];
    const chosen = person?.appAccounts.find(({ id }) => id === interaction?.appAccountId) ?? first;
    return { step, appAccountId: chosen?.id };
  }

  /**
   * Whether this step's page is the right place to be. If it is not, the dispatcher knows where to go.
   *
   * @param from the browser's request
   */
  async isDue(
    step: Step,
    { interaction, client }: AppInteraction,
    signedIn: SignedIn | undefined,
    from: Asking,
  ): Promise<boolean> {
    try {
      return (await this.nextStep(interaction.request, client, signedIn, from, interaction)).step === step;
    } catch (error) {
      if (error instanceof OAuthError) return false;
      throw error;
    }
  }

  /** Whether the app asks for this person. Nobody else will do then, not even with a fresh proof. */
  isAskedFor({ interaction, client }: AppInteraction, signedIn: SignedIn): Promise<boolean> {
    return this.person.isAskedFor(signedIn, client, interaction.request);
  }

  current(request: Request): Promise<SignedIn | undefined> {
    return this.sessions.current(request);
  }
}
