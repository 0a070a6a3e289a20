import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { VNode } from 'preact';
import { displayName, type Account } from '../accounts/account-store.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageSender } from '../http/page-sender.js';
import { formActionSources } from '../protocol/redirect-uri.js';
import { ConsentPage } from './consent.page.js';
import { formSubject } from './form-subject.js';
import type { OpenInteraction } from './interactions.js';
import { LoginPage, type InteractionPageProps, type LoginPageProps } from './login.page.js';
import { scopeToAgreeTo } from './scope-to-agree-to.js';
import { SelectAccountPage } from './select-account.page.js';

/** Shows the pages of an interaction, each with what ties its form to this browser and this request. */
@Injectable()
export class InteractionPages {
  constructor(
    private readonly pages: PageSender,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  login(
    request: ClinchRequest,
    response: Response,
    open: OpenInteraction,
    props: Pick<LoginPageProps, 'username' | 'error' | 'reauthenticating'>,
    status = 200,
  ): void {
    const page = LoginPage({ ...this.props(request, open, '/login'), ...props });
    if (props.error?.retryAfterSeconds !== undefined)
      response.set('Retry-After', String(props.error.retryAfterSeconds));
    this.show(response, open, status, page);
  }

  selectAccount(request: ClinchRequest, response: Response, open: OpenInteraction, account: Account): void {
    const props = { ...this.props(request, open, '/login', account), account: identityOf(account) };
    this.show(response, open, 200, SelectAccountPage(props));
  }

  consent(request: ClinchRequest, response: Response, open: OpenInteraction, account: Account): void {
    const redirectHost = new URL(open.interaction.request.redirectUri).host || open.client.name;
    const props = {
      ...this.props(request, open, '/consent', account),
      account: identityOf(account),
      scopes: scopeToAgreeTo(open.interaction.request, open.client),
      redirectHost,
    };
    this.show(response, open, 200, ConsentPage(props));
  }

  private show(response: Response, { interaction }: OpenInteraction, status: number, page: VNode): void {
    const formAction = formActionSources(interaction.request.redirectUri);
    this.pages.send(response, status, page, { formAction, postsToUs: true });
  }

  private props(
    request: ClinchRequest,
    { interaction, browser, client }: OpenInteraction,
    path: string,
    account?: Account,
  ): InteractionPageProps {
    const { metadata } = client;
    return {
      ...this.pages.frame(request, interaction.request.uiLocales),
      app: { name: client.name, logoUri: metadata.logoUri, policyUri: metadata.policyUri, tosUri: metadata.tosUri },
      action: this.config.basePath + path,
      interactionId: interaction.id,
      csrfToken: this.csrf.token(browser, formSubject(interaction.id, account)),
    };
  }
}

function identityOf(account: Account): { displayName: string; username: string; email?: string } {
  const { email } = account.claims;
  return {
    displayName: displayName(account),
    username: account.username,
    ...(typeof email === 'string' ? { email } : {}),
  };
}
