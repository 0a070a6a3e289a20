import { chineseName, seededNumbers } from './chinese-names.js';
import { Company } from './company.js';
import { ROOT_DEPARTMENT } from './departments.js';
import type { Membership, Person } from './person.js';

const DAY = 24 * 60 * 60 * 1000;
const FOUNDED = Date.UTC(2015, 2, 2);
const PEOPLE = 300;
const SILENT = { silent: true } as const;

/**
 * The people of the sample whom tests and the demo know by what is special about them.
 *
 * | userid | name   | what is special                                                                        |
 * | ------ | ------ | -------------------------------------------------------------------------------------- |
 * | u001   | 王建国 | general manager, main administrator, boss, leader of the root department               |
 * | u002   | 李敏   | head of personnel, sub-administrator                                                   |
 * | u003   | 张伟   | in two departments (212 and 411), leader of the second                                 |
 * | u004   | 陈静   | no e-mail: neither `email` nor `org_email`, nor one of her own                         |
 * | u005   | 刘洋   | no phone                                                                               |
 * | u006   | 赵磊   | no avatar                                                                              |
 * | u007   | 周婷   | enterprise account that is disabled                                                    |
 * | u008   | 吴昊   | enterprise account that is not disabled                                                |
 * | u009   | 孙丽   | has left before; comes back with `rehire('u009')` or `rehire('u009', { newUserid })`   |
 * | u010   | 徐鹏   | nothing: everybody's colleague, with every field filled                                |
 * | u011   | 郑凯   | nickname and own e-mail differ from what the organisation has                          |
 * | u012   | 罗丹   | has not activated DingTalk                                                             |
 * | u013   | 王芳   | has the same name as u014                                                              |
 * | u014   | 王芳   | has the same name and the same job number as u013                                      |
 * | u015   | 马超   | is in the foreign organisation as well, as f002                                        |
 * | x001   | 何静   | external contact (`contact_type` 1)                                                    |
 * | f001   | 高远   | of the foreign organisation only                                                       |
 */
export const samplePeople = {
  boss: 'u001',
  personnel: 'u002',
  inTwoDepartments: 'u003',
  withoutEmail: 'u004',
  withoutPhone: 'u005',
  withoutAvatar: 'u006',
  disabled: 'u007',
  enterpriseAccount: 'u008',
  leftBefore: 'u009',
  ordinary: 'u010',
  nicknamed: 'u011',
  notActivated: 'u012',
  namesake: 'u013',
  otherNamesake: 'u014',
  inBothOrganisations: 'u015',
  externalContact: 'x001',
  foreigner: 'f001',
} as const;

export const SAMPLE_CORP_ID = 'dingcorp0001';
export const FOREIGN_CORP_ID = 'dingcorp0002';

/** id, name, parent, userid of who leads it. */
const DEPARTMENTS: readonly (readonly [id: number, name: string, parent: number, leader?: string])[] = [
  [100, '总经办', 1, 'u001'],
  [200, '研发中心', 1, 'u016'],
  [210, '平台研发部', 200, 'u017'],
  [211, '网关组', 210],
  [212, '身份组', 210],
  [213, '存储组', 210],
  [220, '应用研发部', 200, 'u018'],
  [221, '前端组', 220],
  [222, '移动组', 220],
  [230, '质量保障部', 200],
  [240, '运维部', 200],
  [300, '产品设计中心', 1, 'u019'],
  [310, '产品部', 300],
  [320, '设计部', 300],
  [400, '销售中心', 1, 'u020'],
  [410, '华东销售部', 400, 'u021'],
  [411, '上海组', 410, 'u003'],
  [412, '杭州组', 410],
  [420, '华南销售部', 400],
  [430, '大客户部', 400],
  [500, '市场部', 1],
  [600, '客户服务部', 1],
  [610, '一线支持组', 600],
  [620, '二线支持组', 600],
  [700, '人力资源部', 1, 'u002'],
  [800, '财务部', 1],
  [900, '行政部', 1],
];

const ROLES: readonly (readonly [group: number, groupName: string, roles: readonly (readonly [number, string])[]])[] = [
  [
    9100,
    '默认',
    [
      [9101, '主管'],
      [9102, '主管理员'],
      [9103, '子管理员'],
    ],
  ],
  [
    9200,
    '职务',
    [
      [9201, '财务'],
      [9202, '人事'],
      [9203, '行政'],
    ],
  ],
  [
    9300,
    '岗位',
    [
      [9301, '工程师'],
      [9302, '项目经理'],
    ],
  ],
];

const TITLES = ['工程师', '高级工程师', '产品经理', '设计师', '销售经理', '客户经理', '专员', '会计', '测试工程师'];

/** The sample organisation: some 300 people in 28 departments, the same in every run. */
export function sampleCompany(corpId = SAMPLE_CORP_ID): Company {
  const company = new Company(corpId, '克林奇科技有限公司');
  DEPARTMENTS.forEach(([id, name, parentId, leader], index) =>
    company.createDepartment({ id, name, parentId, order: index + 1, managers: leader ? [leader] : [] }, SILENT),
  );
  company.changeDepartment(ROOT_DEPARTMENT, { managers: ['u001'] }, SILENT);
  const random = seededNumbers(20_260_101);
  const special = specialPeople();
  const ids = DEPARTMENTS.map(([id]) => id);
  for (let number = 1; number <= PEOPLE; number += 1) {
    const userid = idOf(number);
    const name = chineseName(random);
    const deptId = leadOf(userid) ?? ids[random(ids.length)] ?? ROOT_DEPARTMENT;
    const title = TITLES[random(TITLES.length)] ?? '专员';
    const ordinary = ordinaryPerson(number, { name, title, memberships: [membership(deptId, number, userid)] });
    company.put({ ...ordinary, ...special[userid] });
  }
  finish(company);
  return company;
}

/** Another organisation, for somebody who has no business in the first one. */
export function foreignCompany(corpId = FOREIGN_CORP_ID): Company {
  const company = new Company(corpId, '远方贸易有限公司');
  const names = ['高远', '马超', '林一', '谢安', '宋词'];
  names.forEach((name, index) => {
    const person = ordinaryPerson(900_001 + index, { name, title: '职员', memberships: [membership(1, index + 1)] });
    const unionid = index === 1 ? unionidOf(15) : person.unionid;
    company.put({ ...person, userid: `f00${index + 1}`, unionid });
  });
  company.makeAdmin('f003', 1, SILENT);
  return company;
}

const idOf = (number: number): string => `u${String(number).padStart(3, '0')}`;
const unionidOf = (number: number): string => `UNION${String(number).padStart(6, '0')}`;
const leadOf = (userid: string): number | undefined => DEPARTMENTS.find(([, , , leader]) => leader === userid)?.[0];

const leads = (userid: string, deptId: number): boolean =>
  leadOf(userid) === deptId || (userid === 'u001' && deptId === ROOT_DEPARTMENT);

function membership(deptId: number, order: number, userid?: string): Membership {
  return { deptId, order, leader: userid !== undefined && leads(userid, deptId) };
}

/** Somebody with every field filled. The number makes what must be unique so. */
export function ordinaryPerson(number: number, own: Pick<Person, 'name' | 'title' | 'memberships'>): Person {
  const userid = idOf(number);
  return {
    ...own,
    userid,
    unionid: unionidOf(number),
    active: true,
    mobile: `138${String(number).padStart(8, '0')}`,
    jobNumber: `E${String(number).padStart(5, '0')}`,
    orgEmail: `${userid}@corp.example`,
    avatar: `https://static.example/avatars/${userid}.png`,
    hiredDate: FOUNDED + number * DAY,
  };
}

function specialPeople(): Readonly<Record<string, Partial<Person>>> {
  const at = (deptId: number, userid?: string) => [membership(deptId, 1, userid)];
  const account = { type: 'dingtalk', loginId: 'login', nickname: '昵称' } as const;
  const none = { email: undefined, orgEmail: undefined, personalEmail: undefined };
  return {
    u001: {
      name: '王建国',
      title: '总经理',
      boss: true,
      senior: true,
      memberships: [...at(1, 'u001'), ...at(100, 'u001')],
    },
    u002: { name: '李敏', title: '人力资源总监', memberships: at(700, 'u002'), managerUserid: 'u001' },
    u003: { name: '张伟', title: '架构师', memberships: [...at(212), ...at(411, 'u003')] },
    u004: { name: '陈静', ...none },
    u005: { name: '刘洋', mobile: undefined },
    u006: { name: '赵磊', avatar: undefined },
    u007: { name: '周婷', enterpriseAccount: { ...account, loginId: 'zhouting', disabled: true } },
    u008: { name: '吴昊', enterpriseAccount: { ...account, loginId: 'wuhao', disabled: false } },
    u009: { name: '孙丽', title: '顾问', memberships: at(310) },
    u010: {
      name: '徐鹏',
      title: '高级工程师',
      memberships: at(212),
      managerUserid: 'u017',
      telephone: '8010',
      email: 'xupeng@mail.example',
      workPlace: '上海',
      remark: '工号以前是 0010',
      extension: '{"爱好":"登山"}',
    },
    u011: { name: '郑凯', nick: '凯文 Kevin', personalEmail: 'kevin@private.example' },
    u012: { name: '罗丹', active: false },
    u013: { name: '王芳', jobNumber: 'E00013' },
    u014: { name: '王芳', jobNumber: 'E00013' },
    u015: { name: '马超' },
  };
}

/** What can only be said once everybody is there: managers, roles, administrators, who has left, outside contacts. */
function finish(company: Company): void {
  for (const person of company.people()) {
    const [{ deptId } = { deptId: ROOT_DEPARTMENT }] = person.memberships;
    const leaders = company.departments.chainOf(deptId).flatMap((id) => company.departments.get(id)?.managers ?? []);
    const managerUserid = person.managerUserid ?? leaders.find((userid) => userid !== person.userid);
    if (managerUserid && person.userid !== 'u001') company.put({ ...person, managerUserid });
  }
  for (const [groupId, name, roles] of ROLES) {
    company.roles.addGroup({ id: groupId, name });
    for (const [id, role] of roles) company.roles.put({ id, name: role, groupId });
  }
  for (const person of company.people()) for (const id of roleIdsOf(person)) company.roles.give(id, person.userid);
  company.makeAdmin('u001', 1, SILENT);
  company.makeAdmin('u002', 2, SILENT);
  company.leave('u009', SILENT);
  company.externalContacts.set('x001', {
    userid: 'x001',
    unionid: 'UNION-EXTERNAL-1',
    name: '何静',
    active: true,
    memberships: [],
    mobile: '13900000001',
  });
}

function roleIdsOf({ userid, memberships, title }: Person): number[] {
  const inDepartment = (id: number) => memberships.some(({ deptId }) => deptId === id);
  return [
    ...(memberships.some(({ leader }) => leader) ? [9101] : []),
    ...(userid === 'u001' ? [9102] : []),
    ...(userid === 'u002' ? [9103] : []),
    ...(inDepartment(800) ? [9201] : []),
    ...(inDepartment(700) ? [9202] : []),
    ...(inDepartment(900) ? [9203] : []),
    ...(title?.includes('工程师') ? [9301] : []),
    ...(title === '产品经理' ? [9302] : []),
  ];
}
