import { type Department, ROOT_DEPARTMENT } from './departments.js';
import type { OapiCall, OapiRoute } from './oapi-route.js';
import { deptIdsOf } from './person.js';
import { OapiRefusal } from './refusals.js';

const permission = 'qyapi_get_department_list';

/** The calls about departments, by path. */
export const departmentRoutes: Readonly<Record<string, OapiRoute>> = {
  '/topapi/v2/department/get': { permission, answer: getDepartment },
  '/topapi/v2/department/listsub': { permission, answer: listSub },
  '/topapi/v2/department/listsubid': { permission, answer: listSubIds },
  '/topapi/v2/department/listparentbydept': { permission, answer: listParentsOfDepartment },
  '/topapi/v2/department/listparentbyuser': { permission, answer: listParentsOfUser },
};

function getDepartment(call: OapiCall): object {
  const department = readable(call, known(call, call.params.number('dept_id')));
  const { id, name, parentId, order, managers } = department;
  const members = call.company.membersOf(id).length;
  return {
    result: {
      dept_id: id,
      name,
      // The root has none.
      ...(parentId === undefined ? {} : { parent_id: parentId }),
      order,
      create_dept_group: true,
      auto_add_user: true,
      group_contain_sub_dept: false,
      org_dept_owner: managers[0] ?? '',
      dept_manager_userid_list: managers,
      outer_dept: false,
      outer_permit_depts: [],
      outer_permit_users: [],
      hide_dept: false,
      user_permits: [],
      dept_permits: [],
      auto_approve_apply: false,
      from_union_org: false,
      member_count: members,
      owning_member_count: members,
    },
  };
}

/** One level, all at once. */
function listSub(call: OapiCall): object {
  const parent = readable(call, known(call, call.params.number('dept_id', ROOT_DEPARTMENT)));
  const children = call.company.departments.childrenOf(parent.id);
  return {
    result: children.map(({ id, name, parentId }) => ({
      dept_id: id,
      name,
      parent_id: parentId,
      create_dept_group: true,
      auto_add_user: true,
    })),
  };
}

// Not limited by what the app may read.
function listSubIds(call: OapiCall): object {
  const { id } = known(call, call.params.number('dept_id'));
  return { result: { dept_id_list: call.company.departments.childrenOf(id).map((child) => child.id) } };
}

function listParentsOfDepartment(call: OapiCall): object {
  const { id } = known(call, call.params.number('dept_id'));
  return { result: { parent_id_list: call.company.departments.chainOf(id) } };
}

function listParentsOfUser({ company, params }: OapiCall): object {
  const person = company.person(params.text('userid'));
  if (!person) throw new OapiRefusal(33012, '无效的userId');
  const chains = deptIdsOf(person).map((id) => ({ parent_dept_id_list: company.departments.chainOf(id) }));
  return { result: { parent_list: chains } };
}

function known({ company }: OapiCall, id: number): Department {
  const department = company.departments.get(id);
  if (!department) throw new OapiRefusal(60003, '部门不存在');
  return department;
}

function readable({ world, app }: OapiCall, department: Department): Department {
  if (!world.mayReadDepartment(app, department.id)) throw new OapiRefusal(50004, '请求的部门id不在授权范围');
  return department;
}
