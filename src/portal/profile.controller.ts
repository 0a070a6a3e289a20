import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
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
  ) {}

  @Get(OWN_PATHS.profile)
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const signedIn = await this.pages.enter(request, response, OWN_PATHS.profile);
    if (signedIn === undefined) return;
    const { account } = signedIn;
    const [facts, editable, hasPassword] = await Promise.all([
      this.profile.of(account),
      this.profile.editable(account),
      this.profile.hasPassword(account),
    ]);
    const frame = this.pages.frame(request, signedIn);
    this.pages.send(
      response,
      ProfilePage({ ...frame, facts, isEditable: editable.length > 0, hasPassword, done: doneOf(request) }),
    );
  }
}

/** It only chooses words, as {@link isDone}. */
function doneOf(request: ClinchRequest): ProfilePageProps['done'] {
  if (request.query['done'] === 'profile') return 'profile';
  return isDone(request) ? 'password' : undefined;
}
