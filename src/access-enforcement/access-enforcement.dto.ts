import { AnswerField } from '../admin/fields.js';

/** What became of those who may not enter an app any more. */
export class EnforcedAccess {
  @AnswerField({
    type: Number,
    required: true,
    example: 120,
    description: 'People of whom the app may have had something.',
  })
  people: number;

  @AnswerField({ type: Number, required: true, example: 3, description: 'Those of them who may not enter any more.' })
  ended: number;

  @AnswerField({
    type: Number,
    required: true,
    example: 4,
    description: 'Families of refresh tokens that ended by this.',
  })
  refresh_token_families: number;

  @AnswerField({
    type: Boolean,
    required: true,
    description:
      'Whether the rule of the app had its say. It has none where it looks at the request: then only the assignments count ' +
      'here, and the rule at the next sign-in or refresh.',
  })
  rule_judged: boolean;
}
