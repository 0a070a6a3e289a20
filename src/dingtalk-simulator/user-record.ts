import type { OapiCall } from './oapi-route.js';
import { type Person, deptIdsOf } from './person.js';

type Fields = Record<string, unknown>;

/** A person as `topapi/v2/user/get` describes them. A field that is absent there is absent here. */
export function userDetail(person: Person, call: OapiCall): Fields {
  const { company } = call;
  const roles = company.roles.rolesOf(person.userid);
  const groupName = (id: number) => company.roles.group(id)?.name ?? '';
  const details = {
    ...sharedFields(person, call),
    manager_userid: person.managerUserid,
    dept_order_list: person.memberships.map(({ deptId, order }) => ({ dept_id: deptId, order })),
    leader_in_dept: person.memberships.map(({ deptId, leader }) => ({ dept_id: deptId, leader })),
    dept_position_list: person.memberships.map(({ deptId, title }, index) => ({
      dept_id: deptId,
      title: title ?? person.title ?? '',
      work_place: person.workPlace ?? '',
      is_main: index === 0,
    })),
    role_list:
      roles.length > 0
        ? roles.map(({ id, name, groupId }) => ({ id, name, group_name: groupName(groupId) }))
        : undefined,
    real_authed: person.active,
    senior: person.senior ?? false,
    ...enterpriseFields(person, call),
  };
  return finished(details, call);
}

/** A person as a row of `topapi/v2/user/list`, which says less: no roles, no manager, one department's point of view. */
export function userRow(person: Person, deptId: number, call: OapiCall): Fields {
  const membership = person.memberships.find((each) => each.deptId === deptId);
  const row = {
    ...sharedFields(person, call),
    dept_order: membership?.order ?? 0,
    leader: membership?.leader ?? false,
  };
  return finished(row, call);
}

function sharedFields(person: Person, { world, app, company }: OapiCall): Fields {
  const { departmentMinusOne, noUnionid } = world.faults.switches;
  const seesMail = app.permissions.has('fieldEmail');
  const seesMobile = app.permissions.has('fieldMobile') && person.mobile !== undefined;
  return {
    userid: person.userid,
    unionid: noUnionid ? undefined : person.unionid,
    name: nameOf(person, world.faults.switches.poison),
    avatar: person.avatar,
    ...(seesMobile ? { state_code: '86', mobile: person.mobile } : {}),
    hide_mobile: person.hideMobile ?? false,
    telephone: person.telephone ?? '',
    job_number: person.jobNumber,
    title: person.title,
    ...(seesMail ? mailFields(person) : {}),
    dept_id_list: [...(departmentMinusOne === person.userid ? [-1] : []), ...deptIdsOf(person)],
    hired_date: person.hiredDate,
    active: person.active,
    admin: company.adminLevel(person.userid) !== undefined,
    boss: person.boss ?? false,
    exclusive_account: person.enterpriseAccount !== undefined,
  };
}

function mailFields({ email, orgEmail, workPlace, remark, extension }: Person): Fields {
  const type = orgEmail === undefined ? undefined : 'base';
  return { email, org_email: orgEmail, org_email_type: type, work_place: workPlace, remark, extension };
}

function enterpriseFields({ enterpriseAccount }: Person, { company }: OapiCall): Fields {
  if (!enterpriseAccount) return {};
  const { type, loginId, nickname, disabled } = enterpriseAccount;
  return {
    exclusive_account_type: type,
    exclusive_account_corp_id: company.corpId,
    exclusive_account_corp_name: company.name,
    // Only of accounts that DingTalk itself signs in.
    ...(type === 'dingtalk' ? { login_id: loginId, nickname, disable_status: disabled } : {}),
  };
}

/** The name of a person, unless a switch makes it one that nobody expects. */
export function nameOf({ userid, name }: Person, poison?: { userid: string; name: 'nul' | 'long' | 'markup' }): string {
  if (poison?.userid !== userid) return name;
  return { nul: `${name}\u0000\u202E`, long: name.repeat(5000), markup: `<script>alert("${name}")</script>` }[
    poison.name
  ];
}

function finished(fields: Fields, { world }: OapiCall): Fields {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (!world.faults.switches.stringlyTyped) return Object.fromEntries(present);
  const asText = (value: unknown) => (typeof value === 'boolean' || typeof value === 'number' ? String(value) : value);
  return Object.fromEntries(present.map(([name, value]) => [name, asText(value)]));
}
