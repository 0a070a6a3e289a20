import { Get, Param, Query } from '@nestjs/common';
import { AdminController } from '../admin/admin-controller.js';
import { pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import type { DepartmentEntity } from './department.entity.js';
import { Department, DepartmentDetails, DepartmentMember, DepartmentQuery, MemberQuery } from './department.dto.js';
import { DepartmentLists, keyOfMember, type Member } from './department-lists.js';
import { Directory, type DepartmentSummary } from './directory.js';

/** The departments of the organisations' directories. They are kept by the identity sources, so here they are only read. */
@AdminController('departments', 'Departments')
export class DepartmentsController {
  constructor(
    private readonly directory: Directory,
    private readonly lists: DepartmentLists,
  ) {}

  @Get()
  @Operation({
    summary: 'List departments',
    description: 'In the order of their ids; of one identity source, or below one department, if wished.',
    list: Department,
  })
  async list(@Query() query: DepartmentQuery): Promise<Page<Department>> {
    const page = pageRequest(query);
    return pageOf(
      await this.lists.departments(page, query),
      page,
      ({ id }) => id,
      (row) => toDepartment(summaryOfEntity(row)),
    );
  }

  @Get(':id')
  @Operation({
    summary: 'Read a department',
    description:
      'With the departments above it, its managers as far as they have an account, and how many people it has.',
    answer: DepartmentDetails,
    problems: [404],
  })
  async read(@Param('id') id: string): Promise<DepartmentDetails> {
    const department = await this.find(id);
    const [path, managers, counts] = await Promise.all([
      this.directory.pathOf(id),
      this.lists.named(department.managers),
      this.lists.counts(id),
    ]);
    return {
      ...toDepartment(department),
      path,
      managers: managers.map(({ id: user_id, username, name }) => ({ user_id, username, name })),
      members: counts.members,
      members_of_subtree: counts.membersOfSubtree,
      departments: counts.departments,
    };
  }

  @Get(':id/members')
  @Operation({
    summary: 'List the members of a department',
    description: 'In the order of their ids; with `subtree=true` also those of all departments below.',
    list: DepartmentMember,
    problems: [404],
  })
  async members(@Param('id') id: string, @Query() query: MemberQuery): Promise<Page<DepartmentMember>> {
    await this.find(id);
    const page = pageRequest(query);
    const rows = await this.lists.members(id, page, query.subtree === 'true');
    return pageOf(rows, page, keyOfMember, toMember);
  }

  private async find(id: string): Promise<DepartmentSummary> {
    // What is no id of ours is none: it is not worth a query, and some of it no database can be asked for.
    const department = /^[A-Za-z0-9_-]{1,64}$/.test(id) ? await this.directory.findDepartment(id) : undefined;
    if (department === undefined) throw Problem.notFound('department');
    return department;
  }
}

function summaryOfEntity(entity: DepartmentEntity): DepartmentSummary {
  const { id, sourceId, externalId, parentId, name, sortOrder: order, managers } = entity;
  return { id, sourceId, externalId, parentId, name, order, managers };
}

/** As it stands in every answer; what else the answer has is added to it. */
export function toDepartment(department: DepartmentSummary): Pick<Department, keyof Department> {
  return {
    id: department.id,
    source: department.sourceId,
    external_id: department.externalId,
    parent: department.parentId,
    name: department.name,
    order: department.order,
  };
}

function toMember({ accountId, departmentId, username, name, status, leader, title, main }: Member): DepartmentMember {
  return { user_id: accountId, username, name, status, department: departmentId, leader, title, main };
}
