import type { OperationExamples } from '../admin/operation.js';
import type { NewPassword, NewUser, UserChanges } from './user.dto.js';

/** Bodies that run as they stand, for a new person and for one who is replaced. */
export const USER_EXAMPLES: OperationExamples<NewUser> = {
  person: {
    summary: 'A person who signs in by name and password',
    value: {
      username: 'lin.xiaoyu',
      password: 'amber-canyon-lantern-42',
      name: '林小雨',
      email: 'lin.xiaoyu@example.com',
      email_verified: true,
      locale: 'zh-CN',
      zoneinfo: 'Asia/Shanghai',
    },
  },
  name: { summary: 'Only the name', value: { username: 'chen.wei' } },
};

export const USER_CHANGE_EXAMPLES: OperationExamples<UserChanges> = {
  phone: { summary: 'Another telephone number', value: { phone_number: '+8613800138000' } },
  nothing: { summary: 'Take a value away', value: { nickname: null } },
  disable: { summary: 'Keep the person out', value: { status: 'disabled' } },
};

export const PASSWORD_EXAMPLES: OperationExamples<NewPassword> = {
  password: { summary: 'A new password', value: { password: 'copper-meadow-violet-17' } },
};
