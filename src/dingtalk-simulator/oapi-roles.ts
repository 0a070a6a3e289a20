import type { OapiCall, OapiRoute } from './oapi-route.js';
import { pageOf } from './paging.js';
import { OapiRefusal } from './refusals.js';
import { nameOf } from './user-record.js';

const codes = { size: 40069, offset: 40068 };
const badParameter = 400001;

/** The calls about roles, by path. Three spellings in four calls: that is how DingTalk has them. */
export const roleRoutes: Readonly<Record<string, OapiRoute>> = {
  '/topapi/role/list': { permission: 'qyapi_get_department_list', badParameter, answer: listRoles },
  '/topapi/role/getrole': { permission: 'qyapi_get_department_member', badParameter, answer: getRole },
  '/topapi/role/getrolegroup': { permission: 'qyapi_get_department_list', answer: getRoleGroup },
  '/topapi/role/simplelist': { permission: 'qyapi_get_department_member', badParameter, answer: listHolders },
};

function listRoles({ company, params }: OapiCall): object {
  // Both or neither.
  if ((params.optionalText('size') === undefined) !== (params.optionalText('offset') === undefined)) {
    throw new OapiRefusal(badParameter, '参数错误: size, offset');
  }
  const { items, has_more } = pageOf(params, company.roles.groups(), { start: 'offset', most: 200, usual: 20, codes });
  const list = items.map(({ id, name }) => ({
    groupId: id,
    name,
    roles: company.roles.rolesIn(id).map((role) => ({ id: role.id, name: role.name })),
  }));
  return { result: { hasMore: has_more, list } };
}

function getRole({ company, params }: OapiCall): object {
  const role = company.roles.role(params.number('roleId'));
  if (!role) throw new OapiRefusal(33011, '无效的roleId');
  return { role: { name: role.name, groupId: role.groupId } };
}

function getRoleGroup({ company, params }: OapiCall): object {
  const group = company.roles.group(params.number('group_id'));
  if (!group) throw new OapiRefusal(400002, '参数错误: group_id');
  const roles = company.roles.rolesIn(group.id).map(({ id, name }) => ({ role_id: id, role_name: name }));
  return { role_group: { group_name: group.name, roles } };
}

function listHolders({ world, company, params }: OapiCall): object {
  const roleId = params.number('role_id');
  if (!company.roles.role(roleId)) throw new OapiRefusal(33011, '无效的roleId');
  const holders = company.roles.holdersOf(roleId).flatMap((userid) => company.person(userid) ?? []);
  const { items, has_more, next_cursor } = pageOf(params, holders, { start: 'offset', most: 100, usual: 20, codes });
  const list = items.map((person) => ({
    userid: person.userid,
    name: nameOf(person, world.faults.switches.poison),
    manageScopes: [],
  }));
  return { result: { hasMore: has_more, ...(next_cursor === undefined ? {} : { nextCursor: next_cursor }), list } };
}
