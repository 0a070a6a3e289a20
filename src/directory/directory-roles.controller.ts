import { Get, Query } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, MoreThan, Repository } from 'typeorm';
import { AdminController } from '../admin/admin-controller.js';
import { pageOf, pageRequest, type Page } from '../admin/list-page.js';
import { Operation } from '../admin/operation.js';
import { DirectoryRole, DirectoryRoleQuery } from './directory-role.dto.js';
import { DirectoryRoleEntity } from './directory-role.entity.js';

/** The roles of the organisations' directories. They are kept by the identity sources, so here they are only read. */
@AdminController('directory-roles', 'Directory roles')
export class DirectoryRolesController {
  constructor(@InjectRepository(DirectoryRoleEntity) private readonly roles: Repository<DirectoryRoleEntity>) {}

  @Get()
  @Operation({
    summary: 'List directory roles',
    description:
      'Such as DingTalk’s; in the order of their ids, of one identity source if wished. A group can be whoever has one.',
    list: DirectoryRole,
  })
  async list(@Query() query: DirectoryRoleQuery): Promise<Page<DirectoryRole>> {
    const page = pageRequest(query);
    const rows = await this.roles.find({
      where: {
        removedAt: IsNull(),
        ...(page.after === undefined ? {} : { id: MoreThan(page.after) }),
        ...(query.source === undefined ? {} : { sourceId: query.source }),
      },
      order: { id: 'ASC' },
      take: page.limit + 1,
    });
    return pageOf(rows, page, ({ id }) => id, toDirectoryRole);
  }
}

function toDirectoryRole({ id, sourceId, externalId, name, groupName }: DirectoryRoleEntity): DirectoryRole {
  return { id, source: sourceId, external_id: externalId, name, group: groupName };
}
