import { Injectable } from '@nestjs/common';
import { AdminActor } from '../admin/admin-actor.js';
import { Problem } from '../admin/problem.js';
import { AppAdministration, isId } from '../app-registry/app-administration.js';
import type { App, AppWithSecret } from '../app-registry/app.dto.js';
import { toApp } from '../app-registry/app-wire.js';
import { ClientStore } from '../app-registry/client-store.js';
import type { ClientEntity } from '../app-registry/client.entity.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { Keyring } from '../keyring/keyring.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { isOpaqueToken, newOpaqueToken } from '../protocol/opaque-token.js';
import { clientMetadata } from './client-metadata.js';

/** RFC 7591 §3.2.1 and RFC 7592 §3, on the wire. */
export type ClientInformation = Readonly<Record<string, unknown>>;

/** Where apps register, and below it the address of each. */
export const REGISTRATION_PATH = '/oidc/register';

/** What secret scanners look for. */
const TOKEN_PREFIX = 'clinch_rat_';
const PURPOSE = 'registration-access-token';

/** What a registered app may do with its own registration (RFC 7592): read it, and end it. */
@Injectable()
export class ClientConfiguration {
  constructor(
    private readonly store: ClientStore,
    private readonly apps: AppAdministration,
    private readonly keyring: Keyring,
    private readonly config: ClinchConfig,
  ) {}

  /** A registration access token, and what is kept of it. */
  newToken(): { readonly token: string; readonly digest: string } {
    const token = newOpaqueToken(TOKEN_PREFIX);
    return { token, digest: this.keyring.digest(PURPOSE, token) };
  }

  /**
   * The app that this registration access token is for.
   *
   * @throws {OAuthError} invalid_token, whatever is wrong: RFC 7592 §2.1 has the same 401 for an app that is not there
   */
  async find(clientId: string, token: string): Promise<ClientEntity> {
    const app =
      isId(clientId) && isOpaqueToken(token, TOKEN_PREFIX) ? await this.store.repository.findOneBy({ clientId }) : null;
    if (app?.registrationDigest && this.keyring.digests(PURPOSE, token).includes(app.registrationDigest)) return app;
    throw notOfThisApp();
  }

  /** @param token as it was presented, which is the only place where we have it from */
  read(app: ClientEntity, token: string): ClientInformation {
    return this.informationAbout(toApp(app), token);
  }

  /**
   * @param who the address and the trace id of the request
   * @throws {AdminScopeError} 403 when the app was given rights since: then it is for those who have them
   */
  async delete(app: ClientEntity, who: { readonly address: string; readonly traceId: string }): Promise<void> {
    try {
      await this.apps.deregister(app, new AdminActor(app.clientId, who.address, who.traceId, []));
    } catch (error) {
      // Of two deletions at once the second finds what it would have found a moment later.
      throw error instanceof Problem && error.kind === 'not-found' ? notOfThisApp() : error;
    }
  }

  /** @param app with its secret, where it has just got one */
  informationAbout(app: App | AppWithSecret, token: string): ClientInformation {
    const secret = 'client_secret' in app ? app.client_secret : undefined;
    return {
      client_id: app.client_id,
      client_id_issued_at: Math.floor(Date.parse(app.created_at) / 1000),
      // 0: it does not expire by itself.
      ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
      ...clientMetadata(app),
      registration_access_token: token,
      registration_client_uri: this.config.url(`${REGISTRATION_PATH}/${app.client_id}`),
    };
  }
}

function notOfThisApp(): OAuthError {
  return new OAuthError('invalid_token', 'the registration access token is not one of this app');
}
