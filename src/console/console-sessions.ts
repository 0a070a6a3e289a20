import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { AdminActor } from '../admin/admin-actor.js';
import { adminScopesOf, covers } from '../admin/admin-scope.js';
import { Administrators } from '../admin/administrators.js';
import { ClientAuthentication } from '../app-registry/client-authentication.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import { CLIENT_SECRET_PURPOSE } from '../app-registry/client-secret.js';
import { AuditLog } from '../audit/audit-log.js';
import { Database, statement } from '../database/database.js';
import { clientAddress, loggedUserAgent, type ClinchRequest } from '../http/clinch-request.js';
import { Cookies } from '../http/cookies.js';
import { Keyring } from '../keyring/keyring.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { isOpaqueToken, newOpaqueToken } from '../protocol/opaque-token.js';
import { scopeTokens } from '../protocol/scope.js';

/** Seconds: a working day. Nobody is signed in to the console for longer. */
export const CONSOLE_LIFETIME = 8 * 3600;

const COOKIE = 'console';
const PURPOSE = 'console-session';

const INSERT = statement(
  'console_session_insert',
  `INSERT INTO console_sessions (digest, client_id, secret_id, scope, started_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6)`,
);
const FIND = statement(
  'console_session_find',
  'SELECT client_id, secret_id, scope, started_at FROM console_sessions WHERE digest = $1 AND expires_at > $2',
);
const END = statement('console_session_end', 'DELETE FROM console_sessions WHERE digest = $1');

/**
 * Who is at the console. There are no people with rights in the admin API, only apps; so whoever sits there shows the
 * secret of such an app, and may do what the app may, no more and no longer: a secret that ends takes along who came by it.
 */
@Injectable()
export class ConsoleSessions {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly registry: ClientRegistry,
    private readonly administrators: Administrators,
    private readonly cookies: Cookies,
    private readonly keyring: Keyring,
    private readonly database: Database,
    private readonly audit: AuditLog,
  ) {}

  /** @throws {OAuthError} invalid_client, also for an app that has no scope of the admin API; 429 after many failures */
  async signIn(request: ClinchRequest, response: Response, clientId: string, secret: string): Promise<void> {
    const client = await this.clients.authenticateHolder(request, clientId, secret);
    const scope = adminScopesOf(client.scope.join(' '));
    const shown = this.keyring.digests(CLIENT_SECRET_PURPOSE, secret);
    const secretId = client.liveSecrets().find(({ digest }) => shown.includes(digest))?.id;
    const mayAct = client.mayUseGrant('client_credentials') && scope.length > 0;
    if (!mayAct || secretId === undefined) throw new OAuthError('invalid_client', 'this app has no rights here');
    const token = newOpaqueToken();
    const now = Date.now();
    const digest = this.keyring.digest(PURPOSE, token);
    await this.database.run(INSERT, digest, client.id, secretId, scope.join(' '), now, now + CONSOLE_LIFETIME * 1000);
    this.cookies.write(response, COOKIE, token);
    this.audit.record('console.signed_in', actorOf(request, client.id));
  }

  async signOut(request: ClinchRequest, response: Response, actor: AdminActor): Promise<void> {
    const token = this.token(request);
    for (const digest of token === undefined ? [] : this.keyring.digests(PURPOSE, token)) {
      await this.database.run(END, digest);
    }
    this.cookies.write(response, COOKIE, '', 0);
    this.audit.record('console.signed_out', actorOf(request, actor.clientId));
  }

  /**
   * Who is there, with the rights that the app still has: a right that was taken away is gone at the next click.
   *
   * @param scopes what the page can make use of
   */
  async current(request: ClinchRequest, scopes: readonly string[]): Promise<AdminActor | undefined> {
    const token = this.token(request);
    for (const digest of token === undefined ? [] : this.keyring.digests(PURPOSE, token)) {
      const row = await this.database.first<SessionRow>(FIND, digest, Date.now());
      if (row === undefined || !(await this.isLive(row))) continue;
      const since = new Date(row.started_at);
      const granted = scopeTokens(row.scope);
      const held = [];
      for (const scope of scopes) {
        const may = covers(granted, scope) && (await this.administrators.mayUse(row.client_id, scope, since));
        if (may) held.push(scope);
      }
      return new AdminActor(row.client_id, clientAddress(request), request.traceId, held, loggedUserAgent(request));
    }
    return undefined;
  }

  /** Whether the secret that the session was begun with is still one of the app's. */
  private async isLive({ client_id: clientId, secret_id: secretId }: SessionRow): Promise<boolean> {
    const client = await this.registry.find(clientId);
    return client?.liveSecrets().some(({ id }) => id === secretId) === true;
  }

  private token(request: ClinchRequest): string | undefined {
    const token = this.cookies.read(request, COOKIE);
    return token !== undefined && isOpaqueToken(token) ? token : undefined;
  }
}

interface SessionRow {
  client_id: string;
  secret_id: string;
  scope: string;
  started_at: number;
}

function actorOf(request: ClinchRequest, clientId: string) {
  return { clientId, address: clientAddress(request), traceId: request.traceId };
}
