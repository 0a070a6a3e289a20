import { Injectable } from '@nestjs/common';
import type { Client } from '../app-registry/client.js';
import type { Setup } from '../app-templates/app-template.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { DEFAULT_SESSION_SECONDS, type AlibabaCloudSettings } from './alibaba-cloud-settings.dto.js';
import { commandLine, options } from './command-line.js';
import { consoleAccount, type ConsoleAccount, type ConsoleRole } from './console-account.js';
import { IssuerCertificates } from './issuer-certificates.js';
import { RoleAudiences } from './role-audiences.js';
import { trustPolicy } from './trust-policy.js';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** Stands in a command for what could not be found out; RAM refuses it. */
const UNKNOWN_THUMBPRINT = '<thumbprint>';

/** What operators enter in RAM, by hand or by Alibaba Cloud's command line. */
@Injectable()
export class ConsoleSetup {
  constructor(
    private readonly certificates: IssuerCertificates,
    private readonly audiences: RoleAudiences,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * The thumbprint is left out where nobody presents a certificate, and a trust policy where no app may be in it; the checks
   * say why.
   */
  async of(app: Client, settings: AlibabaCloudSettings): Promise<Setup> {
    const account = consoleAccount(settings);
    const { issuer } = this.config;
    const { oidcProviderArn, roles, issuanceLimitHours } = account;
    const thumbprint = await this.certificates.thumbprint().catch(() => undefined);
    const audiences = await this.audiences.of(app);
    const trusting = roles.flatMap((role) => {
      const clientIds = audiences.get(role.name)?.clientIds ?? [];
      return clientIds.length === 0 ? [] : [{ role, policy: trustPolicy({ oidcProviderArn, issuer, clientIds }) }];
    });
    const known = {
      issuer,
      client_id: app.id,
      ...(thumbprint === undefined ? {} : { thumbprint }),
      oidc_provider_arn: oidcProviderArn,
      issuance_limit_hours: String(issuanceLimitHours),
      ...Object.fromEntries(roles.map(({ name, arn }) => [`role_arn:${name}`, arn])),
      launch_url: this.config.url(`/launch/${encodeURIComponent(app.id)}`),
    };
    return {
      values: Object.entries(known).map(([name, value]) => ({ name, value })),
      documents: trusting.map(({ role, policy }) => ({ name: `trust_policy:${role.name}`, content: policy })),
      commands: [
        { name: 'create_oidc_provider', command: createProvider(account, app, issuer, thumbprint) },
        { name: 'add_client_id', command: addClientId(account, app) },
        ...trusting.flatMap(({ role, policy }) => [
          { name: `create_role:${role.name}`, command: createRole(role, policy) },
          { name: `update_role:${role.name}`, command: updateRole(role, policy) },
        ]),
        ...(app.mayUseGrant(DEVICE_GRANT) ? roles : []).map((role) => ({
          name: `configure_cli:${role.name}`,
          command: configureCli(account, app, role, issuer, settings),
        })),
      ],
    };
  }
}

function createProvider(
  { oidcProvider, issuanceLimitHours }: ConsoleAccount,
  { id }: Client,
  issuer: string,
  thumbprint = UNKNOWN_THUMBPRINT,
): string {
  const named = {
    OIDCProviderName: oidcProvider,
    IssuerUrl: issuer,
    ClientIds: id,
    Fingerprints: thumbprint,
    IssuanceLimitTime: issuanceLimitHours,
  };
  return commandLine(['aliyun', 'ims', 'CreateOIDCProvider', ...options(named)]);
}

/** For an account whose provider is there already, with the client id of another app. */
function addClientId({ oidcProvider }: ConsoleAccount, { id }: Client): string {
  const named = { OIDCProviderName: oidcProvider, ClientId: id };
  return commandLine(['aliyun', 'ims', 'AddClientIdToOIDCProvider', ...options(named)]);
}

function createRole(role: ConsoleRole, policy: object): string {
  const named = {
    RoleName: role.name,
    AssumeRolePolicyDocument: JSON.stringify(policy),
    MaxSessionDuration: neededDuration(role),
  };
  return commandLine(['aliyun', 'ram', 'CreateRole', ...options(named)]);
}

/**
 * For a role that is there already, such as when another app is to lead to it. How long its sessions may be stays as it is: the
 * other app may need more than this one.
 */
function updateRole(role: ConsoleRole, policy: object): string {
  const named = {
    RoleName: role.name,
    NewAssumeRolePolicyDocument: JSON.stringify(policy),
  };
  return commandLine(['aliyun', 'ram', 'UpdateRole', ...options(named)]);
}

/** An hour is what a role allows unless it says more. */
function neededDuration({ sessionSeconds }: ConsoleRole): number | undefined {
  return sessionSeconds > DEFAULT_SESSION_SECONDS ? sessionSeconds : undefined;
}

/** Alibaba Cloud's command line asks a program for credentials: mode External, whose command is words with blanks between. */
function configureCli(
  { oidcProviderArn, stsUrl, region }: ConsoleAccount,
  { id }: Client,
  { name, arn, sessionSeconds }: ConsoleRole,
  issuer: string,
  { sts_region: stsRegion, sts_url: ownUrl }: AlibabaCloudSettings,
): string {
  const process = commandLine([
    'clinch-alibaba',
    'credentials',
    ...options({
      issuer,
      'client-id': id,
      'oidc-provider-arn': oidcProviderArn,
      'role-arn': arn,
      duration: sessionSeconds === DEFAULT_SESSION_SECONDS ? undefined : sessionSeconds,
      'sts-url': (stsRegion ?? ownUrl ?? undefined) === undefined ? undefined : stsUrl,
    }),
  ]);
  const named = { profile: name, mode: 'External', region, 'process-command': process };
  return commandLine(['aliyun', 'configure', 'set', ...options(named)]);
}
