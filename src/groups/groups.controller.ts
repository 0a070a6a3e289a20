import { Body, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import type { Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { GroupAdministration } from './group-administration.js';
import { GroupQuery } from './group-query.dto.js';
import { Group, GroupChanges, NewGroup } from './group.dto.js';
import { GROUP_CHANGE_EXAMPLES, GROUP_EXAMPLES } from './group-examples.js';
import { toGroup } from './group-wire.js';

/** People under one name. */
@AdminController('groups', 'Groups')
export class GroupsController {
  constructor(private readonly groups: GroupAdministration) {}

  @Get()
  @Operation({
    summary: 'List groups',
    description: 'In the order of their ids, unless `sort` says otherwise.',
    list: Group,
  })
  async list(@Query() query: GroupQuery): Promise<Page<Group>> {
    const { items, next_cursor } = await this.groups.list(query);
    return { items: items.map((facts) => toGroup(facts)), next_cursor };
  }

  @Post()
  @Operation({
    summary: 'Make a group',
    description:
      'By hand, or of whoever is in a department (`department_id`) or has a role of a directory (`directory_role_id`).',
    answer: Group,
    status: 201,
    body: { type: NewGroup, examples: GROUP_EXAMPLES },
    tagged: true,
    problems: [409],
  })
  async create(@Body() body: NewGroup, @Administrator() actor: AdminActor): Promise<Group> {
    return toGroup(await this.groups.create(body, actor));
  }

  @Get(':id')
  @Operation({
    summary: 'Read a group',
    description: 'With where its members come from, and how many they are.',
    answer: Group,
    tagged: true,
    problems: [404],
  })
  async read(@Param('id') id: string): Promise<Group> {
    return toGroup(await this.groups.read(id));
  }

  @Patch(':id')
  @Operation({
    summary: 'Change a group',
    description: 'Fields that are left out stay as they are. The kind cannot be changed.',
    answer: Group,
    body: { type: GroupChanges, examples: GROUP_CHANGE_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async change(
    @Param('id') id: string,
    @Body() body: GroupChanges,
    @Administrator() actor: AdminActor,
  ): Promise<Group> {
    return toGroup(await this.groups.change(id, body, actor));
  }

  @Put(':id')
  @Operation({
    summary: 'Replace a group',
    description: 'Fields that are left out fall back to their defaults; kind and members stay.',
    answer: Group,
    body: { type: NewGroup, examples: GROUP_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async replace(@Param('id') id: string, @Body() body: NewGroup, @Administrator() actor: AdminActor): Promise<Group> {
    return toGroup(await this.groups.replace(id, body, actor));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete a group',
    description: 'With whatever was assigned to it. Its members stay as they are.',
    status: 204,
    conditional: true,
    problems: [404],
  })
  async delete(@Param('id') id: string, @Administrator() actor: AdminActor): Promise<void> {
    await this.groups.delete(id, actor);
  }
}
