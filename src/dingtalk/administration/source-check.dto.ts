import { ApiProperty } from '@nestjs/swagger';
import { AnswerField } from '../../admin/fields.js';

/** What is tried, in this order. */
export const CHECKS = [
  'reachable',
  'credentials',
  'address',
  'range',
  'permission',
  'in_app_sign_in',
  'browser_sign_in',
  'events',
  'time',
] as const;

export type CheckName = (typeof CHECKS)[number];

const TEXT = { type: String, required: false } as const;

/** What came of trying one thing. */
export class Finding {
  @AnswerField({ type: String, required: true, enum: [...CHECKS], example: 'permission' })
  check: CheckName;

  @AnswerField({ type: Boolean, required: true, example: false })
  ok: boolean;

  @AnswerField({ ...TEXT, example: 'The app may not read departments.' })
  problem?: string;

  @AnswerField({ ...TEXT, example: '应用没有读取部门的权限。' })
  problem_zh?: string;

  @AnswerField({ ...TEXT, example: 'In DingTalk’s console, under 权限管理, search for the permission and grant it.' })
  advice?: string;

  @AnswerField({ ...TEXT, example: '在钉钉开放平台的“权限管理”中搜索该权限并开通。' })
  advice_zh?: string;

  @AnswerField({ ...TEXT, example: '60011', description: 'DingTalk’s own code, when there was one.' })
  code?: string;

  @AnswerField({ ...TEXT, example: 'qyapi_get_department_list', description: 'The permission point that is tried.' })
  permission?: string;

  @AnswerField({ ...TEXT, example: '通讯录部门信息读权限', description: 'What the console calls it.' })
  permission_name?: string;
}

/** What came of trying a source. */
export class SourceCheck {
  @AnswerField({ type: Boolean, required: true, description: 'Whether every finding is.' })
  ok: boolean;

  @AnswerField({ type: 'integer', required: true, example: 412, description: 'That it took.' })
  milliseconds: number;

  @ApiProperty({ type: [Finding], required: true, readOnly: true })
  findings: Finding[];
}
