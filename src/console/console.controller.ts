import { Controller, Get, Header, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageSender } from '../http/page-sender.js';
import { readForm } from '../http/read-form.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { CONSOLE_PATH, ConsolePages } from './console-pages.js';
import { ConsoleSignInPage, type ConsoleSignInProps } from './console-sign-in.page.js';
import { ConsoleSessions } from './console-sessions.js';
import { CONSOLE_STYLESHEET, CONSOLE_STYLESHEET_PATH } from './console-stylesheet.js';

const SIGN_IN_PATH = `${CONSOLE_PATH}/sign-in`;
const SUBJECT = 'console sign-in';

/** The way into the console, and out. */
@Controller()
@UseFilters(PageErrorFilter)
export class ConsoleController {
  constructor(
    private readonly sessions: ConsoleSessions,
    private readonly console: ConsolePages,
    private readonly pages: PageSender,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  @Get(CONSOLE_PATH)
  home(@Res() response: Response): void {
    this.console.goTo(response, '/sources');
  }

  @Get(SIGN_IN_PATH)
  show(@Req() request: ClinchRequest, @Res() response: Response): void {
    this.ask(request, response, 200, { clientId: '' });
  }

  @Post(SIGN_IN_PATH)
  async signIn(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const form = (await readForm(request)).refuseRepeats();
    this.csrf.check(request, SUBJECT, form.get('csrf_token'));
    const [clientId, secret] = [form.get('client_id') ?? '', form.get('client_secret') ?? ''];
    if (clientId === '' || secret === '') {
      this.ask(request, response, 400, { clientId, error: 'missing' });
      return;
    }
    try {
      await this.sessions.signIn(request, response, clientId, secret);
    } catch (error) {
      if (!(error instanceof OAuthError) || error.code !== 'invalid_client') throw error;
      const tooMany = error.status === 429;
      this.ask(request, response, tooMany ? 429 : 401, { clientId, error: tooMany ? 'too_many' : 'invalid' });
      return;
    }
    this.console.goTo(response, '/sources');
  }

  @Post(`${CONSOLE_PATH}/sign-out`)
  async signOut(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const submitted = await this.console.submitted(request, response);
    if (submitted === undefined) return;
    await this.sessions.signOut(request, response, submitted.actor);
    this.console.goTo(response, '/sign-in');
  }

  @Get(CONSOLE_STYLESHEET_PATH)
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('Cache-Control', 'public, max-age=31536000, immutable')
  stylesheet(): string {
    return CONSOLE_STYLESHEET;
  }

  private ask(
    request: ClinchRequest,
    response: Response,
    status: number,
    props: Pick<ConsoleSignInProps, 'clientId' | 'error'>,
  ): void {
    const browser = this.csrf.ensureBrowser(request, response);
    const page = ConsoleSignInPage({
      ...this.pages.frame(request),
      action: this.config.basePath + SIGN_IN_PATH,
      csrfToken: this.csrf.token(browser, SUBJECT),
      ...props,
    });
    this.pages.send(response, status, page, { postsToUs: true });
  }
}
