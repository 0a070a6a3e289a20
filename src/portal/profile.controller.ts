import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PasswordChange } from '../interaction/password-change.js';
import type { SignedIn } from '../session/session-store.js';
import { OWN_PATHS } from '../ui/own-page-layout.js';
import { isDone, OwnPages } from './own-pages.js';
import { ProfileFacts } from './profile-facts.js';
import { ProfilePage, type ProfilePageProps } from './profile.page.js';

/** /account: what is known of somebody. */
@Controller()
@UseFilters(PageErrorFilter)
export class ProfileController {
  constructor(
    private readonly pages: OwnPages,
    private readonly profile: ProfileFacts,
    private readonly passwords: PasswordChange,
  ) {}

  @Get(OWN_PATHS.profile)
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const signedIn = await this.pages.enter(request, response, OWN_PATHS.profile);
    if (signedIn === undefined) return;
    const { account } = signedIn;
    const [facts, editable, hasPassword] = await Promise.all([
      this.profile.of(account),
      this.profile.editable(account),
      this.passwords.isPossible(signedIn),
    ]);
    const frame = this.pages.frame(request, signedIn);
    const done = this.doneOf(request, signedIn);
    this.pages.send(response, ProfilePage({ ...frame, facts, isEditable: editable.length > 0, hasPassword, done }));
  }

  /** That a password was changed is no matter of words: a link that says so frightens, so the session is asked as well. */
  private doneOf(request: ClinchRequest, signedIn: SignedIn): ProfilePageProps['done'] {
    if (request.query['done'] === 'profile') return 'profile';
    return isDone(request) && this.passwords.wasJustMade(signedIn) ? 'password' : undefined;
  }
}
