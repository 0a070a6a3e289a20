import { Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { AdminActor } from '../admin/admin-actor.js';
import { adminScopesOf } from '../admin/admin-scope.js';
import { AdminValidation } from '../admin/admin-validation.js';
import { Problem } from '../admin/problem.js';
import { AppAdministration, newClientId } from '../app-registry/app-administration.js';
import { NewApp } from '../app-registry/app.dto.js';
import { metadataErrorOf } from '../app-registry/app-rules.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { isLoopbackHost } from '../protocol/loopback.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { ClientConfiguration, type ClientInformation } from './client-configuration.js';
import { nameFor, understood } from './client-metadata.js';

/** Registrations within a minute by one holder of the right: more is a program that has gone wrong. */
const MOST_REGISTRATIONS = 60;
/** Seconds. */
const WINDOW = 60;

/** Registers an app in the words of RFC 7591, by the rules that the admin API goes by as well. */
@Injectable()
export class ClientRegistration {
  private readonly validation = new AdminValidation(metadataErrorOf);
  private readonly registrations = new RateLimiterMemory({ points: MOST_REGISTRATIONS, duration: WINDOW });

  constructor(
    private readonly apps: AppAdministration,
    private readonly configuration: ClientConfiguration,
    private readonly config: ClinchConfig,
  ) {}

  /**
   * @param body as it was sent
   * @param actor the holder of the initial access token (RFC 7591 §1.2)
   * @returns the answer of RFC 7591 §3.2.1
   * @throws {Problem} with `invalid_redirect_uri` or `invalid_client_metadata` as its `error`
   * @throws {OAuthError} 429 for a flood
   */
  async register(body: object, actor: AdminActor): Promise<ClientInformation> {
    await this.refuseFlood(actor);
    const fields = await this.read(body);
    this.judge(fields);
    const clientId = newClientId();
    const named = Object.assign(fields, {
      client_id: clientId,
      client_name: fields.client_name ?? nameFor(fields) ?? clientId,
    });
    const { token, digest } = this.configuration.newToken();
    return this.configuration.informationAbout(await this.apps.create(named, actor, digest), token);
  }

  private async read(body: object): Promise<Partial<NewApp>> {
    const fields: unknown = await this.validation.transform(understood(body), { type: 'body', metatype: NewApp });
    return fields as Partial<NewApp>;
  }

  /** What an operator may give an app, but an app may not give itself. */
  private judge({ scope = '', initiate_login_uri: initiation }: Partial<NewApp>): void {
    const rights = adminScopesOf(scope);
    if (rights.length > 0) throw refusal('scope', `may not hold ${rights.join(', ')} here`);
    if (initiation && !this.isSafe(new URL(initiation))) {
      throw refusal('initiate_login_uri', 'must use https');
    }
  }

  // OpenID Connect Core 1.0 §4: it MUST use https. On a developer's machine all of it is on loopback addresses.
  private isSafe({ protocol, hostname }: URL): boolean {
    return protocol === 'https:' || (this.config.loopback && isLoopbackHost(hostname));
  }

  private async refuseFlood({ clientId }: AdminActor): Promise<void> {
    const { consumedPoints, msBeforeNext } = await this.registrations.penalty(clientId);
    if (consumedPoints <= MOST_REGISTRATIONS) return;
    throw new OAuthError('invalid_request', 'too many registrations, try again later', {
      status: 429,
      retryAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)),
    });
  }
}

function refusal(field: string, problem: string): Problem {
  return Problem.ofFields([{ field, problem }], 'invalid_client_metadata');
}
