import { ChoiceField, FormField, ObjectListField, SecondsField, TextField, WholeNumberField } from '../admin/fields.js';
import { consolePage, isRegion, SITES, writingFault, type Site } from './sites.js';

/** What the name of a session in the audit trail of Alibaba Cloud (ActionTrail) is made of. */
export const SESSION_NAMES = ['username', 'email', 'job_number', 'app_account', 'subject'] as const;
export type SessionNameSource = (typeof SESSION_NAMES)[number];

export const TICKET_TYPES = ['mini', 'normal'] as const;
export type TicketType = (typeof TICKET_TYPES)[number];

/** Seconds: from AssumeRoleWithOIDC's least to the most that a role can be set to. */
export const SESSION_SECONDS = { from: 900, to: 43_200 } as const;
export const DEFAULT_SESSION_SECONDS = 3_600;
/** Hours; RAM's own default. */
export const DEFAULT_ISSUANCE_LIMIT_HOURS = 12;

const MOST_ROLES = 20;

function pageFault(address: string): string | undefined {
  return consolePage(address) === undefined ? 'must be an https page of Alibaba Cloud' : writingFault(address);
}

/** Never with a dash before it: a command line would take that for an option. */
function nameFault(name: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)
    ? undefined
    : 'may hold letters, digits, dots, dashes and underscores only, and begins with a letter or a digit';
}

export class AlibabaCloudRole {
  @FormField({ description: 'The name of the RAM role.', example: 'clinch-ops', longest: 64 }, nameFault)
  name?: string;

  @TextField({
    description: 'What people read where they choose. Null: the name.',
    example: '运维',
    longest: 100,
    shortest: 1,
    fallback: null,
  })
  display_name?: string | null;

  @TextField({
    description: 'The role of this app that whoever takes it must have. Null: everybody who may enter the app.',
    example: 'ops',
    longest: 100,
    shortest: 1,
    fallback: null,
  })
  app_role?: string | null;

  @SecondsField({ description: 'How long a session lasts. Null: as for the app.', ...SESSION_SECONDS, fallback: null })
  session_seconds?: number | null;

  @FormField(
    { description: 'The page that it opens at. Null: as for the app.', longest: 2_000, format: 'uri', fallback: null },
    pageFault,
  )
  destination?: string | null;
}

/** An app's `template_settings` for Alibaba Cloud: what stands there in RAM, and how people come in. */
export class AlibabaCloudSettings {
  @FormField(
    { description: 'The id of the Alibaba Cloud account.', example: '1234567890123456', longest: 20 },
    (text) => (/^\d{5,20}$/.test(text) ? undefined : 'must be 5 to 20 digits'),
  )
  account_id?: string;

  @FormField(
    { description: 'The name of the OIDC provider in RAM, which trusts this issuer.', example: 'clinch', longest: 128 },
    nameFault,
  )
  oidc_provider?: string;

  @ChoiceField(SITES, { description: 'Where the account is.', fallback: 'china' })
  site?: Site;

  @ObjectListField(AlibabaCloudRole, {
    description: 'The RAM roles, in the order in which people see them.',
    most: MOST_ROLES,
  })
  roles?: AlibabaCloudRole[];

  @SecondsField({
    description: 'How long a session in the console lasts.',
    ...SESSION_SECONDS,
    fallback: DEFAULT_SESSION_SECONDS,
  })
  session_seconds?: number;

  @FormField(
    {
      description: 'The page that the console opens at. Null: its first page.',
      longest: 2_000,
      format: 'uri',
      fallback: null,
    },
    pageFault,
  )
  destination?: string | null;

  @ChoiceField(SESSION_NAMES, {
    description: 'What people are called in the audit trail of Alibaba Cloud.',
    fallback: 'username',
  })
  session_name?: SessionNameSource;

  @WholeNumberField({
    description: 'The issuance limit (IssuanceLimitTime) that is set for the OIDC provider in RAM.',
    unit: 'hours',
    from: 1,
    to: 168,
    fallback: DEFAULT_ISSUANCE_LIMIT_HOURS,
  })
  issuance_limit_hours?: number;

  @ChoiceField(TICKET_TYPES, {
    description:
      'The kind of ticket to the console. Alibaba Cloud documents `mini`; `normal` is for accounts whose console does not take that.',
    fallback: 'mini',
  })
  ticket_type?: TicketType;

  @FormField(
    {
      description: 'The region whose Security Token Service is asked. Null: the endpoint for all regions.',
      example: 'cn-hangzhou',
      longest: 40,
      fallback: null,
    },
    (text) => (isRegion(text) ? undefined : 'must be the id of a region, such as cn-hangzhou'),
  )
  sts_region?: string | null;

  @FormField(
    { description: 'The Security Token Service itself, for trials.', longest: 300, format: 'uri', fallback: null },
    () => undefined,
  )
  sts_url?: string | null;

  @FormField(
    {
      description: 'The sign-in service (`…/federation`) itself, for trials.',
      longest: 300,
      format: 'uri',
      fallback: null,
    },
    () => undefined,
  )
  signin_url?: string | null;
}
