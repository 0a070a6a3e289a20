import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AccountStore, type Account } from '../accounts/account-store.js';
import { Cookies } from '../http/cookies.js';
import { SessionStore, type Session } from './session-store.js';

const COOKIE = 'session';

/** Somebody is signed in here. */
export interface SignedIn {
  readonly session: Session;
  readonly account: Account;
}

/** The session of the browser that a request comes from. */
@Injectable()
export class BrowserSession {
  constructor(
    private readonly cookies: Cookies,
    private readonly sessions: SessionStore,
    private readonly accounts: AccountStore,
  ) {}

  /** Who is signed in; nobody when the account has been disabled, or its password set, since. */
  async current(request: Request): Promise<SignedIn | undefined> {
    const token = this.cookies.read(request, COOKIE);
    const session = token === undefined ? undefined : await this.sessions.find(token);
    if (session === undefined) return undefined;
    const account = await this.accounts.findSignedIn(session.accountId, session.authTime);
    return account === undefined ? undefined : { session, account };
  }

  /** A new session with a new cookie: what was in the browser before, planted or real, is worth nothing afterwards. */
  async signIn(request: Request, response: Response, accountId: string, acr: string, amr: string[]): Promise<Session> {
    const old = this.cookies.read(request, COOKIE);
    const previous = old === undefined ? undefined : await this.sessions.find(old);
    const { session, token } = await this.sessions.start(accountId, acr, amr);
    this.cookies.write(response, COOKIE, token);
    // Codes of the same person that are on their way stay good (TOKEN: a code dies with its session).
    if (previous !== undefined && previous.accountId !== accountId) await this.sessions.end(previous.id);
    return session;
  }
}
