import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { clientAddress, exactAddress, type ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { Direct } from '../http/direct-routes.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { readForm } from '../http/read-form.js';
import { WithoutHead } from '../http/route-table.js';
import { Interactions } from '../interaction/interactions.js';
import { Parameters } from '../protocol/parameters.js';
import type { SignedIn } from '../session/session-store.js';
import { CodeEntry } from './code-entry.js';
import { DeviceDecision } from './device-decision.js';
import { DEVICE_PATH, deviceFormSubject, DevicePages } from './device-pages.js';
import { readUserCode, shownUserCode } from './user-code.js';

/** Characters of a wrong code that are shown again, to be corrected. */
const LONGEST_SHOWN = 40;

/** /device: the person's part (RFC 8628 §3.3). Nobody enters a code without an account: strangers cannot guess. */
@Controller()
@UseFilters(PageErrorFilter)
export class DeviceController {
  constructor(
    private readonly interactions: Interactions,
    private readonly entry: CodeEntry,
    private readonly decision: DeviceDecision,
    private readonly pages: DevicePages,
    private readonly csrf: Csrf,
  ) {}

  /** Shows and asks, whatever the address says: only the form answers. */
  @Direct()
  @Get(DEVICE_PATH)
  @WithoutHead()
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const [, query = ''] = request.url.split(/\?(.*)/s);
    const parameters = Parameters.parse(query).refuseRepeats();
    if (parameters.has('decision')) {
      response.set('Allow', 'POST');
      throw new PageError('invalid_request', { status: 405, hint: 'a decision that did not come with the form' });
    }
    const typed = parameters.get('user_code');
    const signedIn = await this.interactions.current(request);
    const select = parameters.get('account') === 'other';
    if (signedIn === undefined || select) {
      const userCode = readUserCode(typed ?? '');
      const page = userCode === undefined ? DEVICE_PATH : `${DEVICE_PATH}?user_code=${shownUserCode(userCode)}`;
      await this.interactions.signInFor(request, response, page, select ? { select } : {});
    } else if (typed === undefined) {
      this.pages.enterCode(request, response, signedIn.account);
    } else {
      await this.enter(request, response, signedIn, typed, false);
    }
  }

  @Direct()
  @Post(DEVICE_PATH)
  async submit(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const form = (await readForm(request)).refuseRepeats();
    const typed = form.get('user_code');
    const decision = form.get('decision');
    const signedIn = await this.interactions.current(request);
    // With a decision the token is for this one code, and only the page that showed the code has such a token.
    const userCode = decision === undefined ? undefined : (readUserCode(typed ?? '') ?? '');
    this.csrf.check(request, deviceFormSubject(userCode, signedIn?.account), form.get('csrf_token'));
    if (signedIn === undefined) throw new PageError('form_not_ours', { hint: 'nobody is signed in' });
    if (userCode !== undefined) {
      await this.decide(request, response, signedIn, userCode, form);
    } else if (typed === undefined) {
      this.pages.enterCode(request, response, signedIn.account, { typed: '', error: { kind: 'missing' } }, 400);
    } else {
      await this.enter(request, response, signedIn, typed, true);
    }
  }

  private async enter(
    request: ClinchRequest,
    response: Response,
    { account }: SignedIn,
    typed: string,
    byForm: boolean,
  ): Promise<void> {
    const entry = await this.entry.enter(typed, { accountId: account.id, ...actorOf(request) }, byForm);
    if (entry.outcome === 'found') {
      const client = await this.decision.clientOf(entry.device);
      await this.pages.confirm(request, response, account, entry.device, client);
      return;
    }
    const shown = typed.slice(0, LONGEST_SHOWN);
    if (entry.outcome === 'unknown') {
      this.pages.enterCode(request, response, account, { typed: shown, error: { kind: 'unknown' } }, 400);
      return;
    }
    const error = { kind: 'stopped', retryAfterSeconds: entry.retryAfter } as const;
    this.pages.enterCode(request, response, account, { typed: '', error }, 429);
  }

  private async decide(
    request: ClinchRequest,
    response: Response,
    signedIn: SignedIn,
    userCode: string,
    form: Parameters,
  ): Promise<void> {
    const decision = form.get('decision');
    if (decision !== 'allow' && decision !== 'deny') throw new PageError('invalid_request', { hint: 'no decision' });
    const how = { address: exactAddress(request), appAccountId: form.get('app_account') };
    const decided = await this.decision[decision](userCode, signedIn, actorOf(request), how);
    this.pages.decided(request, response, decided);
  }
}

function actorOf(request: ClinchRequest): { address: string; traceId: string } {
  return { address: clientAddress(request), traceId: request.traceId };
}
