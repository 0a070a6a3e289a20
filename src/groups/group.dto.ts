import { ApiHideProperty, ApiProperty } from '@nestjs/swagger';
import {
  AnswerField,
  ChoiceField,
  FormField,
  RefusedField,
  SwitchField,
  TextField,
  TextListField,
} from '../admin/fields.js';
import { DepartmentManager, DepartmentStep } from '../directory/department.dto.js';
import { DirectoryRole } from '../directory/directory-role.dto.js';
import type { GroupKind } from './group.entity.js';

const KINDS: readonly GroupKind[] = ['manual', 'department', 'directory_role'];

/** What can be an id of ours. What cannot is nobody's, and some of it no database can be asked for. */
export const ID = /^[A-Za-z0-9_-]{1,64}$/;

const idField = (description: string) =>
  FormField({ description, example: 'mH3vAqYk0yq3n2mRcdQ1Zw', longest: 64, fallback: null }, (text) =>
    ID.test(text) ? undefined : 'must be an id',
  );

/** A group. Rules about it as a whole are in `group-rules.ts`. */
export class GroupFields {
  @TextField({
    description: 'What people and tokens call it. Unique, whatever the case and the width of its characters.',
    example: 'Expense approvers',
    longest: 200,
    shortest: 1,
  })
  name?: string;

  @TextField({ description: 'What it is for.', example: 'May approve expenses.', longest: 1_000, fallback: '' })
  description?: string;

  @ChoiceField(KINDS, {
    description:
      'Where its members come from: they are put in by hand, or it is whoever is in a department, or whoever has a ' +
      'role of a directory. Never changed after creation.',
    fallback: 'manual',
  })
  kind?: GroupKind;

  @SwitchField({ description: 'For `department`: whether the departments below count too. Default: `true`.' })
  include_descendants?: boolean;
}

/** What a request may say of a group. */
export class GroupChanges extends GroupFields {
  @idField('For `department`: which one.')
  department_id?: string | null;

  @idField('For `directory_role`: which one.')
  directory_role_id?: string | null;

  @ApiHideProperty()
  @RefusedField('is made by Clinch; leave it out')
  id?: never;

  @ApiHideProperty()
  @RefusedField('is read only; send department_id')
  department?: never;

  @ApiHideProperty()
  @RefusedField('is read only; send directory_role_id')
  directory_role?: never;

  @ApiHideProperty()
  @RefusedField('is read only; members have their own path')
  members?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  created_at?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  updated_at?: never;
}

/** A group that is made or replaced. */
export class NewGroup extends GroupChanges {
  @ApiProperty({ required: true })
  override name: string;
}

export class GroupDepartment extends DepartmentStep {
  @AnswerField({
    type: () => [DepartmentStep],
    required: true,
    description: 'From the top down to itself. Empty: the department is gone, and nobody is in the group.',
  })
  path: DepartmentStep[];
}

/** A group as it is read. */
export class Group extends GroupFields {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  id: string;

  @AnswerField({ type: () => GroupDepartment, required: true, nullable: true })
  department: GroupDepartment | null;

  @AnswerField({
    type: () => DirectoryRole,
    required: true,
    nullable: true,
    description: 'Null also when the role is gone: nobody is in the group then.',
  })
  directory_role: DirectoryRole | null;

  @AnswerField({ type: 'integer', required: true, example: 12, description: 'How many people are in it now.' })
  members: number;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  created_at: string;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  updated_at: string;
}

/** A person in a group. */
export class GroupMember extends DepartmentManager {
  @AnswerField({ type: String, required: true, enum: ['active', 'disabled'] })
  status: string;
}

/** A group of a person. */
export class UserGroup {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'Expense approvers' })
  name: string;

  @AnswerField({ type: String, required: true, enum: [...KINDS] })
  kind: GroupKind;
}

/** People who are put into a group at once. */
export class NewMembers {
  @ApiProperty({ required: true })
  @TextListField({
    description: 'Their ids. Who is in the group already stays in it.',
    example: ['mH3vAqYk0yq3n2mRcdQ1Zw'],
    most: 1_000,
    longest: 64,
  })
  users: string[];
}

export class AddedMembers {
  @AnswerField({ type: 'integer', required: true, example: 3, description: 'How many were not in the group before.' })
  added: number;
}
