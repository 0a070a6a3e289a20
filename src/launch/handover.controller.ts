import { Controller, Get, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { ClientRegistry } from '../app-registry/client-registry.js';
import { AuditLog } from '../audit/audit-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { clientAddress, type ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { PageSender } from '../http/page-sender.js';
import { readForm } from '../http/read-form.js';
import { WithoutHead } from '../http/route-table.js';
import { seeOther } from '../http/see-other.js';
import { accountIdentity, appIdentity } from '../interaction/identities.js';
import { formActionSources } from '../protocol/redirect-uri.js';
import { BrowserSession } from '../session/browser-session.js';
import { SessionStore, type SignedIn } from '../session/session-store.js';
import { Settings } from '../settings/settings.js';
import { HandoverPage } from './handover.page.js';
import { HandoverStore, type Handover } from './handover-store.js';
import { launchDestination } from './launch-destination.js';

export const HANDOVER_PATH = '/handover';

/**
 * The other end of a hand-over. The system's browser has no part in the session inside DingTalk, so a code brings it
 * over: shown by the link, spent by the button, because links are looked at by more than their owners.
 */
@Controller()
@UseFilters(PageErrorFilter)
export class HandoverController {
  constructor(
    private readonly store: HandoverStore,
    private readonly sessions: SessionStore,
    private readonly browserSession: BrowserSession,
    private readonly registry: ClientRegistry,
    private readonly pages: PageSender,
    private readonly csrf: Csrf,
    private readonly settings: Settings,
    private readonly audit: AuditLog,
    private readonly config: ClinchConfig,
  ) {}

  @Get(HANDOVER_PATH)
  @WithoutHead()
  async show(@Req() request: ClinchRequest, @Res() response: Response, @Query('code') given: unknown): Promise<void> {
    const code = typeof given === 'string' ? given : '';
    const handover = await this.store.find(code);
    const { account } = await this.originalOf(handover);
    const client = handover && (await this.registry.findEnabled(handover.clientId));
    const leadsTo = client && launchDestination(client, { issuer: this.config.issuer });
    const page = HandoverPage({
      ...this.pages.frame(request),
      app: client && appIdentity(client),
      account: accountIdentity(account),
      action: this.config.basePath + HANDOVER_PATH,
      code,
      csrfToken: this.csrf.token(this.csrf.ensureBrowser(request, response), formSubject(code)),
    });
    const toApp = leadsTo === undefined ? {} : { formAction: formActionSources(leadsTo) };
    this.pages.send(response, 200, page, { ...toApp, postsToUs: true });
  }

  @Post(HANDOVER_PATH)
  async accept(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const form = (await readForm(request)).refuseRepeats();
    const code = form.get('code') ?? '';
    this.csrf.check(request, formSubject(code), form.get('csrf_token'));
    const handover = await this.store.spend(code);
    const { session, account } = await this.originalOf(handover);
    const { authTime, acr, amr } = session;
    const fresh = await this.browserSession.signIn(request, response, account.id, { authTime, acr, amr });
    this.audit.record(
      'session.handed_over',
      { accountId: account.id, address: clientAddress(request), traceId: request.traceId },
      { from: session.id, sid: fresh.id },
    );
    seeOther(response, this.config.url(handover?.page ?? '/'));
  }

  /** @throws {PageError} when there is nothing to hand over: no code, a spent one, or a session that has ended since */
  private async originalOf(handover: Handover | undefined): Promise<SignedIn> {
    const original = handover && (await this.sessions.findById(handover.sessionId));
    if (handover === undefined || original === undefined) throw new PageError('handover_over');
    // Handed on and on, a session would never end.
    const longest = this.settings.current.sessionAbsoluteLifetime * 1000;
    const tooOld = Date.now() - original.session.authTime.getTime() >= longest;
    if (tooOld || original.account.id !== handover.accountId) throw new PageError('handover_over');
    return original;
  }
}

function formSubject(code: string): string {
  return `handover ${code}`;
}
