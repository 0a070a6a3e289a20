import { Get, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { AdminActor } from '../admin/admin-actor.js';
import { AdminController } from '../admin/admin-controller.js';
import { Administrator } from '../admin/admin.guard.js';
import { ExportOperation, ImportOperation, ImportQuery } from '../admin/bulk-operation.js';
import { Bulk } from '../admin/bulk.js';
import { APPS_EXPORT_SCOPE, APPS_IMPORT_SCOPE, AppTransfers } from './app-transfers.js';

const EXAMPLE = `${JSON.stringify({ client_id: 'wiki', client_name: 'Wiki', redirect_uris: ['https://wiki.example.com/cb'] })}
${JSON.stringify({ client_id: 'reports', client_name: '报表', redirect_uris: ['https://reports.example.com/cb'] })}
`;

/** Apps, many at a time. */
@AdminController('apps', 'Apps')
export class AppTransferController {
  constructor(
    private readonly transfers: AppTransfers,
    private readonly bulk: Bulk,
  ) {}

  @Get('export')
  @ExportOperation({
    summary: 'Export apps',
    description:
      'All of them, a line each, in the order of their ids; never with a secret. It is noted who exported them.',
    scope: APPS_EXPORT_SCOPE,
  })
  async export(@Req() request: Request, @Res() response: Response, @Administrator() actor: AdminActor): Promise<void> {
    await this.bulk.export({ what: 'apps', actor, request, response }, this.transfers.pages(), {});
  }

  @Post('import')
  @ImportOperation({
    summary: 'Import apps',
    description:
      'An app a line, as for `POST /apps`. Who is there already, by `client_id`, is changed: fields that are left out ' +
      'stay as they are. Lines of an export can be sent as they are. An app that gets a secret has it in its line of ' +
      'the answer, as `client_secret`: it is shown this once and not kept. Up to 32 MB at a time.',
    scope: APPS_IMPORT_SCOPE,
    example: EXAMPLE,
  })
  async import(
    @Query() { dry_run }: ImportQuery,
    @Req() request: Request,
    @Res() response: Response,
    @Administrator() actor: AdminActor,
  ): Promise<void> {
    const dryRun = dry_run === 'true';
    const one = (line: Record<string, unknown>) => this.transfers.importOne(line, actor, dryRun);
    await this.bulk.import({ what: 'apps', actor, request, response }, one, dryRun);
  }
}
