import { ApiProperty } from '@nestjs/swagger';
import { LONGEST_EXPRESSION } from '../app-registry/extended-claim.dto.js';
import {
  AnswerField,
  ChoiceField,
  FormField,
  NestedField,
  ObjectListField,
  TextField,
  TextListField,
} from '../admin/fields.js';
import { isIP } from 'node:net';
import { MOST_SUBJECTS, NewAssignment } from './assignment.dto.js';
import { AccessExplanation, PersonReference } from './explanation.dto.js';

/** What would be assigned, and what no longer. */
export class DraftAssignments {
  @ObjectListField(NewAssignment, { description: 'What would be assigned besides.', fallback: [], most: MOST_SUBJECTS })
  add?: NewAssignment[];

  @TextListField({
    description: 'The ids of the assignments that would not be there.',
    fallback: [],
    most: MOST_SUBJECTS,
    longest: 64,
  })
  remove?: string[];
}

/** What access to an app would be. What is left out is as it is. */
export class AccessDraft {
  @ChoiceField(['everyone', 'assigned'], { description: 'Who would be meant.' })
  access?: 'everyone' | 'assigned';

  @TextField({
    description: 'The rule that there would be; null: none.',
    example: 'user.username.startsWith("l")',
    longest: LONGEST_EXPRESSION,
    shortest: 1,
    multiline: true,
    fallback: null,
  })
  access_rule?: string | null;

  @NestedField(DraftAssignments, { description: 'How assignments would differ.' })
  assignments?: DraftAssignments;

  @FormField(
    { description: 'A person to be told about in particular.', example: 'mH3vAqYk0yq3n2mRcdQ1Zw', longest: 64 },
    (text) => (/^[A-Za-z0-9_-]{1,64}$/.test(text) ? undefined : 'must be an id'),
  )
  user?: string;

  @FormField(
    { description: 'The IP address of the request, where a rule looks at it.', example: '192.0.2.1', longest: 45 },
    (text) => (isIP(text) === 0 ? 'must be an IP address' : undefined),
  )
  address?: string;

  @TextListField(
    {
      description: 'RFC 8176: how people would have proved who they are, where a rule looks at it.',
      example: ['pwd'],
      most: 10,
      longest: 40,
    },
    (text) => (/^[\x21-\x7e]+$/.test(text) ? undefined : 'may hold names only'),
  )
  amr?: string[];
}

export class CountedPeople {
  @AnswerField({ type: Number, required: true, example: 12 })
  count: number;

  @AnswerField({ type: () => [PersonReference], required: true, description: 'The first twenty of them.' })
  users: PersonReference[];
}

/** One person under the draft. */
export class DraftForPerson {
  @AnswerField({ type: () => AccessExplanation, required: true })
  now: AccessExplanation;

  @AnswerField({ type: () => AccessExplanation, required: true })
  draft: AccessExplanation;

  @AnswerField({ type: String, enum: ['gains', 'loses', 'keeps', 'stays_out'], required: true })
  difference: 'gains' | 'loses' | 'keeps' | 'stays_out';

  @AnswerField({ type: [String], required: true, description: 'Roles that the person would have besides.' })
  roles_gained: string[];

  @AnswerField({ type: [String], required: true, description: 'Roles that the person would have no more.' })
  roles_lost: string[];
}

/** What a draft comes to. */
export class AccessPreview {
  @AnswerField({ type: () => CountedPeople, required: true })
  gained: CountedPeople;

  @AnswerField({ type: () => CountedPeople, required: true })
  lost: CountedPeople;

  @AnswerField({ type: () => CountedPeople, required: true, description: 'May enter now, and under the draft.' })
  kept: CountedPeople;

  @AnswerField({ type: Number, required: true, example: 1200, description: 'How many people were looked at.' })
  people: number;

  @AnswerField({ type: Boolean, required: true, description: 'Whether that was everybody: time is limited.' })
  complete: boolean;

  @ApiProperty({ type: () => DraftForPerson, required: true, nullable: true, readOnly: true })
  user: DraftForPerson | null;
}
