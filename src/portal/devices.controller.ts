import { Controller, Get, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { OWN_PATHS } from '../ui/own-page-layout.js';
import { afterwards } from './afterwards.js';
import { DevicesPage } from './devices.page.js';
import { OwnDevices } from './own-devices.js';
import { actorOf, isDone, OwnPages, zoneOf } from './own-pages.js';

/** /account/devices: what was let in by a code. */
@Controller()
@UseFilters(PageErrorFilter)
export class DevicesController {
  constructor(
    private readonly pages: OwnPages,
    private readonly devices: OwnDevices,
  ) {}

  @Get(OWN_PATHS.devices)
  async show(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const signedIn = await this.pages.enter(request, response, OWN_PATHS.devices);
    if (signedIn === undefined) return;
    const page = DevicesPage({
      ...this.pages.formFrame(request, response, signedIn),
      devices: await this.devices.of(signedIn.account),
      now: new Date(),
      zone: zoneOf(signedIn),
      done: isDone(request),
    });
    this.pages.send(response, page);
  }

  @Post(OWN_PATHS.devices)
  async end(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const submitted = await this.pages.submitted(request, response, OWN_PATHS.devices);
    if (submitted === undefined) return;
    const { signedIn, form } = submitted;
    const id = form.get('device');
    if (id === undefined) throw new PageError('invalid_request', { hint: 'no device' });
    const done = await this.devices.end(signedIn.account, id, actorOf(request, signedIn));
    this.pages.goTo(response, afterwards(OWN_PATHS.devices, done));
  }
}
