import { Body, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { ListQuery, pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { Problem } from '../admin/problem.js';
import { GroupAdministration } from './group-administration.js';
import { AddedMembers, GroupMember, NewMembers } from './group.dto.js';
import { MEMBER_EXAMPLES } from './group-examples.js';
import { GroupLists, type MemberOfGroup } from './group-lists.js';
import { GroupMembers } from './group-members.js';

/** Who is in a group. */
@AdminController('groups/:id/members', 'Groups')
export class GroupMembersController {
  constructor(
    private readonly groups: GroupAdministration,
    private readonly lists: GroupLists,
    private readonly membership: GroupMembers,
  ) {}

  @Get()
  @Operation({
    summary: 'List the members of a group',
    description: 'Who is in it now, whichever its kind, in the order of their ids.',
    list: GroupMember,
    problems: [404],
  })
  async list(@Param('id') id: string, @Query() query: ListQuery): Promise<Page<GroupMember>> {
    const page = pageRequest(query);
    const rows = await this.lists.members(await this.groups.find(id), page);
    return pageOf(rows, page, (member) => member.id, toMember);
  }

  @Post()
  @HttpCode(200)
  @Operation({
    summary: 'Put people into a group',
    description:
      'Up to a thousand at once: all of them, or nobody when one is unknown. Only for groups by hand; who is in ' +
      'another comes from the directory (409).',
    answer: AddedMembers,
    body: { type: NewMembers, examples: MEMBER_EXAMPLES },
    problems: [404, 409],
  })
  async add(
    @Param('id') id: string,
    @Body() { users }: NewMembers,
    @Administrator() actor: AdminActor,
  ): Promise<AddedMembers> {
    if (users === undefined) throw Problem.ofFields([{ field: 'users', problem: 'is required' }]);
    return { added: await this.membership.add(id, users, actor) };
  }

  @Put(':user')
  @HttpCode(204)
  @Operation({
    summary: 'Put a person into a group',
    description: 'Who is in it already stays in it. Only for groups by hand.',
    status: 204,
    problems: [404, 409],
  })
  async put(@Param('id') id: string, @Param('user') user: string, @Administrator() actor: AdminActor): Promise<void> {
    await this.membership.put(id, user, actor);
  }

  @Delete(':user')
  @HttpCode(204)
  @Operation({
    summary: 'Take a person out of a group',
    description: 'Counts at the next sign-in and the next refresh. Only for groups by hand.',
    status: 204,
    problems: [404, 409],
  })
  async remove(
    @Param('id') id: string,
    @Param('user') user: string,
    @Administrator() actor: AdminActor,
  ): Promise<void> {
    await this.membership.remove(id, user, actor);
  }
}

function toMember({ id, username, name, status }: MemberOfGroup): GroupMember {
  return { user_id: id, username, name, status };
}
