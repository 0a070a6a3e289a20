import { ChoiceField, FormField, ObjectListField, SwitchField, TextField } from '../admin/fields.js';
import type { AccountRule } from './client.entity.js';
import { ExtendedClaimFields, LONGEST_EXPRESSION } from './extended-claim.dto.js';
import { webAddressFault } from './web-address.js';

const expression = (description: string, example: string) =>
  TextField({
    description,
    example,
    longest: LONGEST_EXPRESSION,
    shortest: 1,
    multiline: true,
    fallback: null,
  });

/** Who may enter an app, and what its tokens say of them. */
export class AppAccessFields {
  @ChoiceField(['everyone', 'assigned'], {
    description: 'Who may enter the app: everyone, or those who were assigned to it. Assignments stay either way.',
    fallback: 'everyone',
  })
  access?: 'everyone' | 'assigned';

  @expression(
    'A CEL condition over `user`, `app` and `request` that everybody who enters must meet, assigned or not.',
    'request.address.startsWith("10.") || "otp" in request.amr',
  )
  access_rule?: string | null;

  @TextField({
    description: 'Whom to ask for access: shown to those who are refused.',
    example: 'Ask the finance desk: finance@example.com',
    longest: 300,
    fallback: null,
  })
  access_contact?: string | null;

  @ObjectListField(ExtendedClaimFields, {
    description: 'Claims of the app’s own. Those that say something of the token itself cannot be set.',
    fallback: [],
    most: 50,
  })
  id_token_claims?: ExtendedClaimFields[];

  @ChoiceField(['public', 'pairwise'], {
    description:
      'OpenID Connect Core 1.0 §8. `pairwise`: a `sub` of its own for every sector, so that apps cannot compare people.',
    fallback: 'public',
  })
  subject_type?: 'public' | 'pairwise';

  @FormField(
    {
      description: 'Pairwise: apps with the same host here see the same `sub`. It lists their redirect URIs.',
      example: 'https://example.com/sector.json',
      longest: 2_000,
      fallback: null,
      format: 'uri',
    },
    (text) => webAddressFault(text),
  )
  sector_identifier_uri?: string | null;

  @expression(
    'A CEL expression that makes the `sub` instead of the account’s id. It must have a value for everybody who may ' +
      'enter, and no value twice: that is looked at before it is taken. A value that was used once stays.',
    'user.custom.job_number',
  )
  subject_expression?: string | null;

  @ChoiceField(['none', 'username', 'email_prefix', 'job_number', 'dingtalk_user_id', 'expression'], {
    description:
      'What a person is called in the app where nobody said so by hand. It is the `preferred_username`; who has no name by ' +
      'the rule has none. `email_prefix` takes verified addresses only, and only for an app whose scope has `email`.',
    fallback: 'none',
  })
  account_rule?: AccountRule;

  @expression('For `account_rule` `expression`.', 'lower(user.email.split("@")[0])')
  account_expression?: string | null;

  @SwitchField({ description: 'Whether people without a name in the app are kept out.', fallback: false })
  require_account?: boolean;
}
