import { Body, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Administrator } from '../../admin/admin.guard.js';
import { AdminController } from '../../admin/admin-controller.js';
import { ListQuery, pageOf, pageRequest, type Page } from '../../admin/list-page.js';
import { Operation, type OperationExamples } from '../../admin/operation.js';
import { Problem } from '../../admin/problem.js';
import { useKey } from '../../admin/request-terms.js';
import type { Actor } from '../../audit/audit-log.js';
import type { IdentitySource } from '../source/identity-source.js';
import { IdentitySources } from '../source/identity-sources.js';
import { DirectorySyncs } from './directory-syncs.js';
import { Findings, type FieldChange } from './findings.js';
import { DifferenceQuery, NewSyncRun, SyncDifference, SyncErrorAnswer, SyncRunAnswer } from './sync-run.dto.js';
import type { SyncDifferenceEntity, SyncErrorEntity } from './sync-run.entity.js';
import { SyncRunStore } from './sync-run-store.js';
import type { SyncRun } from './sync-run.js';

const EXAMPLES: OperationExamples<NewSyncRun> = {
  dry: { summary: 'Show what would change', value: { dry_run: true } },
};

/** Syncs of organisations' directories. */
@AdminController('identity-sources/:id/sync-runs', 'Identity sources')
export class SyncRunsController {
  constructor(
    private readonly sources: IdentitySources,
    private readonly runs: SyncRunStore,
    private readonly syncs: DirectorySyncs,
    private readonly findings: Findings,
  ) {}

  @Get()
  @Operation({ summary: 'List syncs', description: 'The newest first.', list: SyncRunAnswer, problems: [404] })
  async list(@Param('id') id: string, @Query() query: ListQuery): Promise<Page<SyncRunAnswer>> {
    const source = await this.source(id);
    const page = pageRequest(query);
    return pageOf(await this.runs.list(source.id, page), page, (run) => run.id, toAnswer);
  }

  @Post()
  @HttpCode(202)
  @Operation({
    summary: 'Start a sync',
    description:
      'Its state tells how far it is. A source has one sync at a time (409). The source must be switched on.',
    answer: SyncRunAnswer,
    status: 202,
    creates: true,
    body: { type: NewSyncRun, examples: EXAMPLES, required: false },
    problems: [404, 409],
  })
  async start(
    @Param('id') id: string,
    @Body() body: NewSyncRun,
    @Administrator() actor: Actor,
  ): Promise<SyncRunAnswer> {
    const source = await this.source(id);
    if (!source.enabled) throw new Problem('conflict', 'The identity source is switched off.');
    const kind = body.dry_run === true ? 'dry' : 'full';
    const run = await this.syncs.start(source, kind, nameOf(actor), (manager) => useKey(manager, actor));
    return toAnswer(run);
  }

  @Get(':run_id')
  @Operation({ summary: 'Read a sync', description: 'How far it is.', answer: SyncRunAnswer, problems: [404] })
  async read(@Param('id') id: string, @Param('run_id') runId: string): Promise<SyncRunAnswer> {
    return toAnswer(await this.run(id, runId));
  }

  @Get(':run_id/differences')
  @Operation({
    summary: 'List what a sync found to differ',
    description: 'By kind. Of a full sync too: then it is what was changed, or could not be. Kept for 30 days.',
    list: SyncDifference,
    problems: [404],
  })
  async differences(
    @Param('id') id: string,
    @Param('run_id') runId: string,
    @Query() query: DifferenceQuery,
  ): Promise<Page<SyncDifference>> {
    const run = await this.run(id, runId);
    const page = pageRequest(query);
    const rows = await this.findings.listDifferences(run.id, page, query.kind);
    return pageOf(rows, page, (row) => row.id, toDifference);
  }

  @Get(':run_id/errors')
  @Operation({
    summary: 'List what a sync could not read or apply',
    description: 'The rest of it went on. Nobody is disabled for having been in a department that could not be read.',
    list: SyncErrorAnswer,
    problems: [404],
  })
  async errors(
    @Param('id') id: string,
    @Param('run_id') runId: string,
    @Query() query: ListQuery,
  ): Promise<Page<SyncErrorAnswer>> {
    const run = await this.run(id, runId);
    const page = pageRequest(query);
    return pageOf(await this.findings.listErrors(run.id, page), page, (row) => row.id, toError);
  }

  @Post(':run_id/apply')
  @HttpCode(202)
  @Operation({
    summary: 'Apply a dry run',
    description: 'As it stands, within an hour after it has ended. It becomes a full sync.',
    answer: SyncRunAnswer,
    status: 202,
    problems: [404, 409],
  })
  async apply(
    @Param('id') id: string,
    @Param('run_id') runId: string,
    @Administrator() actor: Actor,
  ): Promise<SyncRunAnswer> {
    return toAnswer(await this.syncs.applyDry(await this.run(id, runId), nameOf(actor)));
  }

  @Post(':run_id/approve')
  @HttpCode(202)
  @Operation({
    summary: 'Approve a sync',
    description: 'It goes on, and disables all who are gone, although they are more than the limit of the source.',
    answer: SyncRunAnswer,
    status: 202,
    problems: [404, 409],
  })
  async approve(
    @Param('id') id: string,
    @Param('run_id') runId: string,
    @Administrator() actor: Actor,
  ): Promise<SyncRunAnswer> {
    return toAnswer(await this.syncs.approve(await this.run(id, runId), actor));
  }

  @Post(':run_id/cancel')
  @HttpCode(202)
  @Operation({
    summary: 'Cancel a sync',
    description: 'It ends within seconds. What it has applied stays.',
    answer: SyncRunAnswer,
    status: 202,
    problems: [404, 409],
  })
  async cancel(
    @Param('id') id: string,
    @Param('run_id') runId: string,
    @Administrator() actor: Actor,
  ): Promise<SyncRunAnswer> {
    return toAnswer(await this.syncs.cancel(await this.run(id, runId), actor));
  }

  private async source(id: string): Promise<IdentitySource> {
    const source = await this.sources.find(id);
    if (source === undefined) throw Problem.notFound('identity source');
    return source;
  }

  private async run(id: string, runId: string): Promise<SyncRun> {
    const source = await this.source(id);
    const run = /^[A-Za-z0-9_-]{1,64}$/.test(runId) ? await this.runs.find(source.id, runId) : undefined;
    if (run === undefined) throw Problem.notFound('sync');
    return run;
  }
}

function nameOf({ clientId }: Actor): string {
  return clientId ?? 'an administrator';
}

function toAnswer(run: SyncRun): SyncRunAnswer {
  const { roles_listed: _, ...progress } = run.progress;
  return {
    id: run.id,
    source: run.sourceId,
    kind: run.kind,
    state: run.state,
    requested_by: run.requestedBy,
    progress,
    error: run.error,
    next_attempt_at: run.nextAttemptAt?.toISOString() ?? null,
    created_at: run.createdAt.toISOString(),
    started_at: run.startedAt?.toISOString() ?? null,
    finished_at: run.finishedAt?.toISOString() ?? null,
  };
}

function toDifference({ kind, key, name, changes }: SyncDifferenceEntity): SyncDifference {
  return { kind, key, name, changes: JSON.parse(changes) as FieldChange[] };
}

function toError({ kind, key, message, createdAt }: SyncErrorEntity): SyncErrorAnswer {
  return { kind, key, message, created_at: createdAt.toISOString() };
}
