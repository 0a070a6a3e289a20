import { Get, Param } from '@nestjs/common';
import { AccountStore } from '../accounts/account-store.js';
import { AdminController } from '../admin/admin-controller.js';
import type { Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import { ID, UserGroup } from './group.dto.js';
import { GroupLists } from './group-lists.js';

/** The groups that a person is in. */
@AdminController('users/:id/groups', 'People')
export class UserGroupsController {
  constructor(
    private readonly lists: GroupLists,
    private readonly accounts: AccountStore,
  ) {}

  @Get()
  @Operation({
    summary: "List a person's groups",
    description: 'Those by hand and those of departments and roles, in the order of their names. All on one page.',
    list: UserGroup,
    problems: [404],
  })
  async list(@Param('id') id: string): Promise<Page<UserGroup>> {
    if (!ID.test(id) || (await this.accounts.find(id)) === undefined) throw Problem.notFound('person');
    return { items: await this.lists.ofPerson(id), next_cursor: null };
  }
}
