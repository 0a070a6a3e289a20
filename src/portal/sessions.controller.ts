import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { BrowserSession } from '../session/browser-session.js';
import { SessionList } from '../session/session-list.js';
import { SignOut } from '../sign-out/sign-out.js';
import { OWN_PATHS } from '../ui/own-page-layout.js';
import { afterwards } from './afterwards.js';
import { actorOf, isDone, OwnPages, zoneOf } from './own-pages.js';
import { SessionsPage } from './sessions.page.js';

/** What the button for all other sessions sends in the place of an id. No id of ours is so short. */
const OTHERS = 'others';

/** What is none of our ids is nobody's session, and some of it no database can be asked for. */
const SESSION_ID = /^[\w-]{1,64}$/;

/** /account/sessions: where somebody is signed in. */
@Controller()
@UseFilters(PageErrorFilter)
export class SessionsController {
  constructor(
    private readonly pages: OwnPages,
    private readonly sessions: SessionList,
    private readonly browser: BrowserSession,
    private readonly signOut: SignOut,
  ) {}

  @Get(OWN_PATHS.sessions)
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const signedIn = await this.pages.enter(request, response, OWN_PATHS.sessions);
    if (signedIn === undefined) return;
    const page = SessionsPage({
      ...this.pages.formFrame(request, response, signedIn),
      sessions: await this.sessions.ofAccount(signedIn.account.id),
      chainId: signedIn.session.chainId,
      now: new Date(),
      zone: zoneOf(signedIn),
      done: isDone(request),
    });
    this.pages.send(response, page);
  }

  @Post(OWN_PATHS.sessions)
  async end(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const submitted = await this.pages.submitted(request, response, OWN_PATHS.sessions);
    if (submitted === undefined) return;
    const { signedIn, form } = submitted;
    const { account, session } = signedIn;
    const actor = actorOf(request, signedIn);
    const id = form.get('session');
    if (id === undefined) throw new PageError('invalid_request', { hint: 'no session' });
    if (id === OTHERS) {
      const { sessions } = await this.signOut.endAllOf(account.id, 'person', actor, { by: session });
      this.pages.goTo(response, afterwards(OWN_PATHS.sessions, sessions > 0));
      return;
    }
    const chain = SESSION_ID.test(id)
      ? await this.signOut.endOne(account.id, id, 'person', actor, { by: session })
      : undefined;
    if (chain !== undefined) await this.browser.leave(request, response, chain);
    this.pages.goTo(response, afterwards(OWN_PATHS.sessions, chain !== undefined));
  }
}
