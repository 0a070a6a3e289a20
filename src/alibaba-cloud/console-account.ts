import type { FederatedRole } from '../app-templates/app-template.js';
import {
  DEFAULT_ISSUANCE_LIMIT_HOURS,
  DEFAULT_SESSION_SECONDS,
  type AlibabaCloudRole,
  type AlibabaCloudSettings,
  type SessionNameSource,
  type TicketType,
} from './alibaba-cloud-settings.dto.js';
import { ADDRESSES, stsAddress, type Site } from './sites.js';

/** A RAM role of the account. */
export interface ConsoleRole extends FederatedRole {
  /** `acs:ram::ACCOUNT:role/NAME` */
  readonly arn: string;
  readonly sessionSeconds: number;
  readonly destination: string;
}

/** The account, and how it is entered: the settings of an app with all that was left out. */
export interface ConsoleAccount {
  readonly accountId: string;
  readonly site: Site;
  readonly oidcProvider: string;
  /** `acs:ram::ACCOUNT:oidc-provider/NAME` */
  readonly oidcProviderArn: string;
  readonly roles: readonly ConsoleRole[];
  readonly sessionName: SessionNameSource;
  readonly ticketType: TicketType;
  readonly issuanceLimitHours: number;
  readonly stsUrl: string;
  readonly signinUrl: string;
  /** For command lines. */
  readonly region: string;
}

/** @param settings as they were judged when the app was saved */
export function consoleAccount(settings: AlibabaCloudSettings): ConsoleAccount {
  const accountId = settings.account_id ?? '';
  const oidcProvider = settings.oidc_provider ?? '';
  const site = settings.site ?? 'china';
  const region = settings.sts_region ?? undefined;
  return {
    accountId,
    site,
    oidcProvider,
    oidcProviderArn: `acs:ram::${accountId}:oidc-provider/${oidcProvider}`,
    roles: (settings.roles ?? []).map((role) => consoleRole(role, settings, accountId, site)),
    sessionName: settings.session_name ?? 'username',
    ticketType: settings.ticket_type ?? 'mini',
    issuanceLimitHours: settings.issuance_limit_hours ?? DEFAULT_ISSUANCE_LIMIT_HOURS,
    stsUrl: settings.sts_url ?? stsAddress(region),
    signinUrl: settings.signin_url ?? ADDRESSES[site].signin,
    region: region ?? ADDRESSES[site].region,
  };
}

function consoleRole(
  role: AlibabaCloudRole,
  settings: AlibabaCloudSettings,
  accountId: string,
  site: Site,
): ConsoleRole {
  const name = role.name ?? '';
  return {
    name,
    displayName: role.display_name ?? name,
    appRole: role.app_role ?? null,
    arn: `acs:ram::${accountId}:role/${name}`,
    sessionSeconds: role.session_seconds ?? settings.session_seconds ?? DEFAULT_SESSION_SECONDS,
    destination: role.destination ?? settings.destination ?? ADDRESSES[site].destination,
  };
}
