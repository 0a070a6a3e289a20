import { Controller, Get, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { displayName, usernameKey, type Account } from '../accounts/account-store.js';
import { PasswordQueueFullError } from '../accounts/password.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { readForm } from '../http/read-form.js';
import { seeOther } from '../http/see-other.js';
import type { Parameters } from '../protocol/parameters.js';
import type { SignedIn } from '../session/session-store.js';
import { continueUrl } from './continue-url.js';
import { formSubject } from './form-subject.js';
import { InteractionPages } from './interaction-pages.js';
import { InteractionStore } from './interaction-store.js';
import { Interactions, type OpenInteraction } from './interactions.js';
import type { LoginError, LoginPageProps } from './login.page.js';
import { PasswordSignIn } from './password-sign-in.js';
import { SlowDownError } from './sign-in-attempts.js';
import { ClinchConfig } from '../config/clinch-config.js';

/** Seconds that a browser is told to wait while the queue of password checks is full. */
const BUSY_RETRY_AFTER = 2;

/** /login: who are you? By name and password, or, with prompt=select_account, by a choice. */
@Controller()
@UseFilters(PageErrorFilter)
export class LoginController {
  constructor(
    private readonly interactions: Interactions,
    private readonly store: InteractionStore,
    private readonly pages: InteractionPages,
    private readonly passwords: PasswordSignIn,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  @Get('/login')
  async show(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Query('interaction') id: unknown,
  ): Promise<void> {
    const open = await this.interactions.open(request, typeof id === 'string' ? id : undefined);
    const signedIn = await this.interactions.current(request);
    if (open.client === undefined) {
      // Signed in meanwhile, perhaps in another tab: the page has all that it waited for.
      if (signedIn !== undefined) await this.goOn(response, open);
      else this.pages.login(request, response, open, { username: '' });
      return;
    }
    const { loginHint } = open.interaction.request;
    const choosing = !wantsAnother(request) && (await this.interactions.isDue('select_account', open, signedIn));
    if (signedIn !== undefined && choosing) {
      this.pages.selectAccount(request, response, open, signedIn.account);
      return;
    }
    const account = await this.reauthenticating(request, open);
    if (account === undefined) this.pages.login(request, response, open, { username: loginHint ?? '' });
    else this.pages.login(request, response, open, { username: account.username, ...identity(account) });
  }

  @Post('/login')
  async submit(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const form = (await readForm(request)).refuseRepeats();
    const id = form.get('interaction');
    const decision = form.get('decision');
    const signedIn = decision === undefined ? undefined : await this.interactions.current(request);
    this.csrf.check(request, formSubject(id, signedIn?.account), form.get('csrf_token'));
    const open = await this.interactions.open(request, id);
    if (decision !== undefined) await this.choose(response, open, signedIn, decision);
    else await this.signIn(request, response, open, form);
  }

  /** prompt=select_account: go on as the one who is signed in, or as somebody else. */
  private async choose(
    response: Response,
    open: OpenInteraction,
    signedIn: SignedIn | undefined,
    decision: string,
  ): Promise<void> {
    const { interaction, browser } = open;
    if (decision !== 'continue' || signedIn === undefined) {
      seeOther(response, `${this.config.url('/login')}?interaction=${interaction.id}&account=other`);
      return;
    }
    await this.store.selectAccount(interaction.id, browser, signedIn.session.id);
    await this.goOn(response, open);
  }

  /** To the dispatcher with an app's request; to the page itself where one of ours was waiting, and that is its end. */
  private async goOn(response: Response, { interaction, browser, client }: OpenInteraction): Promise<void> {
    if (client !== undefined) {
      seeOther(response, continueUrl(this.config, interaction.id));
      return;
    }
    await this.store.complete(interaction.id, browser);
    seeOther(response, this.config.url(interaction.request.page));
  }

  private async signIn(
    request: ClinchRequest,
    response: Response,
    open: OpenInteraction,
    form: Parameters,
  ): Promise<void> {
    const [username, password] = [form.get('username') ?? '', form.get('password') ?? ''];
    const again = async (status: number, error: LoginError) => {
      const account = await this.reauthenticating(request, open);
      // Whoever types another name is not the person on the badge.
      const same = account !== undefined && usernameKey(account.username) === usernameKey(username);
      this.pages.login(request, response, open, { username, error, ...(same ? identity(account) : {}) }, status);
    };
    const fields = (['username', 'password'] as const).filter((name) => !form.has(name));
    if (fields.length > 0) {
      await again(400, { kind: 'missing_fields', fields });
      return;
    }
    try {
      const session = await this.passwords.signIn(request, response, username, password);
      if (session === undefined) {
        await again(401, { kind: 'invalid_credentials' });
        return;
      }
      await this.store.signIn(open.interaction.id, open.browser, session.id);
      await this.goOn(response, open);
    } catch (error) {
      if (error instanceof SlowDownError)
        await again(429, { kind: 'too_many_attempts', retryAfterSeconds: error.retryAfter });
      else if (error instanceof PasswordQueueFullError)
        await again(503, { kind: 'busy', retryAfterSeconds: BUSY_RETRY_AFTER });
      else throw error;
    }
  }

  /** Who is signed in and has to prove it again (prompt=login, max_age). */
  private async reauthenticating(
    request: ClinchRequest,
    { interaction, client }: OpenInteraction,
  ): Promise<Account | undefined> {
    if (client === undefined || interaction.request.prompt.includes('select_account')) return undefined;
    return (await this.interactions.current(request))?.account;
  }
}

function identity(account: Account): Pick<LoginPageProps, 'reauthenticating'> {
  return { reauthenticating: { displayName: displayName(account) } };
}

function wantsAnother(request: ClinchRequest): boolean {
  return request.query['account'] === 'other';
}
