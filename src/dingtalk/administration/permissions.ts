import { DEFAULT_MAPPING } from '../people/profile-mapping.js';
import type { IdentitySourceEntity } from '../source/identity-source.entity.js';

/** A permission point of DingTalk's console. */
export interface Permission {
  readonly code: string;
  /** By this name it is found in the console. */
  readonly name: string;
  readonly needed_for: string;
  readonly needed_for_zh: string;
}

type Settings = Readonly<IdentitySourceEntity>;

interface KnownPermission extends Permission {
  isNeeded(settings: Settings): boolean;
}

const ALWAYS = () => true;

/** The last two stand for its permissions on fields, whose codes the console does not show: the name is what counts. */
const PERMISSIONS: readonly KnownPermission[] = [
  {
    code: 'qyapi_base',
    name: '调用企业API时需要具备的基本权限',
    needed_for: 'every call; granted by default',
    needed_for_zh: '所有接口调用；默认已开通',
    isNeeded: ALWAYS,
  },
  {
    code: 'open_app_api_base',
    name: '获取钉钉开放接口用户访问凭证的基础权限',
    needed_for: 'sign-in outside DingTalk',
    needed_for_zh: '钉钉外登录（扫码或账号）',
    isNeeded: ({ browserSignIn }) => browserSignIn,
  },
  {
    code: 'Contact.User.Read',
    name: '通讯录个人信息读权限',
    needed_for: 'sign-in outside DingTalk: to learn who signed in',
    needed_for_zh: '钉钉外登录：识别登录的人',
    isNeeded: ({ browserSignIn }) => browserSignIn,
  },
  {
    code: 'qyapi_get_member',
    name: '成员信息读权限',
    needed_for: 'every sign-in, and to read people again when something changes',
    needed_for_zh: '所有登录方式，以及人员变动后重新读取',
    isNeeded: ALWAYS,
  },
  {
    code: 'qyapi_get_department_list',
    name: '通讯录部门信息读权限',
    needed_for: 'departments and roles',
    needed_for_zh: '同步部门和角色',
    isNeeded: ALWAYS,
  },
  {
    code: 'qyapi_get_department_member',
    name: '通讯录部门成员读权限',
    needed_for: 'the people of departments and roles',
    needed_for_zh: '同步部门和角色的成员',
    isNeeded: ALWAYS,
  },
  {
    code: 'fieldMobile',
    name: '企业员工手机号信息',
    needed_for: 'phone numbers of people',
    needed_for_zh: '读取员工手机号',
    isNeeded: (settings) => settings.matchBy.includes('phone_number') || isRead(settings, ['mobile', 'telephone']),
  },
  {
    code: 'fieldEmail',
    name: '邮箱等个人信息',
    needed_for: 'mail addresses, place of work, remark and the organisation’s own fields of people',
    needed_for_zh: '读取员工邮箱、办公地点、备注和自定义字段',
    isNeeded: (settings) => isRead(settings, ['email', 'org_email', 'work_place', 'remark', 'extension']),
  },
];

/** What the app must be granted for what the source has switched on. */
export function neededPermissions(settings: Settings): readonly Permission[] {
  return PERMISSIONS.filter((permission) => permission.isNeeded(settings)).map(
    ({ code, name, needed_for, needed_for_zh }) => ({ code, name, needed_for, needed_for_zh }),
  );
}

/** What the console calls a permission; empty when it is none of ours. */
export function permissionName(code: string): string {
  return PERMISSIONS.find((permission) => permission.code === code)?.name ?? '';
}

/** Whether the mapping takes any of these fields from the organisation's record. */
function isRead({ mapping }: Settings, fields: readonly string[]): boolean {
  return Object.values(mapping ?? DEFAULT_MAPPING)
    .flat()
    .some((field) => fields.includes(field.split('.')[0] ?? ''));
}
