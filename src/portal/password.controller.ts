import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { PasswordChange, type PasswordChangeOutcome } from '../interaction/password-change.js';
import type { SignedIn } from '../session/session-store.js';
import { OWN_PATHS } from '../ui/own-page-layout.js';
import { OwnPages } from './own-pages.js';
import { PASSWORD_PATH } from './password-path.js';
import { PasswordPage, type PasswordErrors } from './password.page.js';

/** /account/password: for those who have one with us, where it can be used. */
@Controller()
@UseFilters(PageErrorFilter)
export class PasswordController {
  constructor(
    private readonly pages: OwnPages,
    private readonly passwords: PasswordChange,
  ) {}

  @Get(PASSWORD_PATH)
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const signedIn = await this.pages.enter(request, response, PASSWORD_PATH);
    if (signedIn === undefined) return;
    await this.assertPossible(signedIn);
    this.send(request, response, signedIn, {}, 200);
  }

  @Post(PASSWORD_PATH)
  async change(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const submitted = await this.pages.submitted(request, response, PASSWORD_PATH);
    if (submitted === undefined) return;
    const { signedIn, form } = submitted;
    await this.assertPossible(signedIn);
    const [current = '', next = '', again = ''] = ['current', 'fresh', 'again'].map((name) => form.get(name));
    // Before anything is tried: what was mistyped is nobody's new password.
    if (next !== '' && next !== again) {
      this.send(request, response, signedIn, { differs: true }, 400);
      return;
    }
    const outcome = await this.passwords.change(request, response, signedIn, { current, next });
    if (outcome.outcome === 'changed') {
      this.pages.goTo(response, `${OWN_PATHS.profile}?done=1`);
      return;
    }
    const { errors, status } = errorsOf(outcome);
    if (errors.later !== undefined) response.set('Retry-After', String(errors.later.retryAfterSeconds));
    this.send(request, response, signedIn, errors, status);
  }

  /** @throws {PageError} not_found where there is no password, or none can be used */
  private async assertPossible(signedIn: SignedIn): Promise<void> {
    if (!(await this.passwords.isPossible(signedIn)))
      throw new PageError('not_found', { hint: 'no password to change' });
  }

  private send(
    request: ClinchRequest,
    response: Response,
    signedIn: SignedIn,
    errors: PasswordErrors,
    status: number,
  ): void {
    const page = PasswordPage({ ...this.pages.formFrame(request, response, signedIn), errors });
    this.pages.send(response, page, status);
  }
}

/** @throws {PageError} not_found when there is none to change any more, or none can be used */
function errorsOf(outcome: Exclude<PasswordChangeOutcome, { outcome: 'changed' }>): {
  readonly errors: PasswordErrors;
  readonly status: number;
} {
  if (outcome.outcome === 'no_password' || outcome.outcome === 'switched_off')
    throw new PageError('not_found', { hint: 'no password to change' });
  if (outcome.outcome === 'missing') return { errors: missing(outcome.fields), status: 400 };
  if (outcome.outcome === 'wrong_password') return { errors: { current: 'wrong' }, status: 400 };
  if (outcome.outcome === 'unacceptable') return { errors: { fresh: outcome.fault }, status: 400 };
  const { outcome: reason, retryAfterSeconds } = outcome;
  return { errors: { later: { reason, retryAfterSeconds } }, status: reason === 'busy' ? 503 : 429 };
}

function missing(fields: readonly string[]): PasswordErrors {
  const current = fields.includes('current') ? ({ current: 'missing' } as const) : {};
  return fields.includes('next') ? { ...current, fresh: 'missing' } : current;
}
