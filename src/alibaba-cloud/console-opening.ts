import { Injectable } from '@nestjs/common';
import type { Opened, Opening } from '../app-templates/app-template.js';
import type { AlibabaCloudSettings } from './alibaba-cloud-settings.dto.js';
import { consoleAccount, type ConsoleAccount, type ConsoleRole } from './console-account.js';
import { FederationClient } from './federation-client.js';
import { SessionNames } from './session-names.js';
import { StsClient } from './sts-client.js';

/** One person into the console: id token → credentials of the role → a ticket for the browser. */
@Injectable()
export class ConsoleOpening {
  constructor(
    private readonly names: SessionNames,
    private readonly sts: StsClient,
    private readonly federation: FederationClient,
  ) {}

  /** @throws {FederationError} */
  async open(opening: Opening<AlibabaCloudSettings>): Promise<Opened> {
    const { settings, idToken, launchUrl, targetLinkUri, signal } = opening;
    const account = consoleAccount(settings);
    const role = roleOf(account, opening.role.name);
    const sessionName = await this.names.of(opening, account.sessionName);
    const assumed = await this.sts.assumeRole({
      url: account.stsUrl,
      oidcProviderArn: account.oidcProviderArn,
      roleArn: role.arn,
      sessionName,
      seconds: role.sessionSeconds,
      idToken,
      signal,
    });
    const { location, requestId } = await this.federation.signIn({
      url: account.signinUrl,
      credentials: assumed.credentials,
      ticketType: account.ticketType,
      loginUrl: launchUrl,
      destination: targetLinkUri ?? role.destination,
      signal,
    });
    return {
      location,
      details: {
        role_arn: role.arn,
        session_name: sessionName,
        assumed_role_id: assumed.assumedRoleId,
        session_seconds: role.sessionSeconds,
        ...(assumed.requestId === undefined ? {} : { sts_request_id: assumed.requestId }),
        ...(requestId === undefined ? {} : { signin_request_id: requestId }),
      },
    };
  }
}

function roleOf({ roles }: ConsoleAccount, name: string): ConsoleRole {
  const role = roles.find((each) => each.name === name);
  if (role === undefined) throw new Error(`the app has no role ${name}`);
  return role;
}
