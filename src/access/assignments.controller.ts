import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { tagged } from '../admin/entity-tag.js';
import { pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { AssignmentAdministration, type NamedAssignment } from './assignment-administration.js';
import {
  AssignedBatch,
  Assignment,
  AssignmentBatch,
  AssignmentChanges,
  AssignmentQuery,
  NewAssignment,
} from './assignment.dto.js';
import { PersonInApp } from './person-in-app.js';
import { ASSIGNMENT_CHANGE_EXAMPLES, ASSIGNMENT_EXAMPLES, BATCH_EXAMPLES } from './assignment-examples.js';

/** Who may enter an app with `access` `assigned`, and which of its roles they have. */
@AdminController('apps/:client_id/assignments', 'Access')
export class AssignmentsController {
  constructor(
    private readonly assignments: AssignmentAdministration,
    private readonly people: PersonInApp,
  ) {}

  @Get()
  @Operation({
    summary: 'List the assignments of an app',
    description:
      'In the order of their ids; of one kind of subject, or one subject, if wished. The names of people are for those ' +
      'who have `clinch:users:read` too.',
    list: Assignment,
    problems: [404],
  })
  async list(
    @Param('client_id') clientId: string,
    @Query() query: AssignmentQuery,
    @Administrator() actor: AdminActor,
  ): Promise<Page<Assignment>> {
    const page = pageRequest(query);
    const rows = await this.assignments.list(clientId, page, query);
    const seesPeople = await this.people.mayReadPeople(actor);
    return pageOf(
      rows,
      page,
      ({ assignment }) => assignment.id,
      (row) => toAssignment(row, seesPeople),
    );
  }

  @Post()
  @Operation({
    summary: 'Assign somebody to an app',
    description:
      'A person, a group or a department, with a role of the app if wished. It counts from the next sign-in or refresh ' +
      'on. The same with another role is another assignment; the very same is refused with 409.',
    answer: Assignment,
    status: 201,
    body: { type: NewAssignment, examples: ASSIGNMENT_EXAMPLES },
    tagged: true,
    problems: [404, 409],
  })
  async create(
    @Param('client_id') clientId: string,
    @Body() body: NewAssignment,
    @Administrator() actor: AdminActor,
  ): Promise<Assignment> {
    return this.shown(await this.assignments.create(clientId, body, actor), actor);
  }

  @Post('batch')
  @HttpCode(200)
  @Operation({
    summary: 'Assign many to an app',
    description: 'Up to 500 in one and the same way, all or none. Who is assigned so already stays as it is.',
    answer: AssignedBatch,
    body: { type: AssignmentBatch, examples: BATCH_EXAMPLES },
    problems: [404],
  })
  async createAll(
    @Param('client_id') clientId: string,
    @Body() body: AssignmentBatch,
    @Administrator() actor: AdminActor,
  ): Promise<AssignedBatch> {
    const { added, alreadyAssigned } = await this.assignments.createAll(clientId, body, actor);
    return { added, already_assigned: alreadyAssigned };
  }

  @Get(':id')
  @Operation({
    summary: 'Read an assignment',
    description: 'With the name of whom it is about.',
    answer: Assignment,
    tagged: true,
    problems: [404],
  })
  async read(
    @Param('client_id') clientId: string,
    @Param('id') id: string,
    @Administrator() actor: AdminActor,
  ): Promise<Assignment> {
    return this.shown(await this.assignments.find(clientId, id), actor);
  }

  @Patch(':id')
  @Operation({
    summary: 'Change an assignment',
    description: 'Fields that are left out stay as they are. Whom it is about is never changed.',
    answer: Assignment,
    body: { type: AssignmentChanges, examples: ASSIGNMENT_CHANGE_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async change(
    @Param('client_id') clientId: string,
    @Param('id') id: string,
    @Body() body: AssignmentChanges,
    @Administrator() actor: AdminActor,
  ): Promise<Assignment> {
    return this.shown(await this.assignments.change(clientId, id, body, actor), actor);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'End an assignment',
    description: 'It counts no more from the next sign-in or refresh on; `POST …/access/enforce` makes that now.',
    status: 204,
    conditional: true,
    problems: [404],
  })
  async delete(
    @Param('client_id') clientId: string,
    @Param('id') id: string,
    @Administrator() actor: AdminActor,
  ): Promise<void> {
    await this.assignments.delete(clientId, id, actor);
  }

  private async shown(assignment: NamedAssignment, actor: AdminActor): Promise<Assignment> {
    return toAssignment(assignment, await this.people.mayReadPeople(actor));
  }
}

function toAssignment({ assignment, subjectName, role }: NamedAssignment, seesPeople: boolean): Assignment {
  const { id, subjectType: type, subjectId, includeDescendants, enabled, endsAt, createdAt } = assignment;
  const answer: Assignment = {
    id,
    subject: { type, id: subjectId, name: type === 'user' && !seesPeople ? null : subjectName },
    include_descendants: includeDescendants,
    role,
    enabled,
    ends_at: endsAt?.toISOString() ?? null,
    created_at: createdAt.toISOString(),
  };
  return tagged(answer, assignment);
}
