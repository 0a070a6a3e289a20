import { tagged } from '../admin/entity-tag.js';
import { usernameKey } from '../accounts/account-store.js';
import { newIdentifier } from '../protocol/opaque-token.js';
import type { Group, GroupChanges } from './group.dto.js';
import { GroupEntity } from './group.entity.js';
import type { GroupFacts } from './group-lists.js';

/** A group of which nothing was said but its kind. */
export function newGroup(kind: GroupEntity['kind'] = 'manual'): GroupEntity {
  const now = new Date();
  return Object.assign(new GroupEntity(), {
    id: newIdentifier(),
    kind,
    ...blankColumns(kind),
    createdAt: now,
    updatedAt: now,
  });
}

/** Every field that may be left out, as it is then. */
export function blankColumns(kind: GroupEntity['kind']): Partial<GroupEntity> {
  return {
    name: '',
    nameKey: '',
    description: '',
    departmentId: null,
    includeDescendants: kind === 'department',
    directoryRoleId: null,
  };
}

/** The columns that the sent fields change. Names are compared as user names are. */
export function columnsOf(fields: GroupChanges): Partial<GroupEntity> {
  const { name, description, include_descendants: includeDescendants } = fields;
  const { department_id: departmentId, directory_role_id: directoryRoleId } = fields;
  return {
    ...(name === undefined ? {} : { name, nameKey: usernameKey(name) }),
    ...(description === undefined ? {} : { description }),
    ...(includeDescendants === undefined ? {} : { includeDescendants }),
    ...(departmentId === undefined ? {} : { departmentId }),
    ...(directoryRoleId === undefined ? {} : { directoryRoleId }),
  };
}

/** The group as it is read. */
export function toGroup({ group, members, path, departmentName, role }: GroupFacts): Group {
  const answer: Group = {
    id: group.id,
    name: group.name,
    description: group.description,
    kind: group.kind,
    department:
      group.departmentId === null ? null : { id: group.departmentId, name: departmentName ?? '', path: [...path] },
    include_descendants: group.includeDescendants,
    directory_role:
      role === undefined
        ? null
        : { id: role.id, source: role.sourceId, external_id: role.externalId, name: role.name, group: role.groupName },
    members,
    created_at: group.createdAt.toISOString(),
    updated_at: group.updatedAt.toISOString(),
  };
  return tagged(answer, group);
}
