import { ApiHideProperty, ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import {
  AnswerField,
  ChoiceField,
  FormField,
  NestedField,
  ObjectListField,
  RefusedField,
  SwitchField,
  TextField,
  TimeField,
} from '../admin/fields.js';
import { ListQuery } from '../admin/list-page.js';
import type { SubjectType } from './assignment.entity.js';

const SUBJECT_TYPES: readonly SubjectType[] = ['user', 'group', 'department'];

/** The most subjects that one request assigns. */
export const MOST_SUBJECTS = 500;

/** Whose assignments. */
export class AssignmentQuery extends ListQuery {
  @ChoiceField(SUBJECT_TYPES, { description: 'Only those of such subjects.' })
  subject_type?: SubjectType;

  @ApiProperty({ type: String, required: false, description: 'Only those of this person, group or department.' })
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'must be an id' })
  subject_id?: string;
}

/** Who or what is assigned. */
export class SubjectFields {
  @ChoiceField(SUBJECT_TYPES, {
    description: 'A department means all who are in it, and below it unless said otherwise.',
  })
  @ApiProperty({ required: true })
  type: SubjectType;

  @FormField(
    { description: 'The id of the person, group or department.', example: 'mH3vAqYk0yq3n2mRcdQ1Zw', longest: 64 },
    (text) => (/^[A-Za-z0-9_-]{1,64}$/.test(text) ? undefined : 'must be an id'),
  )
  @ApiProperty({ required: true })
  id: string;
}

/** What an assignment says beside whom it is about. */
export class AssignmentFields {
  @SwitchField({ description: 'Of a department: whether those below it count too.', fallback: true })
  include_descendants?: boolean;

  @TextField({
    description: 'The name of the role of the app that comes with it; null: none.',
    example: 'approver',
    longest: 100,
    fallback: null,
  })
  role?: string | null;

  @SwitchField({ description: 'Whether it counts.', fallback: true })
  enabled?: boolean;

  @TimeField({
    description: 'From then on it counts no more; null: it does not end.',
    example: '2099-12-31T00:00:00Z',
    fallback: null,
  })
  ends_at?: string | null;

  @ApiHideProperty()
  @RefusedField('is made by Clinch; leave it out')
  id?: never;

  @ApiHideProperty()
  @RefusedField('is Clinch’s to say; leave it out')
  created_at?: never;
}

/** Somebody is assigned to an app. */
export class NewAssignment extends AssignmentFields {
  @NestedField(SubjectFields, { description: 'Who or what is assigned; never changed.' })
  @ApiProperty({ required: true })
  subject: SubjectFields;
}

/** Many are assigned to an app in one and the same way. */
export class AssignmentBatch extends AssignmentFields {
  @ObjectListField(SubjectFields, { description: 'Who or what is assigned.', most: MOST_SUBJECTS })
  @ApiProperty({ required: true })
  subjects: SubjectFields[];
}

/** What may be changed of an assignment. */
export class AssignmentChanges extends AssignmentFields {
  @ApiHideProperty()
  @RefusedField('cannot be changed; make another assignment')
  subject?: never;
}

export class NamedSubject {
  @AnswerField({ type: String, enum: SUBJECT_TYPES, required: true, example: 'department' })
  type: SubjectType;

  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  id: string;

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    example: 'Sales',
    description:
      'null for what is not there any more (the assignment is good for nobody then), and for people where ' +
      'whoever asks may not read people.',
  })
  name: string | null;
}

/** An assignment as it is read. */
export class Assignment {
  @AnswerField({ type: String, required: true, example: 'Yk0yq3n2mRcdQ1ZwmH3vAq' })
  id: string;

  @AnswerField({ type: () => NamedSubject, required: true })
  subject: NamedSubject;

  @AnswerField({ type: Boolean, required: true, example: true })
  include_descendants: boolean;

  @AnswerField({ type: String, required: true, nullable: true, example: 'approver' })
  role: string | null;

  @AnswerField({ type: Boolean, required: true, example: true })
  enabled: boolean;

  @AnswerField({ type: String, required: true, nullable: true, format: 'date-time', example: null })
  ends_at: string | null;

  @AnswerField({ type: String, required: true, format: 'date-time', example: '2026-01-31T08:15:00.000Z' })
  created_at: string;
}

/** What became of many. */
export class AssignedBatch {
  @AnswerField({ type: Number, required: true, example: 120 })
  added: number;

  @AnswerField({ type: Number, required: true, example: 3, description: 'They stay as they are.' })
  already_assigned: number;
}
