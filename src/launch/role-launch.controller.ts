import { Controller, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { readForm } from '../http/read-form.js';
import { seeOther } from '../http/see-other.js';
import { Interactions } from '../interaction/interactions.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { LaunchEntry } from './launch-entry.js';
import { launchPath, readLaunchRequest } from './launch-request.js';
import { RoleLaunches } from './role-launches.js';
import { formSubject } from './role-pages.js';

/** The answer of the page that asks for a role. */
@Controller()
@UseFilters(PageErrorFilter)
export class RoleLaunchController {
  constructor(
    private readonly entry: LaunchEntry,
    private readonly interactions: Interactions,
    private readonly launches: RoleLaunches,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  @Post('/launch/:client_id')
  async take(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('client_id') clientId: string,
  ): Promise<void> {
    const { client, opener } = await this.entry.app(clientId);
    if (opener?.template.open === undefined) {
      response.set('Allow', 'GET');
      throw new PageError('invalid_request', { status: 405, hint: `client ${client.id} is not opened by a template` });
    }
    const form = (await readForm(request)).refuseRepeats();
    // From the end of the form on: how slowly it was sent is the sender's affair.
    const came = performance.now();
    this.csrf.checkOrigin(request);
    const asked = readLaunchRequest({ client, opener }, form);
    if (asked.role === undefined) throw new PageError('invalid_request', { hint: 'no role' });
    const signedIn = await this.interactions.current(request);
    if (signedIn === undefined) {
      // The session ended while the page was open: the launch goes on after the sign-in, as a link to that role would.
      seeOther(response, this.config.url(launchPath(client.id, asked)));
      return;
    }
    this.csrf.check(request, formSubject(client, signedIn.account), form.get('csrf_token'));
    const decision = await this.entry.admit(request, client, signedIn);
    await this.launches.open(request, response, { client, opener, asked, signedIn, decision, came });
  }
}
