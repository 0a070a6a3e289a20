import { Get, Param, Query, Req } from '@nestjs/common';
import { PersonalData } from '../accounts/personal-data.js';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { TakesQuery } from '../admin/admin-request.interceptor.js';
import { pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import type { AuditEventEntity } from '../audit/audit-event.entity.js';
import { AuditLog } from '../audit/audit-log.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { chooseLocale } from '../ui/locale.js';
import { AuditEvent, AuditEventQuery, Timeline, TimelineQuery } from './audit-event.dto.js';
import { peopleIn, toAuditEvent } from './audit-event-wire.js';
import { AuditEvents, pageKey } from './audit-events.js';
import { Timelines } from './timelines.js';

/** What happened. It can be read, and nothing else: there is no operation that changes or deletes an event. */
@AdminController('audit-events', 'Audit')
export class AuditEventsController {
  constructor(
    private readonly events: AuditEvents,
    private readonly timelines: Timelines,
    private readonly personalData: PersonalData,
    private readonly audit: AuditLog,
  ) {}

  @Get()
  @Operation({
    summary: 'List audit events',
    description:
      'What happened, the newest first: who did what to what, from where, with what outcome; of changes by operators what was ' +
      'before and after. They are kept for `audit_retention_days` of the settings. With `clinch:personal-data:read` addresses ' +
      'are shown in full, and that they were read becomes an event of its own.',
    list: AuditEvent,
  })
  async list(@Query() query: AuditEventQuery, @Administrator() actor: AdminActor): Promise<Page<AuditEvent>> {
    const page = pageRequest(query);
    const rows = await this.events.list(page, query);
    const inFull = await this.mayReadInFull(actor, rows.slice(0, page.limit));
    return pageOf(rows, page, pageKey, (row) => toAuditEvent(row, inFull));
  }

  @Get(':id')
  @Operation({
    summary: 'Read an audit event',
    description: 'One thing that happened.',
    answer: AuditEvent,
    problems: [404],
  })
  async read(@Param('id') id: string, @Administrator() actor: AdminActor): Promise<AuditEvent> {
    const event = await this.events.find(id);
    return toAuditEvent(event, await this.mayReadInFull(actor, [event]));
  }

  @Get('timeline/:trace_id')
  @TakesQuery()
  @Operation({
    summary: 'Tell a sign-in',
    description:
      'The whole sign-in that a request was a part of, in plain words: what happened, what failed, why, and what to do. The ' +
      'trace id stands on the error page that the person saw, and in `X-Request-Id` of every answer. People are named to ' +
      'those who have `clinch:users:read`.',
    answer: Timeline,
    problems: [404],
  })
  async timeline(
    @Req() request: ClinchRequest,
    @Param('trace_id') traceId: string,
    @Query() { locale }: TimelineQuery,
    @Administrator() actor: AdminActor,
  ): Promise<Timeline> {
    return this.timelines.tell(traceId, chooseLocale(locale, request.get('accept-language')), actor);
  }

  /** Who reads in full where people have been is noted, by one event for all that was read. */
  private async mayReadInFull(actor: AdminActor, events: readonly AuditEventEntity[]): Promise<boolean> {
    if (!(await this.personalData.mayRead(actor))) return false;
    const people = [...new Set(events.flatMap((event) => peopleIn(event)))];
    if (people.length === 1) this.personalData.noteReading(actor, people[0] ?? '', ['address']);
    else if (people.length > 1)
      this.audit.record('personal_data.read', actor, { accounts: people, fields: ['address'] });
    return true;
  }
}
