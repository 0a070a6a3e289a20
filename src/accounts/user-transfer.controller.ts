import { Get, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { AdminActor } from '../admin/admin-actor.js';
import { AdminController } from '../admin/admin-controller.js';
import { Administrator } from '../admin/admin.guard.js';
import { ExportOperation, ImportOperation, ImportQuery } from '../admin/bulk-operation.js';
import { Bulk } from '../admin/bulk.js';
import { USERS_EXPORT_SCOPE, USERS_IMPORT_SCOPE, UserTransfers } from './user-transfers.js';

const EXAMPLE = `${JSON.stringify({ username: 'chen.jing', name: '陈静', email: 'chen.jing@example.com' })}
${JSON.stringify({ username: 'zhao.lei', name: '赵磊', status: 'disabled' })}
`;

/** People, many at a time. */
@AdminController('users', 'People')
export class UserTransferController {
  constructor(
    private readonly transfers: UserTransfers,
    private readonly bulk: Bulk,
  ) {}

  @Get('export')
  @ExportOperation({
    summary: 'Export people',
    description:
      'All of them, a line each, in the order of their ids, as they are when their line is written. E-mail and phone are ' +
      'masked, unless the token has `clinch:personal-data:read` as well. It is noted who exported them. A connection ' +
      'that breaks off is an export that did not end.',
    scope: USERS_EXPORT_SCOPE,
  })
  async export(@Req() request: Request, @Res() response: Response, @Administrator() actor: AdminActor): Promise<void> {
    const inFull = await this.transfers.showsAll(actor);
    const details = { personalData: inFull };
    await this.bulk.export({ what: 'users', actor, request, response }, this.transfers.pages(inFull), details);
  }

  @Post('import')
  @ImportOperation({
    summary: 'Import people',
    description:
      'A person a line, as for `POST /users`. Who is there already, by `id` or else by `username`, is changed: fields ' +
      'that are left out stay as they are. Lines of an export can be sent as they are. Each line is done by itself: the ' +
      'same lines once more change nothing. Up to 32 MB at a time.',
    scope: USERS_IMPORT_SCOPE,
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
    await this.bulk.import({ what: 'users', actor, request, response }, one, dryRun);
  }
}
