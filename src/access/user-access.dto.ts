import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { AnswerField } from '../admin/fields.js';
import { ListQuery } from '../admin/list-page.js';
import { NamedSubject } from './assignment.dto.js';

/** In which app. */
export class PermissionQuery extends ListQuery {
  @ApiProperty({ type: String, required: false, description: 'Only those in this app.' })
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,64}$/, { message: 'must be an id' })
  client_id?: string;
}

/** Something that a person may do, and where that comes from. */
export class EffectivePermission {
  @AnswerField({ type: String, required: true, example: 'expenses' })
  client_id: string;

  @AnswerField({ type: String, required: true, example: 'expenses:approve' })
  permission: string;

  @AnswerField({ type: String, required: true, example: 'approver' })
  role: string;

  @AnswerField({
    type: String,
    required: true,
    example: 'Yk0yq3n2mRcdQ1ZwmH3vAq',
    description: 'The id of the assignment.',
  })
  assignment: string;

  @AnswerField({ type: () => NamedSubject, required: true, description: 'Whom the assignment names.' })
  subject: NamedSubject;
}

/** An app that a person may open. */
export class AppOfUser {
  @AnswerField({ type: String, required: true, example: 'expenses' })
  client_id: string;

  @AnswerField({ type: String, required: true, example: 'Expenses' })
  client_name: string;

  @AnswerField({ type: String, enum: ['everyone', 'assigned'], required: true })
  reason: 'everyone' | 'assigned';

  @AnswerField({ type: [String], required: true, example: ['approver'] })
  roles: string[];

  @AnswerField({
    type: [String],
    required: true,
    example: [],
    description: 'What the rule of the app looks at and was not said: then the rule was not asked.',
  })
  depends_on: string[];
}
