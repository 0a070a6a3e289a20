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
import { PageError } from '../http/page-error.js';
import { AccountChoice, wantsAnother } from './account-choice.js';
import { formSubject } from './form-subject.js';
import { InteractionPages } from './interaction-pages.js';
import { InteractionStore } from './interaction-store.js';
import { Interactions, type OpenInteraction } from './interactions.js';
import type { LoginError, LoginPageProps } from './login.page.js';
import { LocalSignIn } from './local-sign-in.js';
import { PasswordSignIn } from './password-sign-in.js';
import { SlowDownError } from './sign-in-attempts.js';
import { SignInOffers } from './sign-in-offer.js';
import { SignIns } from './sign-ins.js';
import { ClinchConfig } from '../config/clinch-config.js';

/** Seconds that a browser is told to wait while the queue of password checks is full. */
const BUSY_RETRY_AFTER = 2;

/** /login: who are you? By one of the ways on offer, or by a choice among those who are signed in. */
@Controller()
@UseFilters(PageErrorFilter)
export class LoginController {
  constructor(
    private readonly interactions: Interactions,
    private readonly choice: AccountChoice,
    private readonly store: InteractionStore,
    private readonly pages: InteractionPages,
    private readonly offers: SignInOffers,
    private readonly localSignIn: LocalSignIn,
    private readonly passwords: PasswordSignIn,
    private readonly signIns: SignIns,
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
    const choice = await this.choice.offered(request, open);
    if (choice !== undefined) {
      this.pages.selectAccount(request, response, open, choice);
      return;
    }
    if (open.client === undefined) {
      const signedIn = await this.interactions.current(request);
      // Signed in meanwhile, perhaps in another tab: the page has all that it waited for.
      const done = signedIn !== undefined && open.interaction.request.select !== true;
      if (done) seeOther(response, this.signIns.onward(open));
      else await this.ask(request, response, open, { username: '' });
      return;
    }
    const { loginHint } = open.interaction.request;
    const account = wantsAnother(request) ? undefined : await this.reauthenticating(request, open);
    if (account === undefined) await this.ask(request, response, open, { username: loginHint ?? '' });
    else await this.ask(request, response, open, { username: account.username, ...identity(account) });
  }

  /** Shows what there is to choose from, or goes straight where nothing is to be chosen. */
  private async ask(
    request: ClinchRequest,
    response: Response,
    open: OpenInteraction,
    props: Pick<LoginPageProps, 'username' | 'reauthenticating'>,
  ): Promise<void> {
    const offer = await this.offers.of(request, open);
    const { interaction, browser } = open;
    if (offer.straight !== undefined && (await this.mayGoStraight(request, open))) {
      if (await this.store.sendOn(interaction.id, browser)) {
        seeOther(response, this.config.url(offer.straight.path));
        return;
      }
    }
    const cancelled = request.query['notice'] === 'cancelled';
    const notice = cancelled ? ({ error: { kind: 'cancelled' } } as const) : {};
    this.pages.login(request, response, open, offer, { ...props, ...notice });
  }

  @Post('/login')
  async submit(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const form = (await readForm(request)).refuseRepeats();
    const id = form.get('interaction');
    this.csrf.check(request, formSubject(id), form.get('csrf_token'));
    const open = await this.interactions.open(request, id);
    if (form.has('decision')) {
      await this.choice.take(request, response, open, form);
      return;
    }
    if (!this.localSignIn.isAllowed)
      throw new PageError('invalid_request', { status: 403, hint: 'a password, while CLINCH_LOCAL_SIGN_IN is off' });
    await this.signIn(request, response, open, form);
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
      const offer = await this.offers.of(request, open);
      const props = { username, error, ...(same ? identity(account) : {}) };
      this.pages.login(request, response, open, offer, props, status);
    };
    const fields = (['username', 'password'] as const).filter((name) => !form.has(name));
    if (fields.length > 0) {
      await again(400, { kind: 'missing_fields', fields });
      return;
    }
    try {
      const proven = await this.passwords.prove(request, response, username, password);
      if (proven === undefined) {
        await again(401, { kind: 'invalid_credentials' });
        return;
      }
      seeOther(response, await this.signIns.complete(request, response, open, proven));
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
    { interaction, client, browser }: OpenInteraction,
  ): Promise<Account | undefined> {
    if (client === undefined || interaction.request.prompt.includes('select_account')) return undefined;
    const signedIn = await this.interactions.current(request);
    // Where the app asks for somebody else, a proof of this person would only bring it a refusal.
    if (signedIn === undefined || !(await this.interactions.isAskedFor({ interaction, client, browser }, signedIn))) {
      return undefined;
    }
    return signedIn.account;
  }

  /**
   * An app that wants a fresh proof, or a choice, or somebody else than who is signed in, wants the person to do
   * something; and `stay` says that this browser came back from where it would be sent.
   */
  private async mayGoStraight(request: ClinchRequest, open: OpenInteraction): Promise<boolean> {
    if (wantsAnother(request) || request.query['stay'] === '1') return false;
    if (open.client === undefined) return open.interaction.request.stay !== true;
    const { prompt } = open.interaction.request;
    if (prompt.includes('login') || prompt.includes('select_account')) return false;
    return (await this.interactions.current(request)) === undefined;
  }
}

function identity(account: Account): Pick<LoginPageProps, 'reauthenticating'> {
  return { reauthenticating: { displayName: displayName(account) } };
}
