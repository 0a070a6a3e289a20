import { Controller, Get, Header, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { ClinchConfig } from '../config/clinch-config.js';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { readForm } from '../http/read-form.js';
import { WithoutHead } from '../http/route-table.js';
import { seeOther } from '../http/see-other.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { Parameters } from '../protocol/parameters.js';
import { BrowserSession } from '../session/browser-session.js';
import type { SignedIn } from '../session/session-store.js';
import { SignOut, type SignOutCause } from '../sign-out/sign-out.js';
import { EnteredApps } from './entered-apps.js';
import { GO_ON, GO_ON_PATH } from './front-channel.js';
import { LogoutHints } from './logout-hint.js';
import { logoutFormSubject, LogoutPages } from './logout-pages.js';
import { invalid, LOGOUT_PATH, LogoutRequests, type LogoutRequest, refuseMalformed } from './logout-request.js';

/** Characters that proxies and servers take in an address; a longer request is answered where it came. */
const LONGEST_QUERY = 6_000;

/** /oidc/logout, the end_session_endpoint (OpenID Connect RP-Initiated Logout 1.0 §2). */
@Controller()
@UseFilters(PageErrorFilter)
export class LogoutController {
  constructor(
    private readonly requests: LogoutRequests,
    private readonly hints: LogoutHints,
    private readonly sessions: BrowserSession,
    private readonly enteredApps: EnteredApps,
    private readonly signOut: SignOut,
    private readonly pages: LogoutPages,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  @Get(LOGOUT_PATH)
  @WithoutHead()
  async get(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const [, query = ''] = request.url.split(/\?(.*)/s);
    const parameters = await understood(() => Parameters.parse(query));
    await this.answer(request, response, parameters);
  }

  /** §2: the same by form. The answer to our own question comes here too. */
  @Post(LOGOUT_PATH)
  async post(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const parameters = await understood(() => readForm(request));
    if (parameters.has('decision')) {
      await this.decide(request, response, parameters);
      return;
    }
    refuseMalformed(parameters);
    // A form that another site posted comes without our cookies (SameSite=Lax); a GET brings them, or a form of ours.
    const isAnybodyHere = (await this.people(request)).length > 0;
    if (!isAnybodyHere && parameters.toQuery().length <= LONGEST_QUERY)
      seeOther(response, this.config.url(LOGOUT_PATH) + queryOf(parameters));
    else if (!isAnybodyHere && isForeign(request, this.config))
      this.pages.repeat(request, response, await this.requests.read(parameters));
    else await this.answer(request, response, parameters);
  }

  @Get(GO_ON_PATH)
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Header('Cache-Control', 'public, max-age=31536000, immutable')
  @Header('Cross-Origin-Resource-Policy', 'same-origin')
  script(): string {
    return GO_ON;
  }

  private async answer(request: ClinchRequest, response: Response, parameters: Parameters): Promise<void> {
    const asked = await this.requests.read(parameters);
    const people = await this.people(request);
    const hinted = await this.hints.among(people, asked.hint);
    // §2: the OP SHOULD ask, unless the request proves that it comes from an app of a session of this very browser. And
    // whoever has an id_token of somebody elsewhere does not sign them out with it: there is nothing to end here.
    if (hinted !== undefined) {
      await this.end(request, response, asked, people, hinted, 'app');
      return;
    }
    const person = (await this.hints.named(people, asked)) ?? people[0];
    // Its person is out already: those who only wait to be chosen again are no matter of this app's.
    const isOver = asked.hint !== undefined && (await this.sessions.current(request)) === undefined;
    if (person === undefined || isOver) this.pages.done(request, response, asked, { people });
    else this.pages.confirm(request, response, asked, person);
  }

  /** What the person has said to our question. */
  private async decide(request: ClinchRequest, response: Response, form: Parameters): Promise<void> {
    const chainId = form.get('session');
    this.csrf.check(request, logoutFormSubject(chainId), form.get('csrf_token'));
    const decision = form.get('decision');
    if (decision !== 'allow' && decision !== 'deny') throw invalid('no decision');
    const asked = await this.requests.read(form);
    if (decision === 'deny') {
      seeOther(response, this.config.url('/'));
      return;
    }
    const people = await this.people(request);
    const asking = people.find(({ session }) => session.chainId === chainId);
    // Pressed twice, or over meanwhile.
    if (asking === undefined) this.pages.done(request, response, asked, { people });
    else await this.end(request, response, asked, people, asking, 'person');
  }

  private async end(
    request: ClinchRequest,
    response: Response,
    asked: LogoutRequest,
    people: readonly SignedIn[],
    { session, account }: SignedIn,
    cause: SignOutCause,
  ): Promise<void> {
    const apps = await this.enteredApps.of(session.chainId);
    const by = asked.client === undefined ? {} : { clientId: asked.client.id };
    await this.signOut.end(session, cause, { ...by, address: clientAddress(request), traceId: request.traceId });
    await this.sessions.leave(request, response, session.chainId);
    const { current, others } = await this.sessions.all(request);
    const staying = (current === undefined ? others : [current, ...others]).filter(
      (person) => person.session.chainId !== session.chainId,
    );
    this.pages.done(request, response, asked, { people: staying, ended: { account, apps } });
  }

  /**
   * Everybody who can be signed out here; first the one whose session counts. Also whose session went idle: the apps that
   * they entered go on.
   */
  private async people(request: ClinchRequest): Promise<SignedIn[]> {
    return this.sessions.toEnd(request);
  }
}

/** What cannot be read at all is told in the words of signing out. */
async function understood(read: () => Parameters | Promise<Parameters>): Promise<Parameters> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OAuthError && !(error instanceof PageError) && error.status < 500)
      throw invalid(error.description, error);
    throw error;
  }
}

function queryOf(parameters: Parameters): string {
  const query = parameters.toQuery();
  return query === '' ? '' : `?${query}`;
}

/** Whether a form was shown by another site, as browsers say. */
function isForeign({ headers }: ClinchRequest, { issuer }: ClinchConfig): boolean {
  return headers.origin !== undefined && headers.origin !== new URL(issuer).origin;
}
