import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { VNode } from 'preact';
import type { Account } from '../accounts/account-store.js';
import { ApiResources } from '../api-resource/api-resources.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { CustomScopes } from '../custom-scopes/custom-scopes.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageSender } from '../http/page-sender.js';
import type { PagePermissions } from '../http/security-headers.js';
import { formActionSources } from '../protocol/redirect-uri.js';
import { narrowScope } from '../protocol/scope.js';
import type { SignedInHere } from '../session/browser-session.js';
import { ConsentPage } from './consent.page.js';
import { formSubject } from './form-subject.js';
import { accountIdentity, appIdentity, whomToAsk } from './identities.js';
import type { EmbeddedWay } from './identity-provider.js';
import type { AppInteraction, OpenInteraction } from './interactions.js';
import { LoginPage, type EmbeddedWayProps, type InteractionPageProps, type LoginPageProps } from './login.page.js';
import { scopeToAgreeTo } from './scope-to-agree-to.js';
import { RefusedPage } from './refused.page.js';
import { SelectAccountPage } from './select-account.page.js';
import { SelectAppAccountPage, type SelectAppAccountPageProps } from './select-app-account.page.js';
import type { SignInOffer } from './sign-in-offer.js';

/** Shows the pages of an interaction, each with what ties its form to this browser and this request. */
@Injectable()
export class InteractionPages {
  constructor(
    private readonly pages: PageSender,
    private readonly csrf: Csrf,
    private readonly resources: ApiResources,
    private readonly customScopes: CustomScopes,
    private readonly config: ClinchConfig,
  ) {}

  login(
    request: ClinchRequest,
    response: Response,
    open: OpenInteraction,
    offer: SignInOffer,
    props: Pick<LoginPageProps, 'username' | 'error' | 'reauthenticating'>,
    status = 200,
  ): void {
    const app = open.client ?? open.app;
    const frame = { ...this.form(request, open, '/login'), ...(app === undefined ? {} : { app: appIdentity(app) }) };
    const embedded = onlyEmbedded(offer);
    const { basePath } = this.config;
    const page = LoginPage({
      ...frame,
      ...props,
      ...(props.reauthenticating === undefined ? {} : { anotherHref: this.anotherHref(open) }),
      local: offer.local,
      ways: offer.ways.map(({ id, label, path }) => ({ id, label: label[frame.locale], href: basePath + path })),
      ...(embedded === undefined ? {} : { embedded: this.embedded(embedded) }),
    });
    if (props.error?.retryAfterSeconds !== undefined)
      response.set('Retry-After', String(props.error.retryAfterSeconds));
    this.show(response, open, status, page, embedded);
  }

  /** @param here at least one. The forms' tokens name nobody: each form says whose session it is for. */
  selectAccount(request: ClinchRequest, response: Response, open: OpenInteraction, here: SignedInHere): void {
    const app = open.client ?? open.app;
    const all = here.current === undefined ? here.others : [here.current, ...here.others];
    const page = SelectAccountPage({
      ...this.form(request, open, '/login'),
      ...(app === undefined ? {} : { app: appIdentity(app) }),
      accounts: all.map(({ account, session }) => ({
        account: accountIdentity(account),
        sessionId: session.id,
        isCurrent: session.id === here.current?.session.id,
      })),
    });
    this.show(response, open, 200, page);
  }

  selectAppAccount(
    request: ClinchRequest,
    response: Response,
    open: AppInteraction,
    account: Account,
    choices: SelectAppAccountPageProps['choices'],
  ): void {
    const props = { ...this.props(request, open, '/app-account', account), account: accountIdentity(account), choices };
    this.show(response, open, 200, SelectAppAccountPage(props));
  }

  refused(request: ClinchRequest, response: Response, open: AppInteraction, account: Account): void {
    const props = {
      ...this.props(request, open, '/refused', account),
      account: accountIdentity(account),
      contact: whomToAsk(open.client),
      traceId: request.traceId,
    };
    this.show(response, open, 403, RefusedPage(props));
  }

  async consent(request: ClinchRequest, response: Response, open: AppInteraction, account: Account): Promise<void> {
    const { redirectUri, resource, scope } = open.interaction.request;
    const redirectHost = new URL(redirectUri).host || open.client.name;
    const api = resource === undefined ? undefined : await this.resources.find(resource);
    const props = {
      ...this.props(request, open, '/consent', account),
      account: accountIdentity(account),
      scopes: scopeToAgreeTo(open.interaction.request, open.client),
      ...(api === undefined ? {} : { api }),
      customScopes: await this.customScopes.among(narrowScope(scope, open.client.scope)),
      redirectHost,
    };
    this.show(response, open, 200, ConsentPage(props));
  }

  private show(
    response: Response,
    { interaction, client }: OpenInteraction,
    status: number,
    page: VNode,
    embedded?: EmbeddedWay,
  ): void {
    const leadsTo = client === undefined ? interaction.request.leadsTo : interaction.request.redirectUri;
    const toApp = leadsTo === undefined ? {} : { formAction: formActionSources(leadsTo) };
    const frame = embedded === undefined ? {} : this.permissionsOf(embedded);
    this.pages.send(response, status, page, { ...toApp, ...frame, postsToUs: true });
  }

  private anotherHref({ interaction }: OpenInteraction): string {
    return `${this.config.basePath}/login?interaction=${interaction.id}&account=choose`;
  }

  /** Where the script of a way shown within the page gets what from. */
  private embedded({ script, ask, origin, callback }: EmbeddedWay): EmbeddedWayProps {
    const { config } = this;
    const [scriptHref, askHref] = [config.basePath + script, config.basePath + ask];
    return { scriptHref, askHref, origin, callback: config.url(callback) };
  }

  private permissionsOf({ script, ask, origin }: EmbeddedWay): PagePermissions {
    return { scripts: [this.config.url(script)], connects: [this.config.url(ask)], frames: [origin] };
  }

  private props(request: ClinchRequest, open: AppInteraction, path: string, account?: Account): InteractionPageProps {
    return { ...this.form(request, open, path, account), app: appIdentity(open.client) };
  }

  /** What every page of an interaction has, whether an app is waiting or a page of our own. */
  private form(
    request: ClinchRequest,
    { interaction, browser, client }: OpenInteraction,
    path: string,
    account?: Account,
  ): Omit<InteractionPageProps, 'app'> {
    return {
      ...this.pages.frame(request, client === undefined ? undefined : interaction.request.uiLocales),
      action: this.config.basePath + path,
      interactionId: interaction.id,
      csrfToken: this.csrf.token(browser, formSubject(interaction.id, account)),
    };
  }
}

/** Two frames beside each other would be two codes to mistake for one another. */
function onlyEmbedded({ ways }: SignInOffer): EmbeddedWay | undefined {
  const embedded = ways.flatMap((way) => (way.embedded === undefined ? [] : [way.embedded]));
  return embedded.length === 1 ? embedded[0] : undefined;
}
