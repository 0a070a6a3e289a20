import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { VNode } from 'preact';
import { displayName } from '../accounts/account-store.js';
import type { Actor } from '../audit/audit-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageSender } from '../http/page-sender.js';
import { readForm } from '../http/read-form.js';
import { seeOther } from '../http/see-other.js';
import { formSubject } from '../interaction/form-subject.js';
import { Interactions } from '../interaction/interactions.js';
import type { PageRequest } from '../interaction/waiting-request.js';
import type { Parameters } from '../protocol/parameters.js';
import type { SignedIn } from '../session/session-store.js';
import type { OwnPageProps } from '../ui/own-page-layout.js';

/** What a page with forms is given besides. */
export interface OwnFormProps extends OwnPageProps {
  readonly csrfToken: string;
}

/** What all of a person's own pages share: somebody is signed in, and forms are theirs and come from this browser. */
@Injectable()
export class OwnPages {
  constructor(
    private readonly interactions: Interactions,
    private readonly pages: PageSender,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * Who is signed in. Nobody: then the browser was sent to sign in, and comes back to the page from there. HEAD is
   * sent there too, but nothing is kept for who only looks whether there is an answer.
   *
   * @param page the path below the issuer, made by the caller
   */
  async enter(
    request: ClinchRequest,
    response: Response,
    page: string,
    about: Omit<PageRequest, 'page'> = {},
  ): Promise<SignedIn | undefined> {
    const signedIn = await this.interactions.current(request);
    if (signedIn !== undefined) return signedIn;
    if (request.method === 'HEAD') seeOther(response, this.config.url('/login'));
    else await this.interactions.signInFor(request, response, page, about);
    return undefined;
  }

  /**
   * Who sent a form of theirs. Nobody is signed in any more: then the browser was sent to sign in, and nothing happened.
   *
   * @param page that the form is on
   * @throws {PageError} form_not_ours when it comes from elsewhere, or was shown to somebody else
   */
  async submitted(
    request: ClinchRequest,
    response: Response,
    page: string,
  ): Promise<{ readonly signedIn: SignedIn; readonly form: Parameters } | undefined> {
    // First: a foreign form comes without the session (SameSite=Lax), and on the way to sign in the browser's cookie,
    // which does not come either, would be made anew over the real one.
    this.csrf.checkOrigin(request);
    const form = (await readForm(request)).refuseRepeats();
    const signedIn = await this.enter(request, response, page);
    if (signedIn === undefined) return undefined;
    this.csrf.check(request, subjectOf(signedIn), form.get('csrf_token'));
    return { signedIn, form };
  }

  frame(request: ClinchRequest, { account }: SignedIn): OwnPageProps {
    return {
      ...this.pages.frame(request),
      basePath: this.config.basePath,
      account: { displayName: displayName(account), username: account.username },
    };
  }

  formFrame(request: ClinchRequest, response: Response, signedIn: SignedIn): OwnFormProps {
    const browser = this.csrf.ensureBrowser(request, response);
    return { ...this.frame(request, signedIn), csrfToken: this.csrf.token(browser, subjectOf(signedIn)) };
  }

  send(response: Response, page: VNode, status = 200): void {
    this.pages.send(response, status, page, { postsToUs: true });
  }

  /** After a form: so that loading the page again sends nothing again. @param path below the issuer */
  goTo(response: Response, path: string): void {
    seeOther(response, this.config.url(path));
  }
}

/** Who does it, for the audit. */
export function actorOf(request: ClinchRequest, { account }: SignedIn): Actor {
  return { accountId: account.id, address: clientAddress(request), traceId: request.traceId };
}

/** Whether the browser comes from a form that did what it says. It only chooses words: anybody can write it. */
export function isDone(request: ClinchRequest): boolean {
  return request.query['done'] === '1';
}

/** The zone that their times are shown in, if they have one. */
export function zoneOf({ account }: SignedIn): string | undefined {
  const { zoneinfo } = account.claims;
  return typeof zoneinfo === 'string' ? zoneinfo : undefined;
}

/** What the CSRF token of their forms is about: the person, and what they signed in with. */
function subjectOf({ session, account }: SignedIn): string {
  return formSubject(`account ${session.chainId}`, account);
}
