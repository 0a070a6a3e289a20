import { ApiProperty } from '@nestjs/swagger';
import { AnswerField } from '../../admin/fields.js';
import type { Permission } from './permissions.js';

const TEXT = { type: String, required: true } as const;

/** A value that is pasted as it stands. */
export class SetupValue {
  @AnswerField({ ...TEXT, example: '重定向URL（回调域名）', description: 'What the console calls the field.' })
  field: string;

  @AnswerField({ ...TEXT, example: 'https://id.example.com/dingtalk/acme/callback' })
  value: string;
}

/** One step in DingTalk's console. */
export class SetupStep {
  @AnswerField({ ...TEXT, example: '开发配置 → 安全设置', description: 'Where in the console.' })
  place: string;

  @AnswerField({ ...TEXT, example: 'Addresses that sign-ins come back to' })
  title: string;

  @AnswerField({ ...TEXT, example: '登录回调地址' })
  title_zh: string;

  @AnswerField(TEXT)
  text: string;

  @AnswerField(TEXT)
  text_zh: string;

  @ApiProperty({ type: [SetupValue], required: true, readOnly: true })
  values: SetupValue[];
}

/** A permission point that the app needs. */
export class SetupPermission implements Permission {
  @AnswerField({ ...TEXT, example: 'qyapi_get_member' })
  code: string;

  @AnswerField({ ...TEXT, example: '成员信息读权限' })
  name: string;

  @AnswerField(TEXT)
  needed_for: string;

  @AnswerField(TEXT)
  needed_for_zh: string;
}

/** An event that is ticked. */
export class SetupEvent {
  @AnswerField({ ...TEXT, example: 'user_leave_org' })
  code: string;

  @AnswerField({ ...TEXT, example: '通讯录用户离职' })
  name: string;
}

/** What to do in DingTalk's console, with the exact values. */
export class SourceSetup {
  @AnswerField({ ...TEXT, example: 'https://id.example.com/dingtalk/acme/callback' })
  redirect_url: string;

  @AnswerField({ ...TEXT, example: 'https://id.example.com/dingtalk/acme/events' })
  events_url: string;

  @AnswerField({
    ...TEXT,
    example: 'https://id.example.com/launch/{client_id}?corpid=$CORPID$',
    description: 'For each app of the workbench, with its client id.',
  })
  home_page_url: string;

  @AnswerField({ ...TEXT, example: 'id.example.com' })
  in_app_host: string;

  @ApiProperty({ type: [SetupPermission], required: true, readOnly: true })
  permissions: SetupPermission[];

  @ApiProperty({ type: [SetupEvent], required: true, readOnly: true })
  events: SetupEvent[];

  @ApiProperty({ type: [SetupStep], required: true, readOnly: true })
  steps: SetupStep[];
}
