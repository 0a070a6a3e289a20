import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { PERSONAL_DATA_SCOPE } from '../accounts/personal-data.js';
import type { AdminActor } from '../admin/admin-actor.js';
import { AdminController } from '../admin/admin-controller.js';
import { Administrators } from '../admin/administrators.js';
import { Administrator } from '../admin/admin.guard.js';
import { ListQuery, pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation, type OperationExamples } from '../admin/operation.js';
import { AuditExportAdministration } from './audit-export-administration.js';
import { AuditExport, AuditExportChanges, NewAuditExport } from './audit-export.dto.js';
import type { AuditExportEntity } from './audit-export.entity.js';
import { shownAddress } from './export-address.js';

const CREATE: OperationExamples<NewAuditExport> = {
  webhook: {
    summary: 'A webhook',
    value: {
      kind: 'webhook',
      name: 'SIEM',
      address: 'https://siem.example.com/clinch',
      secret: 'at-least-32-characters-of-your-own-choice',
    },
  },
  syslog: {
    summary: 'Syslog over TLS',
    value: { kind: 'syslog', name: 'Log server', address: 'tls://logs.example.com:6514' },
  },
};

const CHANGE: OperationExamples<AuditExportChanges> = {
  off: { summary: 'Stop sending for a while', value: { enabled: false } },
  lines: { summary: 'One event on each line', value: { format: 'ndjson' } },
};

/** What a destination is told of everybody: whoever chooses one could as well be told it. */
const WHAT_LEAVES = ['clinch:audit-events:read', PERSONAL_DATA_SCOPE];

/** Where audit events are sent to. */
@AdminController('audit-exports', 'Audit')
export class AuditExportsController {
  constructor(
    private readonly exports: AuditExportAdministration,
    private readonly administrators: Administrators,
  ) {}

  @Get()
  @Operation({
    summary: 'List audit exports',
    description: 'Where audit events are sent to, and how far each destination is.',
    list: AuditExport,
  })
  async list(@Query() query: ListQuery): Promise<Page<AuditExport>> {
    const page = pageRequest(query);
    return pageOf(await this.exports.list(page), page, ({ id }) => id, toAuditExport);
  }

  @Get(':id')
  @Operation({
    summary: 'Read an audit export',
    description: 'How far it is.',
    answer: AuditExport,
    problems: [404],
  })
  async read(@Param('id') id: string): Promise<AuditExport> {
    return toAuditExport(await this.exports.find(id));
  }

  @Post()
  @HttpCode(201)
  @Operation({
    summary: 'Make an audit export',
    description:
      'From then on every event is sent there, in the order of the chain and at least once: `seq` tells a repeat. A webhook ' +
      'gets `X-Clinch-Timestamp` (seconds) and `X-Clinch-Signature`: `v1=` and the HMAC-SHA-256, in hexadecimal, of the ' +
      'timestamp, a dot and the body. Any 2xx takes the events; after anything else they come again, after a second at ' +
      'first and five minutes at last. Events leave in full, so that it needs `clinch:audit-events:read` and ' +
      '`clinch:personal-data:read` as well.',
    status: 201,
    answer: AuditExport,
    body: { type: NewAuditExport, examples: CREATE },
    problems: [409],
  })
  async create(@Body() body: NewAuditExport, @Administrator() actor: AdminActor): Promise<AuditExport> {
    await this.requireWhatLeaves(body, actor);
    return toAuditExport(await this.exports.create(body, actor));
  }

  @Patch(':id')
  @Operation({
    summary: 'Change an audit export',
    description:
      'Fields that are left out stay as they are. What waits is tried at once. A query of the address is never shown. Another address, and switching it on, need ' +
      '`clinch:audit-events:read` and `clinch:personal-data:read` as well.',
    answer: AuditExport,
    body: { type: AuditExportChanges, examples: CHANGE },
    problems: [404],
  })
  async change(
    @Param('id') id: string,
    @Body() body: AuditExportChanges,
    @Administrator() actor: AdminActor,
  ): Promise<AuditExport> {
    await this.requireWhatLeaves(body, actor);
    return toAuditExport(await this.exports.change(id, body, actor));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete an audit export',
    description: 'Nothing more is sent there. The events stay.',
    status: 204,
    problems: [404],
  })
  async delete(@Param('id') id: string, @Administrator() actor: AdminActor): Promise<void> {
    await this.exports.delete(id, actor);
  }

  /**
   * Where nothing begins to flow, and nothing flows elsewhere, nobody is told more than before.
   *
   * @throws {AdminScopeError} 403
   */
  private async requireWhatLeaves({ address, enabled }: AuditExportChanges, actor: AdminActor): Promise<void> {
    if (address === undefined && enabled !== true) return;
    for (const scope of WHAT_LEAVES) await this.administrators.require(actor, scope);
  }
}

function toAuditExport(destination: AuditExportEntity): AuditExport {
  const { id, kind, name, format, enabled, position, failures } = destination;
  return {
    id,
    kind,
    name,
    address: shownAddress(destination.address),
    format,
    enabled,
    position,
    failures,
    next_attempt_at: destination.nextAttemptAt?.toISOString() ?? null,
    last_sent_at: destination.lastSentAt?.toISOString() ?? null,
    last_error: destination.lastError,
    created_at: destination.createdAt.toISOString(),
    updated_at: destination.updatedAt.toISOString(),
  };
}
