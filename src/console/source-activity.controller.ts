import { Controller, Get, Param, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import type { Response } from 'express';
import type { AdminActor } from '../admin/admin-actor.js';
import { pageOf, pageRequest, type Page, type PageRequest } from '../admin/list-page.js';
import { DirectorySyncs } from '../dingtalk/directory/directory-syncs.js';
import { Findings, type DifferenceKind, type FieldChange } from '../dingtalk/directory/findings.js';
import { SyncRunStore } from '../dingtalk/directory/sync-run-store.js';
import type { SyncRun } from '../dingtalk/directory/sync-run.js';
import { EventLog, pageKey } from '../dingtalk/events/event-log.js';
import type { IdentitySource } from '../dingtalk/source/identity-source.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { PageErrorFilter } from '../http/page-error.filter.js';
import { PageError } from '../http/page-error.js';
import { consoleError } from './console-error.js';
import { CONSOLE_PATH, ConsolePages, type ConsoleRequest } from './console-pages.js';
import { EventsPage } from './events.page.js';
import { RunPage } from './run.page.js';
import { SourceFacts } from './source-facts.js';
import { SOURCES_READ, SOURCES_WRITE } from './sources.controller.js';

const ON_A_PAGE = '100';

/** The pages about what goes on at a source: its syncs, and the changes that arrive. */
@Controller(`${CONSOLE_PATH}/sources/:id`)
@UseFilters(PageErrorFilter)
export class ConsoleSourceActivityController {
  constructor(
    private readonly console: ConsolePages,
    private readonly facts: SourceFacts,
    private readonly syncs: DirectorySyncs,
    private readonly runs: SyncRunStore,
    private readonly findings: Findings,
    private readonly events: EventLog,
  ) {}

  @Post('runs')
  async start(@Req() request: ClinchRequest, @Res() response: Response, @Param('id') id: string): Promise<void> {
    const entered = await this.console.submitted(request, response, SOURCES_WRITE);
    if (entered === undefined) return;
    const source = await this.facts.source(id);
    if (!source.enabled) throw new PageError('invalid_request', { hint: 'the source is switched off' });
    const kind = entered.form.get('kind') === 'full' ? 'full' : 'dry';
    const run = await translated(this.syncs.start(source, kind, entered.actor.clientId));
    this.console.goTo(response, `/sources/${source.id}/runs/${run.id}`);
  }

  @Get('runs/:run')
  async run(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('id') id: string,
    @Param('run') runId: string,
    @Query('cursor') cursor: unknown,
  ): Promise<void> {
    const entered = await this.console.enter(request, response, SOURCES_READ, SOURCES_WRITE);
    if (entered === undefined) return;
    const source = await this.facts.source(id);
    const run = await this.runOf(source, runId);
    const page = pageAt(cursor);
    const rows = await this.findings.listDifferences(run.id, page, undefined);
    const differences = pageOf(
      rows,
      page,
      (row) => row.id,
      (row) => ({
        kind: row.kind as DifferenceKind,
        key: row.key,
        name: row.name,
        changes: JSON.parse(row.changes) as FieldChange[],
      }),
    );
    const errors = await this.findings.listErrors(run.id, pageAt(undefined));
    const props = {
      sourceName: source.name,
      run,
      differences: differences.items,
      nextCursor: differences.next_cursor,
      errors,
      mayWrite: entered.actor.has(SOURCES_WRITE),
    };
    this.console.show(entered, (frame) => RunPage({ ...frame, ...props }));
  }

  @Post('runs/:run/:action')
  async steer(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('id') id: string,
    @Param('run') runId: string,
    @Param('action') action: string,
  ): Promise<void> {
    const entered = await this.console.submitted(request, response, SOURCES_WRITE);
    if (entered === undefined) return;
    const run = await this.runOf(await this.facts.source(id), runId);
    await translated(this.steered(action, run, entered.actor));
    this.console.goTo(response, `/sources/${run.sourceId}/runs/${run.id}`);
  }

  @Get('events')
  async showEvents(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('id') id: string,
    @Query('cursor') cursor: unknown,
  ): Promise<void> {
    const entered = await this.console.enter(request, response, SOURCES_READ, SOURCES_WRITE);
    if (entered === undefined) return;
    const source = await this.facts.source(id);
    const page = pageAt(cursor);
    const rows = await translated(this.events.list(source.id, page, {}));
    const events: Page<(typeof rows)[number]> = pageOf(rows, page, pageKey, (row) => row);
    const channels = await this.events.channelsOf(source.id);
    const props = {
      sourceId: source.id,
      sourceName: source.name,
      events: events.items,
      nextCursor: events.next_cursor,
      channels,
      mayWrite: entered.actor.has(SOURCES_WRITE),
    };
    this.console.show(entered, (frame) => EventsPage({ ...frame, ...props }));
  }

  @Post('events/:event/retry')
  async retry(
    @Req() request: ClinchRequest,
    @Res() response: Response,
    @Param('id') id: string,
    @Param('event') eventId: string,
  ): Promise<void> {
    const entered: ConsoleRequest | undefined = await this.console.submitted(request, response, SOURCES_WRITE);
    if (entered === undefined) return;
    await translated(this.events.retry(id, eventId, entered.actor));
    this.console.goTo(response, `/sources/${id}/events`);
  }

  private async runOf(source: IdentitySource, runId: string): Promise<SyncRun> {
    const run = /^[A-Za-z0-9_-]{1,64}$/.test(runId) ? await this.runs.find(source.id, runId) : undefined;
    if (run === undefined) throw new PageError('not_found');
    return run;
  }

  private async steered(action: string, run: SyncRun, actor: AdminActor): Promise<SyncRun> {
    if (action === 'apply') return this.syncs.applyDry(run, actor.clientId);
    if (action === 'approve') return this.syncs.approve(run, actor);
    if (action === 'cancel') return this.syncs.cancel(run, actor);
    throw new PageError('not_found');
  }
}

/** @throws {PageError} for a cursor that is none of ours */
function pageAt(cursor: unknown): PageRequest {
  try {
    return pageRequest({ limit: ON_A_PAGE, ...(typeof cursor === 'string' ? { cursor } : {}) });
  } catch (error) {
    throw consoleError(error);
  }
}

async function translated<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw consoleError(error);
  }
}
