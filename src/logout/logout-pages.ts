import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Account } from '../accounts/account-store.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageSender } from '../http/page-sender.js';
import { seeOther } from '../http/see-other.js';
import { accountIdentity, appIdentity } from '../interaction/identities.js';
import { formActionSources } from '../protocol/redirect-uri.js';
import type { SignedIn } from '../session/session-store.js';
import { ConfirmSignOutPage, type ConfirmSignOutPageProps } from './confirm-sign-out.page.js';
import type { EnteredApp } from './entered-apps.js';
import { frameSources, GO_ON_AFTER_SECONDS, GO_ON_PATH, logoutFrames, toldApps } from './front-channel.js';
import { LOGOUT_PATH, type LogoutRequest } from './logout-request.js';
import { SignedOutPage } from './signed-out.page.js';

/** What came of a request. */
export interface Outcome {
  /** Who is still signed in with this browser. */
  readonly people: readonly SignedIn[];
  /** Who was signed out, and the apps that they were in; absent where there was nothing to end. */
  readonly ended?: { readonly account: Account; readonly apps: readonly EnteredApp[] };
}

/** What the CSRF token of the question is about: the session that would end. */
export function logoutFormSubject(chainId: string | undefined): string {
  return `logout ${chainId ?? ''}`;
}

/** The two pages of signing out, and the way back to the app. */
@Injectable()
export class LogoutPages {
  constructor(
    private readonly pages: PageSender,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  /** The question. */
  confirm(request: ClinchRequest, response: Response, asked: LogoutRequest, { account, session }: SignedIn): void {
    const csrfToken = this.csrf.token(this.csrf.ensureBrowser(request, response), logoutFormSubject(session.chainId));
    const hidden = { ...asked.parameters, session: session.chainId, csrf_token: csrfToken };
    this.ask(request, response, asked, { account: accountIdentity(account), hidden });
  }

  /** The same request once more, from a page of ours: so it comes with the cookies that another site's form comes without. */
  repeat(request: ClinchRequest, response: Response, asked: LogoutRequest): void {
    this.ask(request, response, asked, { hidden: asked.parameters });
  }

  /** It is done, or there was nothing to do: on to the app, or to the page that says so. */
  done(request: ClinchRequest, response: Response, asked: LogoutRequest, { people, ended }: Outcome): void {
    const apps = ended?.apps ?? [];
    const frames = logoutFrames(apps, this.config.issuer);
    const { returnTo } = asked;
    if (returnTo !== undefined && frames.length === 0) {
      seeOther(response, returnTo);
      return;
    }
    // By the header, because it does what <meta> does and needs no place in the page.
    if (returnTo !== undefined) response.set('Refresh', `${GO_ON_AFTER_SECONDS}; url=${returnTo}`);
    const { basePath } = this.config;
    const page = SignedOutPage({
      ...this.pages.frame(request, asked.uiLocales),
      account: ended && accountIdentity(ended.account),
      apps: toldApps(apps),
      frames,
      returnTo,
      staying: people.map(({ account }) => accountIdentity(account)),
      homeHref: `${basePath}/`,
      signOutHref: basePath + LOGOUT_PATH,
      scriptHref: basePath + GO_ON_PATH,
    });
    this.pages.send(response, 200, page, {
      ...(frames.length === 0 ? {} : { frames: frameSources(frames) }),
      ...(returnTo === undefined ? {} : { scripts: [this.config.url(GO_ON_PATH)] }),
    });
  }

  private ask(
    request: ClinchRequest,
    response: Response,
    { client, returnTo, uiLocales }: LogoutRequest,
    form: Pick<ConfirmSignOutPageProps, 'account' | 'hidden'>,
  ): void {
    const page = ConfirmSignOutPage({
      ...this.pages.frame(request, uiLocales),
      app: client && appIdentity(client),
      action: this.config.basePath + LOGOUT_PATH,
      ...form,
    });
    const toApp = returnTo === undefined ? {} : { formAction: formActionSources(returnTo) };
    this.pages.send(response, 200, page, { ...toApp, postsToUs: true });
  }
}
