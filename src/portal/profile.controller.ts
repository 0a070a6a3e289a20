import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { OWN_PATHS } from '../ui/own-page-layout.js';
import { isDone, OwnPages } from './own-pages.js';
import { ProfileFacts } from './profile-facts.js';
import { ProfilePage } from './profile.page.js';

/** /account: what is known of somebody. */
@Controller()
@UseFilters(PageErrorFilter)
export class ProfileController {
  constructor(
    private readonly pages: OwnPages,
    private readonly profile: ProfileFacts,
  ) {}

  @Get(OWN_PATHS.profile)
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const signedIn = await this.pages.enter(request, response, OWN_PATHS.profile);
    if (signedIn === undefined) return;
    const { account } = signedIn;
    const [facts, hasPassword] = await Promise.all([this.profile.of(account), this.profile.hasPassword(account)]);
    this.pages.send(
      response,
      ProfilePage({ ...this.pages.frame(request, signedIn), facts, hasPassword, done: isDone(request) }),
    );
  }
}
