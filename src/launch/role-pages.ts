import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Account } from '../accounts/account-store.js';
import type { FederatedRole } from '../app-templates/app-template.js';
import { FederationError } from '../app-templates/federation-error.js';
import type { NotNamedError } from '../app-templates/federation.js';
import type { Client } from '../app-registry/client.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { Csrf } from '../http/csrf.js';
import { PageSender } from '../http/page-sender.js';
import { accountIdentity, appIdentity } from '../interaction/identities.js';
import { formActionSources } from '../protocol/redirect-uri.js';
import { ErrorPage } from '../ui/error.page.js';
import { MESSAGES } from '../ui/messages.js';
import type { FederationFailure } from '../ui/messages.federation.js';
import { ChooseRolePage } from './choose-role.page.js';
import { launchDestination } from './launch-destination.js';
import { launchPath } from './launch-request.js';
import type { RoleLaunch } from './role-launches.js';

/** RFC 9110 §15.6: whose fault it is. What is not here is a bad answer of the other side: 502. */
const STATUS: Partial<Record<FederationFailure, number>> = { timeout: 504, throttled: 503, no_identity: 403 };

/** Where the same thing done again can end otherwise, without anybody mending something. */
const WORTH_ANOTHER_TRY: ReadonlySet<FederationFailure> = new Set([
  'token_expired',
  'signature_refused',
  'issuer_unreachable',
  'throttled',
  'session_refused',
  'timeout',
  'unreachable',
  'unexpected',
]);

/** Seconds. */
const RETRY_AFTER = 5;

/** What a role was asked for. */
interface AskedRole {
  readonly client: Client;
  readonly role: FederatedRole;
  readonly targetLinkUri: string | undefined;
  /** How many other roles there are for the person. */
  readonly others: number;
}

/** The two pages of an app that gives roles: which one, and why not. */
@Injectable()
export class RolePages {
  constructor(
    private readonly pages: PageSender,
    private readonly csrf: Csrf,
    private readonly config: ClinchConfig,
  ) {}

  choose(
    request: ClinchRequest,
    response: Response,
    { client, asked, signedIn: { account } }: RoleLaunch,
    roles: readonly FederatedRole[],
  ): void {
    const csrfToken = this.csrf.token(this.csrf.ensureBrowser(request, response), formSubject(client, account));
    const page = ChooseRolePage({
      ...this.pages.frame(request),
      app: appIdentity(client),
      account: accountIdentity(account),
      action: this.config.basePath + launchPath(client.id),
      hidden: {
        csrf_token: csrfToken,
        ...(asked.targetLinkUri === undefined ? {} : { target_link_uri: asked.targetLinkUri }),
      },
      roles,
    });
    const leadsTo = launchDestination(client, { issuer: this.config.issuer });
    const toApp = leadsTo === undefined ? {} : { formAction: formActionSources(leadsTo) };
    this.pages.send(response, 200, page, { ...toApp, postsToUs: true });
  }

  failed(
    request: ClinchRequest,
    response: Response,
    error: FederationError | NotNamedError,
    { client, role, targetLinkUri, others }: AskedRole,
  ): void {
    const why: FederationFailure = error instanceof FederationError ? error.why : 'no_identity';
    const frame = this.pages.frame(request);
    const words = MESSAGES[frame.locale].federation;
    const { basePath } = this.config;
    const again = { href: basePath + launchPath(client.id, { role: role.name, targetLinkUri }), text: words.again };
    const other = { href: basePath + launchPath(client.id, { targetLinkUri }), text: words.otherRole };
    request.refusedWith = 'federation_failed';
    if (why === 'throttled') response.set('Retry-After', String(RETRY_AFTER));
    const page = ErrorPage({
      ...frame,
      ...words.failures[why](client.name, role.displayName),
      ways: [...(WORTH_ANOTHER_TRY.has(why) ? [again] : []), ...(others > 0 ? [other] : [])],
      appName: client.name,
      code: (error instanceof FederationError ? error.facts.code : undefined) ?? why,
      traceId: request.traceId,
    });
    this.pages.send(response, STATUS[why] ?? 502, page);
  }
}

/** With the person: a page that was shown to one is not sent as another. */
export function formSubject({ id }: Client, account: Account): string {
  return `launch ${id} ${account.id}`;
}
