import type { OapiCall, OapiRoute } from './oapi-route.js';
import { pageOf } from './paging.js';
import type { Person } from './person.js';
import { OapiRefusal } from './refusals.js';
import { nameOf, userDetail, userRow } from './user-record.js';

/** The calls about people, by path. */
export const userRoutes: Readonly<Record<string, OapiRoute>> = {
  '/topapi/v2/user/getuserinfo': { permission: 'qyapi_base', badParameter: 40035, answer: getUserInfo },
  '/topapi/v2/user/get': { permission: 'qyapi_get_member', answer: getUser },
  '/topapi/v2/user/list': { permission: 'qyapi_get_department_member', answer: listUsers },
  '/topapi/v2/user/getbymobile': { permission: 'qyapi_get_member_by_mobile', answer: getByMobile },
  '/topapi/user/getbyunionid': { permission: 'qyapi_get_member', answer: getByUnionid },
  '/topapi/user/listsimple': { permission: 'qyapi_get_department_member', answer: listSimple },
  '/topapi/user/listid': { permission: 'qyapi_get_member', answer: listIds },
  '/topapi/user/count': { permission: 'qyapi_get_member', answer: countUsers },
  '/topapi/user/listadmin': { permission: 'qyapi_get_member', answer: listAdmins },
  '/topapi/user/get_admin_scope': { permission: 'qyapi_get_member', badParameter: 40036, answer: getAdminScope },
};

/** The code from inside DingTalk. A browser's code, a used one and one of another app are all unknown here. */
function getUserInfo({ world, app, company, params }: OapiCall): object {
  const grant = world.codes.inApp.redeem(params.text('code'), app.clientId);
  const person = grant && company.person(grant.userid);
  if (!person) throw new OapiRefusal(40078, '不存在的临时授权码');
  if (!world.mayReadPerson(app, person)) throw new OapiRefusal(40079, '不存在的授权信息');
  const level = company.adminLevel(person.userid);
  return {
    result: {
      userid: person.userid,
      ...(world.faults.switches.noUnionid ? {} : { unionid: person.unionid }),
      device_id: `DEV-${person.userid}`,
      sys: level !== undefined,
      sys_level: level ?? (person.boss ? 100 : 0),
      name: nameOf(person, world.faults.switches.poison),
    },
  };
}

function getUser(call: OapiCall): object {
  const loginId = call.params.optionalText('login_id');
  const person = loginId ? byLoginId(call, loginId) : call.company.person(call.params.text('userid'));
  if (!person) throw unknownPerson(call);
  if (!call.world.mayReadPerson(call.app, person)) throw new OapiRefusal(50002, '员工不在授权范围');
  return { result: userDetail(person, call) };
}

function byLoginId({ company }: OapiCall, loginId: string): Person | undefined {
  return [...company.people()].find(({ enterpriseAccount }) => enterpriseAccount?.loginId === loginId);
}

// Both codes occur: whoever has left is "not found", and a userid that nobody ever had is "invalid".
function unknownPerson({ company, params }: OapiCall): OapiRefusal {
  const hasLeft = company.left.has(params.optionalText('userid') ?? '');
  return hasLeft ? new OapiRefusal(60121, '找不到该用户') : new OapiRefusal(33012, '无效的userId');
}

function listUsers(call: OapiCall): object {
  const deptId = readableDepartment(call);
  const { people, ...page } = pageOfPeople(call, deptId);
  return { result: { ...page, list: people.map((person) => userRow(person, deptId, call)) } };
}

function listSimple(call: OapiCall): object {
  const { people, ...page } = pageOfPeople(call, readableDepartment(call), { size: 40069, offset: 40068 });
  const { poison } = call.world.faults.switches;
  return {
    result: { ...page, list: people.map((person) => ({ userid: person.userid, name: nameOf(person, poison) })) },
  };
}

function pageOfPeople(call: OapiCall, deptId: number, codes = { size: 400002, offset: 400002 }) {
  const order = call.params.optionalText('order_field') ?? 'custom';
  if (!/^(custom|(entry|modify)_(asc|desc))$/.test(order)) throw new OapiRefusal(400002, '参数错误: order_field');
  const members = ordered(shownMembers(call, deptId), order);
  const { items, ...page } = pageOf(call.params, members, { start: 'cursor', most: 100, codes });
  return { ...page, people: items };
}

function ordered(people: Person[], order: string): Person[] {
  if (order === 'custom') return people;
  const entered = (person: Person) => person.hiredDate ?? 0;
  const sorted = [...people].sort((one, other) => entered(one) - entered(other));
  return order.endsWith('_desc') ? sorted.toReversed() : sorted;
}

/** The direct members of a department, as far as the switch lets them be seen. */
function shownMembers({ world, company }: OapiCall, deptId: number): Person[] {
  const members = company.membersOf(deptId);
  const shown = { full: members.length, half: Math.ceil(members.length / 2), empty: 0 };
  return members.slice(0, shown[world.faults.switches.lists]);
}

function readableDepartment(call: OapiCall): number {
  const deptId = knownDepartment(call);
  if (!call.world.mayReadDepartment(call.app, deptId)) throw new OapiRefusal(50004, '请求的部门id不在授权范围');
  return deptId;
}

function knownDepartment({ company, params }: OapiCall): number {
  const deptId = params.number('dept_id');
  if (!company.departments.get(deptId)) throw new OapiRefusal(60003, '部门不存在');
  return deptId;
}

// Not limited by what the app may read.
function listIds(call: OapiCall): object {
  return { result: { userid_list: shownMembers(call, knownDepartment(call)).map(({ userid }) => userid) } };
}

function getByUnionid({ company, params }: OapiCall): object {
  const unionid = params.text('unionid');
  const member = company.personByUnionid(unionid);
  if (member) return { result: { contact_type: 0, userid: member.userid } };
  const contact = [...company.externalContacts.values()].find((each) => each.unionid === unionid);
  if (contact) return { result: { contact_type: 1, userid: contact.userid } };
  throw new OapiRefusal(60121, '找不到该用户');
}

function getByMobile({ company, params }: OapiCall): object {
  const mobile = params.text('mobile');
  if (!/^\+?[\d-]{5,20}$/.test(mobile)) throw new OapiRefusal(40104, '无效的手机号码');
  const person = company.personByMobile(mobile);
  if (!person) throw new OapiRefusal(60121, '找不到该用户');
  return { result: { userid: person.userid } };
}

function countUsers({ company, params }: OapiCall): object {
  const onlyActive = params.flag('only_active');
  return { result: { count: onlyActive ? [...company.people()].filter(({ active }) => active).length : company.size } };
}

function listAdmins({ company }: OapiCall): object {
  return { result: company.admins().map(({ userid, level }) => ({ userid, sys_level: level })) };
}

function getAdminScope({ company, params }: OapiCall): object {
  const userid = params.text('userid');
  if (!company.person(userid)) throw new OapiRefusal(60121, '找不到该用户');
  return { dept_ids: company.adminLevel(userid) ? [1] : [] };
}
