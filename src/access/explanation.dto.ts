import { ApiProperty } from '@nestjs/swagger';
import { IsIP, IsOptional, Matches } from 'class-validator';
import { AnswerField } from '../admin/fields.js';
import { NamedSubject } from './assignment.dto.js';
import type { AssignmentState } from './assignments-of-people.js';

const STATES: readonly AssignmentState[] = ['live', 'ended', 'switched_off', 'only_itself'];
const KINDS = [
  'everyone',
  'assigned',
  'not_active',
  'not_assigned',
  'ended',
  'switched_off',
  'rule_refused',
  'rule_failed',
  'no_app_account',
] as const;

/** What is known of the request that a rule may look at. */
export class RequestQuery {
  @ApiProperty({ type: String, required: false, description: 'The IP address, where the rule of an app looks at it.' })
  @IsOptional()
  @IsIP(undefined, { message: 'must be an IP address' })
  address?: string;

  @ApiProperty({
    type: String,
    required: false,
    description:
      'RFC 8176, separated by spaces: how the person would have proved who they are, where a rule looks at it.',
  })
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,40}( [\x21-\x7e]{1,40}){0,9}$/, { message: 'must be names separated by single spaces' })
  amr?: string;
}

export class PersonReference {
  @AnswerField({ type: String, required: true, example: 'mH3vAqYk0yq3n2mRcdQ1Zw' })
  id: string;

  @AnswerField({ type: String, required: true, example: 'li.hua' })
  username: string;

  @AnswerField({ type: String, required: true, nullable: true, example: 'Li Hua' })
  name: string | null;
}

export class ExplainedReason {
  @AnswerField({ type: String, enum: KINDS, required: true, example: 'assigned' })
  kind: (typeof KINDS)[number];

  @AnswerField({
    type: String,
    required: true,
    nullable: true,
    description: 'The assignment that it is, if it is one.',
  })
  assignment: string | null;

  @AnswerField({ type: String, required: true, example: 'assigned by the department Sales, above Sales East' })
  text: string;
}

/** An assignment that speaks of the person. */
export class ExplainedAssignment {
  @AnswerField({ type: String, required: true, example: 'Yk0yq3n2mRcdQ1ZwmH3vAq' })
  id: string;

  @AnswerField({ type: () => NamedSubject, required: true })
  subject: NamedSubject;

  @AnswerField({
    type: () => NamedSubject,
    required: true,
    nullable: true,
    description: 'Of a department above the person’s own: that own one.',
  })
  through: NamedSubject | null;

  @AnswerField({
    type: String,
    enum: STATES,
    required: true,
    description: 'Only `live` counts. `only_itself`: it is for the department itself, and the person is below it.',
  })
  state: AssignmentState;

  @AnswerField({ type: String, required: true, nullable: true, example: 'approver' })
  role: string | null;

  @AnswerField({ type: String, required: true, nullable: true, format: 'date-time', example: null })
  ends_at: string | null;

  @AnswerField({ type: String, required: true, example: 'the department Sales, above Sales East' })
  text: string;
}

export class ExplainedRule {
  @AnswerField({ type: String, required: true, example: '"otp" in request.amr' })
  expression: string;

  @AnswerField({ type: String, enum: ['passed', 'refused', 'failed'], required: true })
  outcome: 'passed' | 'refused' | 'failed';

  @AnswerField({ type: String, required: true, nullable: true, description: 'Why it came to no answer.' })
  failure: string | null;
}

export class ExplainedPermission {
  @AnswerField({ type: String, required: true, example: 'expenses:approve' })
  permission: string;

  @AnswerField({ type: [String], required: true, example: ['approver'], description: 'The roles that have it.' })
  roles: string[];

  @AnswerField({ type: [String], required: true, description: 'The assignments that these roles come with.' })
  assignments: string[];
}

/** Why somebody may enter an app, or may not. */
export class AccessExplanation {
  @AnswerField({ type: () => PersonReference, required: true })
  user: PersonReference;

  @AnswerField({ type: String, required: true, example: 'expenses' })
  client_id: string;

  @AnswerField({ type: Boolean, required: true })
  allowed: boolean;

  @AnswerField({ type: () => ExplainedReason, required: true })
  reason: ExplainedReason;

  @AnswerField({ type: String, enum: ['everyone', 'assigned'], required: true })
  access: 'everyone' | 'assigned';

  @AnswerField({
    type: () => [ExplainedAssignment],
    required: true,
    description: 'All that speak of the person, those that do not count too.',
  })
  assignments: ExplainedAssignment[];

  @AnswerField({ type: () => ExplainedRule, required: true, nullable: true })
  rule: ExplainedRule | null;

  @AnswerField({ type: [String], required: true, example: ['approver'] })
  roles: string[];

  @AnswerField({ type: () => [ExplainedPermission], required: true })
  permissions: ExplainedPermission[];
}
