import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { exactAddress, type ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { AppsPage } from './apps.page.js';
import { OwnPages } from './own-pages.js';
import { appsMatching, PortalApps } from './portal-apps.js';

/** Characters of what is searched for. */
const LONGEST_SEARCH = 100;

/** `/`: the apps that somebody may open. It is also an app's home in DingTalk's workbench, with `?corpid=$CORPID$`. */
@Controller()
@UseFilters(PageErrorFilter)
export class AppsController {
  constructor(
    private readonly pages: OwnPages,
    private readonly apps: PortalApps,
  ) {}

  @Get('/')
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const search = readSearch(request.query['q']);
    const page = search === undefined ? '/' : `/?${new URLSearchParams({ q: search }).toString()}`;
    const signedIn = await this.pages.enter(request, response, page, organisationOf(request.query['corpid']));
    if (signedIn === undefined) return;
    const frame = this.pages.frame(request, signedIn);
    const all = await this.apps.of(signedIn, exactAddress(request), frame.locale);
    const apps = search === undefined ? all : appsMatching(all, search);
    this.pages.send(response, AppsPage({ ...frame, apps, search }));
  }
}

function readSearch(given: unknown): string | undefined {
  const text = typeof given === 'string' ? given.trim().slice(0, LONGEST_SEARCH) : '';
  return text === '' ? undefined : text;
}

/** DingTalk replaces `$CORPID$` only where the page is opened from the workbench. */
function organisationOf(given: unknown): { organisation?: string } {
  return typeof given === 'string' && /^[\w-]{1,128}$/.test(given) ? { organisation: given } : {};
}
