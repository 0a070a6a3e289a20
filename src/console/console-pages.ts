import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { VNode } from 'preact';
import type { AdminActor } from '../admin/admin-actor.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageError } from '../http/page-error.js';
import { PageSender } from '../http/page-sender.js';
import { readForm } from '../http/read-form.js';
import { seeOther } from '../http/see-other.js';
import type { Parameters } from '../protocol/parameters.js';
import type { ConsolePageProps } from './console-layout.js';
import { ConsoleSessions } from './console-sessions.js';
import { CONSOLE_STYLESHEET_PATH } from './console-stylesheet.js';

export const CONSOLE_PATH = '/admin';

/** Somebody at the console, and the form that came with the request, if one did. */
export interface ConsoleRequest {
  readonly actor: AdminActor;
  readonly request: ClinchRequest;
  readonly response: Response;
}

/** What all pages of the console go through: who is there, may they do this, did the form come from us. */
@Injectable()
export class ConsolePages {
  constructor(
    private readonly sessions: ConsoleSessions,
    private readonly pages: PageSender,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * @param scopes the first is what the page needs, if it needs one; others let it do more
   * @returns undefined when the browser was sent to sign in
   * @throws {PageError} 403 when the app lacks the right
   */
  async enter(
    request: ClinchRequest,
    response: Response,
    ...scopes: readonly string[]
  ): Promise<ConsoleRequest | undefined> {
    const actor = await this.sessions.current(request, scopes);
    if (actor === undefined) {
      seeOther(response, this.config.url(`${CONSOLE_PATH}/sign-in`));
      return undefined;
    }
    const entered = { actor, request, response };
    if (scopes[0] !== undefined) this.require(entered, scopes[0]);
    return entered;
  }

  /**
   * The form of a page of the console.
   *
   * @returns undefined when the browser was sent to sign in
   * @throws {PageError} 403 unless it came from our own page in this very browser
   */
  async submitted(
    request: ClinchRequest,
    response: Response,
    ...scopes: readonly string[]
  ): Promise<(ConsoleRequest & { readonly form: Parameters }) | undefined> {
    const form = (await readForm(request)).refuseRepeats();
    const entered = await this.enter(request, response, ...scopes);
    if (entered === undefined) return undefined;
    this.csrf.check(request, subjectOf(entered.actor), form.get('csrf_token'));
    return { ...entered, form };
  }

  /** @throws {PageError} 403 when the app lacks the right */
  require({ actor }: ConsoleRequest, scope: string): void {
    if (!actor.has(scope)) throw new PageError('access_denied', { hint: `the app lacks ${scope}` });
  }

  show({ actor, request, response }: ConsoleRequest, page: (props: ConsolePageProps) => VNode, status = 200): void {
    const browser = this.csrf.ensureBrowser(request, response);
    const props: ConsolePageProps = {
      ...this.pages.frame(request),
      consoleStylesheetHref: this.config.basePath + CONSOLE_STYLESHEET_PATH,
      home: this.config.basePath + CONSOLE_PATH,
      clientId: actor.clientId,
      csrfToken: this.csrf.token(browser, subjectOf(actor)),
    };
    this.pages.send(response, status, page(props), { postsToUs: true });
  }

  /** Sends the browser to a page of the console. @param path below `/admin` */
  goTo(response: Response, path: string): void {
    seeOther(response, this.config.url(CONSOLE_PATH + path));
  }
}

function subjectOf({ clientId }: AdminActor): string {
  return `console ${clientId}`;
}
