import { Controller, Get, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { neededScope } from '../admin/admin-scope.js';
import { ClientList } from '../app-registry/client-list.js';
import type { Client } from '../app-registry/client.js';
import type { SetupCheck } from '../app-templates/app-template.js';
import { AppTemplates, type TemplateOfApp } from '../app-templates/app-templates.js';
import { TemplateInspection } from '../app-templates/template-inspection.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { AppPage } from './app.page.js';
import { AppsPage, type ListedApp } from './apps.page.js';
import { CONSOLE_PATH, ConsolePages, type ConsoleRequest } from './console-pages.js';

const APPS_READ = neededScope('apps', 'GET');
/** A check goes out to the network, as in the admin API. */
const APPS_WRITE = neededScope('apps', 'POST');

/** The pages about apps that were registered by a template. */
@Controller(`${CONSOLE_PATH}/apps`)
@UseFilters(PageErrorFilter)
export class ConsoleAppsController {
  constructor(
    private readonly console: ConsolePages,
    private readonly clients: ClientList,
    private readonly templates: AppTemplates,
    private readonly inspection: TemplateInspection,
  ) {}

  @Get()
  async list(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const entered = await this.console.enter(request, response, APPS_READ);
    if (entered === undefined) return;
    const apps = [...(await this.clients.byId()).values()]
      .flatMap((client) => {
        const found = this.templates.of(client);
        return found === undefined ? [] : [listed(client, found)];
      })
      .toSorted((one, other) => (one.clientId < other.clientId ? -1 : 1));
    this.console.show(entered, (frame) => AppsPage({ ...frame, apps }));
  }

  @Get(':client_id')
  async show(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('client_id') clientId: string,
  ): Promise<void> {
    const entered = await this.console.enter(request, response, APPS_READ, APPS_WRITE);
    if (entered !== undefined) await this.page(entered, clientId, async () => undefined);
  }

  @Post(':client_id/check')
  async check(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('client_id') clientId: string,
  ): Promise<void> {
    const entered = await this.console.submitted(request, response, APPS_READ, APPS_WRITE);
    if (entered === undefined) return;
    this.console.require(entered, APPS_WRITE);
    await this.page(entered, clientId, async (client, found) => this.inspection.of(client, found));
  }

  /** @throws {PageError} not_found for an app without a template, too */
  private async page(
    entered: ConsoleRequest,
    clientId: string,
    looked: (client: Client, found: TemplateOfApp) => Promise<readonly SetupCheck[] | undefined>,
  ): Promise<void> {
    const client = (await this.clients.byId()).get(clientId);
    const found = client === undefined ? undefined : this.templates.of(client);
    if (client === undefined || found === undefined) throw new PageError('not_found');
    // In this order: what was just looked at is what stands beside it.
    const checks = await looked(client, found);
    const setup = await found.template.setup(client, found.settings);
    const app = listed(client, found);
    const mayWrite = entered.actor.has(APPS_WRITE);
    const props = { app, setup, mayWrite, ...(checks === undefined ? {} : { checks }) };
    this.console.show(entered, (frame) => AppPage({ ...frame, ...props }));
  }
}

function listed({ id, name, enabled }: Client, { template }: TemplateOfApp): ListedApp {
  return { clientId: id, name, enabled, template: { id: template.id, name: template.name } };
}
