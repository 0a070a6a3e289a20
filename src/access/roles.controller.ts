import { Body, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import type { AdminActor } from '../admin/admin-actor.js';
import { Administrator } from '../admin/admin.guard.js';
import { AdminController } from '../admin/admin-controller.js';
import { tagged } from '../admin/entity-tag.js';
import type { Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { RoleAdministration } from './role-administration.js';
import { NewRole, Role, RoleChanges, RoleQuery } from './role.dto.js';
import type { RoleEntity } from './role.entity.js';
import { ROLE_CHANGE_EXAMPLES, ROLE_EXAMPLES } from './role-examples.js';

/** The roles of apps, and what they permit. */
@AdminController('roles', 'Roles')
export class RolesController {
  constructor(private readonly roles: RoleAdministration) {}

  @Get()
  @Operation({ summary: 'List roles', description: 'In the order of their ids; of one app if wished.', list: Role })
  async list(@Query() query: RoleQuery): Promise<Page<Role>> {
    const { items, next_cursor } = await this.roles.list(query);
    return { items: items.map((role) => toRole(role)), next_cursor };
  }

  @Post()
  @Operation({
    summary: 'Make a role of an app',
    description: 'Nobody has it yet: assignments give it to people, groups and departments.',
    answer: Role,
    status: 201,
    body: { type: NewRole, examples: ROLE_EXAMPLES },
    tagged: true,
    problems: [409],
  })
  async create(@Body() body: NewRole, @Administrator() actor: AdminActor): Promise<Role> {
    return toRole(await this.roles.create(body, actor));
  }

  @Get(':id')
  @Operation({
    summary: 'Read a role',
    description: 'With its permissions.',
    answer: Role,
    tagged: true,
    problems: [404],
  })
  async read(@Param('id') id: string): Promise<Role> {
    return toRole(await this.roles.find(id));
  }

  @Patch(':id')
  @Operation({
    summary: 'Change a role',
    description: 'Fields that are left out stay as they are. Tokens say it from the next sign-in or refresh on.',
    answer: Role,
    body: { type: RoleChanges, examples: ROLE_CHANGE_EXAMPLES },
    tagged: true,
    conditional: true,
    problems: [404, 409],
  })
  async change(@Param('id') id: string, @Body() body: RoleChanges, @Administrator() actor: AdminActor): Promise<Role> {
    return toRole(await this.roles.change(id, body, actor));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete a role',
    description: 'With the assignments that give it: who was assigned by them only may not enter any more.',
    status: 204,
    conditional: true,
    problems: [404],
  })
  async delete(@Param('id') id: string, @Administrator() actor: AdminActor): Promise<void> {
    await this.roles.delete(id, actor);
  }
}

function toRole(role: RoleEntity): Role {
  const { id, clientId, name, description, permissions, createdAt, updatedAt } = role;
  const answer: Role = {
    id,
    client_id: clientId,
    name,
    description,
    permissions,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
  return tagged(answer, role);
}
