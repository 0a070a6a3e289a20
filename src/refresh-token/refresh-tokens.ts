import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Client } from '../app-registry/client.js';
import { AuditLog, type Note } from '../audit/audit-log.js';
import type { Authorization } from '../grant/authorization.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { lastAccessTokenExpiry } from '../token-signing/revoked-tokens.js';
import { RefreshTokenForm } from './refresh-token-form.js';
import { RefreshTokenStore, type RefreshFamily } from './refresh-token-store.js';
import { openSuccessor, sealSuccessor } from './successor-seal.js';

/** A token that is good for a refresh, and what it will be answered with. */
export interface Presented {
  readonly family: RefreshFamily;
  /**
   * Its immediate successor, when it was spent a moment ago and the answer may have been lost; undefined while it is
   * the newest itself.
   */
  readonly successor: string | undefined;
}

/** What of a family says whether it is over. */
export type FamilyLife = Pick<RefreshFamily, 'clientId' | 'createdAt' | 'rotatedAt' | 'expiresAt'>;

/** How often a rotation looks again after somebody else was faster. */
const TRIES = 3;

/** Issues, rotates, recognises and ends refresh tokens (RFC 6749 §6, RFC 9700 §4.14). */
@Injectable()
export class RefreshTokens {
  constructor(
    private readonly form: RefreshTokenForm,
    private readonly store: RefreshTokenStore,
    private readonly audit: AuditLog,
  ) {}

  /** Begins a family. @param subject the `sub` that it keeps @returns its first token */
  async begin(authorization: Authorization, client: Client, subject: string): Promise<string> {
    const { grantId, scope, resource, requestedClaims, sid, authTime, acr, amr, appAccountId } = authorization;
    const { deviceAddress } = authorization;
    const token = this.form.make(grantId);
    const now = Date.now();
    const endsAt = new Date(now + client.metadata.refreshTokenLifetime * 1000);
    await this.store.insert({
      grantId,
      clientId: client.id,
      accountId: authorization.subject,
      subject,
      scope,
      requestedClaims,
      authTime: authTime ?? new Date(now),
      digest: this.form.digest(token),
      endsAt,
      expiresAt: expiryOf(endsAt, client, now),
      ...(resource === undefined ? {} : { resource }),
      ...(sid === undefined ? {} : { sessionId: sid }),
      ...(acr === undefined ? {} : { acr }),
      ...(amr === undefined ? {} : { amr }),
      ...(appAccountId === undefined ? {} : { appAccountId }),
      ...(deviceAddress === undefined ? {} : { deviceAddress }),
    });
    return token;
  }

  /**
   * What a presented token is worth. A spent one that its own client presents again ends the family: one of the two
   * who have it is a thief, and we cannot tell which (RFC 9700 §4.14.2).
   *
   * @throws {OAuthError} invalid_grant
   */
  async present(token: string, client: Client): Promise<Presented> {
    const grantId = this.form.grantOf(token);
    const family = grantId === undefined ? undefined : await this.store.find(grantId);
    if (family === undefined) throw refused('unknown, or ended');
    const fault = faultOf(family, client) ?? faultOfSession(family);
    if (fault !== undefined) throw refused(fault);
    if (this.form.matches(token, family.digest)) return { family, successor: undefined };
    const successor = this.successorOf(token, family, client);
    if (successor !== undefined) return { family, successor };
    await this.endReused(family, client);
    throw refused('spent before: the family was ended');
  }

  /**
   * Spends a token for its successor.
   *
   * @returns the successor; the very same one for everybody who presents the token within the grace
   * @throws {OAuthError} invalid_grant when it has been spent or ended in between
   */
  async rotate(token: string, presented: Presented, client: Client): Promise<string> {
    let { family, successor } = presented;
    for (let tried = 1; successor === undefined; tried++) {
      const fresh = await this.tryRotate(token, family, client);
      if (fresh !== undefined) return fresh;
      if (tried === TRIES) throw refused('spent by somebody else again and again');
      ({ family, successor } = await this.present(token, client));
    }
    return successor;
  }

  /**
   * Ends the family of a token, any that we issued for it, if it is this client's (RFC 7009 §2.1).
   *
   * @returns whether there was something to end
   */
  async revoke(token: string, client: Client, note: Note): Promise<boolean> {
    const grantId = this.form.grantOf(token);
    return grantId !== undefined && this.store.end(grantId, client.id, lastAccessTokenExpiry(), note);
  }

  /** The family of a token that would be good for a refresh by this client. Nothing happens to it. */
  async inspect(token: string, client: Client): Promise<RefreshFamily | undefined> {
    const grantId = this.form.grantOf(token);
    const family = grantId === undefined ? undefined : await this.store.find(grantId);
    if (family === undefined || (faultOf(family, client) ?? faultOfSession(family)) !== undefined) return undefined;
    return this.form.matches(token, family.digest) ? family : undefined;
  }

  /** Ends all families of a person in an app, as when a consent is withdrawn. @returns how many */
  async endAllOf(accountId: string, clientId: string): Promise<number> {
    return this.store.endAllOf(accountId, clientId, lastAccessTokenExpiry());
  }

  /** Ends all families of a person, in every app. @returns how many */
  async endAllOfPerson(accountId: string): Promise<number> {
    return this.store.endAllOfPerson(accountId, lastAccessTokenExpiry());
  }

  /**
   * Ends the grants that came of the sessions of a chain, with their access tokens, but for those with offline access:
   * that is what it is for (OpenID Connect Core 1.0 §11, Back-Channel Logout 1.0 §2.7).
   *
   * @param manager of the transaction that ends the sessions
   * @returns how many
   */
  async endAllOfChain(chainId: string, manager: EntityManager): Promise<number> {
    return this.store.endAllOfChain(chainId, lastAccessTokenExpiry(), manager);
  }

  /** Whether a text is a refresh token of ours, of whatever state. */
  isGenuine(token: string): boolean {
    return this.form.grantOf(token) !== undefined;
  }

  private async tryRotate(token: string, family: RefreshFamily, client: Client): Promise<string | undefined> {
    const expiresAt = expiryOf(family.endsAt, client, Date.now());
    if (client.metadata.refreshTokenRotation === 'reuse') {
      if (expiresAt.getTime() !== family.expiresAt.getTime()) await this.store.touch(family, expiresAt);
      return token;
    }
    const fresh = this.form.make(family.grantId);
    const sealedToken = client.metadata.refreshTokenGrace === 0 ? null : sealSuccessor(token, family.grantId, fresh);
    const won = await this.store.rotate(family, { digest: this.form.digest(fresh), sealedToken, expiresAt });
    return won ? fresh : undefined;
  }

  private successorOf(token: string, family: RefreshFamily, client: Client): string | undefined {
    const { sealedToken, rotatedAt, parentDigest, grantId } = family;
    if (sealedToken === null || rotatedAt === undefined || !this.form.matches(token, parentDigest)) return undefined;
    const graceEnds = rotatedAt.getTime() + client.metadata.refreshTokenGrace * 1000;
    return Date.now() < graceEnds ? openSuccessor(token, grantId, sealedToken) : undefined;
  }

  private async endReused({ grantId, account, generation }: RefreshFamily, client: Client): Promise<void> {
    await this.store.end(grantId, client.id, lastAccessTokenExpiry());
    const actor = { clientId: client.id, accountId: account.id };
    this.audit.record('refresh_token.reused', actor, { grantId, generation });
  }
}

/** The idle lifetime from now, if the app has one, but never after the end of the family. */
function expiryOf(endsAt: Date, { metadata }: Client, now: number): Date {
  const { refreshTokenIdleLifetime: idle } = metadata;
  return idle === null ? endsAt : new Date(Math.min(endsAt.getTime(), now + idle * 1000));
}

/** Why a family is nothing for this client. Somebody else's, or that of an earlier app of the same id, is left alone. */
export function faultOf(family: FamilyLife, client: Client): string | undefined {
  if (family.clientId !== client.id) return 'of another client';
  if (!client.existedAt(family.createdAt)) return 'older than the app';
  return hasExpired(family, client) ? 'expired' : undefined;
}

/** A family without offline access ends with its session, also one that was begun in the moment in which that ended. */
function faultOfSession({ sessionEnded, scope }: RefreshFamily): string | undefined {
  return sessionEnded && !scope.includes('offline_access') ? 'of a session that has ended' : undefined;
}

/**
 * By the row, and by the app's lifetimes as they are now: a shorter one counts for those that are out already. Only a
 * token that stays good has no time of its last use; its next use gives it the idle lifetime.
 */
function hasExpired({ createdAt, rotatedAt, expiresAt }: FamilyLife, { metadata }: Client): boolean {
  const now = Date.now();
  const { refreshTokenLifetime, refreshTokenIdleLifetime: idle, refreshTokenRotation } = metadata;
  if (expiresAt.getTime() <= now || createdAt.getTime() + refreshTokenLifetime * 1000 <= now) return true;
  if (idle === null || refreshTokenRotation === 'reuse') return false;
  return (rotatedAt ?? createdAt).getTime() + idle * 1000 <= now;
}

/** One answer for every reason; the log says which. */
function refused(hint: string): OAuthError {
  return new OAuthError('invalid_grant', 'the refresh token is unknown, expired, used, ended, or not for this client', {
    hint: `refresh token ${hint}`,
  });
}
