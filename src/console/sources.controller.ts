import { Controller, Get, Param, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import { neededScope } from '../admin/admin-scope.js';
import { Problem } from '../admin/problem.js';
import { SourceAdministration } from '../dingtalk/administration/source-administration.js';
import { SourceChecks } from '../dingtalk/administration/source-checks.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import type { Parameters } from '../protocol/parameters.js';
import { CONSOLE_PATH, ConsolePages, type ConsoleRequest } from './console-pages.js';
import { ConnectPage } from './connect.page.js';
import { consoleError } from './console-error.js';
import { SourceFacts } from './source-facts.js';
import { SourcePage, SWITCHES, type SourcePageProps } from './source.page.js';
import { SourcesPage } from './sources.page.js';

export const SOURCES_READ = neededScope('identity-sources', 'GET');
export const SOURCES_WRITE = neededScope('identity-sources', 'POST');
/** Some settings of a source decide who its people are. */
const PEOPLE_WRITE = neededScope('users', 'POST');

const CONNECT_FIELDS = [
  'name',
  'corp_id',
  'client_id',
  'client_secret',
  'login_base_url',
  'api_base_url',
  'oapi_base_url',
];

/** The pages about the organisations' DingTalks. */
@Controller(`${CONSOLE_PATH}/sources`)
@UseFilters(PageErrorFilter)
export class ConsoleSourcesController {
  constructor(
    private readonly console: ConsolePages,
    private readonly sources: SourceAdministration,
    private readonly checks: SourceChecks,
    private readonly facts: SourceFacts,
  ) {}

  @Get()
  async list(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const entered = await this.console.enter(request, response, SOURCES_READ, SOURCES_WRITE);
    if (entered === undefined) return;
    const sources = await this.facts.listed();
    const mayWrite = entered.actor.has(SOURCES_WRITE);
    this.console.show(entered, (frame) => SourcesPage({ ...frame, sources, mayWrite }));
  }

  @Get('new')
  async askNew(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const entered = await this.console.enter(request, response, SOURCES_WRITE);
    if (entered === undefined) return;
    this.console.show(entered, (frame) => ConnectPage({ ...frame, values: {}, problems: [] }));
  }

  @Post()
  async connect(@Req() request: ClinchRequest, @Res() response: Response): Promise<void> {
    const entered = await this.console.submitted(request, response, SOURCES_WRITE, PEOPLE_WRITE);
    if (entered === undefined) return;
    const values = Object.fromEntries(
      CONNECT_FIELDS.map((name) => [name, entered.form.get(name)?.trim() ?? '']).filter(([, value]) => value !== ''),
    ) as Record<string, string>;
    try {
      const source = await this.sources.create(await this.facts.readNew(values), entered.actor);
      this.console.goTo(response, `/sources/${source.id}`);
    } catch (error) {
      const { problems, fault, status } = this.facts.faultOf(error);
      this.console.show(entered, (frame) => ConnectPage({ ...frame, values, problems, fault }), status);
    }
  }

  @Get(':id')
  async show(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('id') id: string,
    @Query('saved') saved: unknown,
  ): Promise<void> {
    const entered = await this.console.enter(request, response, SOURCES_READ, SOURCES_WRITE);
    if (entered !== undefined) await this.page(entered, id, { saved: saved === '1' });
  }

  @Post(':id')
  async change(@Req() request: ClinchRequest, @Res() response: Response, @Param('id') id: string): Promise<void> {
    const entered = await this.console.submitted(request, response, SOURCES_READ, SOURCES_WRITE, PEOPLE_WRITE);
    if (entered === undefined) return;
    this.console.require(entered, SOURCES_WRITE);
    try {
      const changes = await this.facts.readChanges(changesOf(entered.form));
      await this.sources.change(id, changes, entered.actor);
      this.console.goTo(response, `/sources/${id}?saved=1`);
    } catch (error) {
      if (error instanceof Problem && error.kind === 'not-found') throw consoleError(error);
      const { problems, fault, status } = this.facts.faultOf(error);
      await this.page(entered, id, { problems, fault }, status);
    }
  }

  @Post(':id/check')
  async check(@Req() request: ClinchRequest, @Res() response: Response, @Param('id') id: string): Promise<void> {
    const entered = await this.console.submitted(request, response, SOURCES_READ, SOURCES_WRITE);
    if (entered === undefined) return;
    this.console.require(entered, SOURCES_WRITE);
    const check = await this.checks.check(await this.facts.source(id));
    await this.page(entered, id, { check });
  }

  @Post(':id/callback-keys')
  async renewKeys(@Req() request: ClinchRequest, @Res() response: Response, @Param('id') id: string): Promise<void> {
    const entered = await this.console.submitted(request, response, SOURCES_READ, SOURCES_WRITE);
    if (entered === undefined) return;
    this.console.require(entered, SOURCES_WRITE);
    const newKeys = await this.sources.renewCallbackKeys(id, entered.actor).catch((error: unknown) => {
      throw consoleError(error);
    });
    await this.page(entered, id, { newKeys });
  }

  private async page(
    entered: ConsoleRequest,
    id: string,
    more: Pick<SourcePageProps, 'problems' | 'fault' | 'saved' | 'check' | 'newKeys'>,
    status = 200,
  ): Promise<void> {
    const facts = await this.facts.of(id);
    const mayWrite = entered.actor.has(SOURCES_WRITE);
    this.console.show(entered, (frame) => SourcePage({ ...frame, ...facts, ...more, mayWrite }), status);
  }
}

/** A box that is not ticked is not sent, so every switch of the form has a value. */
function changesOf(form: Parameters): Record<string, unknown> {
  const switches = Object.fromEntries(SWITCHES.map((name) => [name, form.get(name) === 'true']));
  const schedule = form.get('sync_schedule')?.trim() ?? '';
  const secret = form.get('client_secret') ?? '';
  const limit = form.get('sync_disable_limit')?.trim() ?? '';
  return {
    ...switches,
    new_people: form.get('new_people'),
    sync_schedule: schedule === '' ? null : schedule,
    ...(limit === '' ? {} : { sync_disable_limit: /^\d{1,9}$/.test(limit) ? Number(limit) : limit }),
    ...(secret === '' ? {} : { client_secret: secret }),
  };
}
