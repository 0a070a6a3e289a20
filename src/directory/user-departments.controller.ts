import { Get, Param } from '@nestjs/common';
import { AccountStore } from '../accounts/account-store.js';
import { AdminController } from '../admin/admin-controller.js';
import type { Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import { UserDepartment } from './department.dto.js';
import { toDepartment } from './departments.controller.js';
import { Directory, type DepartmentOfPerson } from './directory.js';

/** Where a person stands in the organisations' directories. */
@AdminController('users/:id/departments', 'People')
export class UserDepartmentsController {
  constructor(
    private readonly directory: Directory,
    private readonly accounts: AccountStore,
  ) {}

  @Get()
  @Operation({
    summary: "List a person's departments",
    description: 'The main one first, each with its path from the top. All on one page.',
    list: UserDepartment,
    problems: [404],
  })
  async list(@Param('id') id: string): Promise<Page<UserDepartment>> {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id) || (await this.accounts.find(id)) === undefined)
      throw Problem.notFound('person');
    const departments = await this.directory.departmentsOf(id);
    return { items: departments.map(toUserDepartment), next_cursor: null };
  }
}

function toUserDepartment({ department, path, leader, title, main }: DepartmentOfPerson): UserDepartment {
  return { ...toDepartment(department), path: [...path], leader, title, main };
}
