import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Cookies } from '../http/cookies.js';
import { SessionStore, type Session, type SignedIn } from './session-store.js';

const COOKIE = 'session';

/** The session of the browser that a request comes from. */
@Injectable()
export class BrowserSession {
  constructor(
    private readonly cookies: Cookies,
    private readonly sessions: SessionStore,
  ) {}

  /** Who is signed in; nobody when the account has been disabled, or its password set, since. */
  async current(request: Request): Promise<SignedIn | undefined> {
    const token = this.cookies.read(request, COOKIE);
    return token === undefined ? undefined : this.sessions.find(token);
  }

  /** A new session with a new cookie: what was in the browser before, planted or real, is worth nothing afterwards. */
  async signIn(request: Request, response: Response, accountId: string, acr: string, amr: string[]): Promise<Session> {
    const old = this.cookies.read(request, COOKIE);
    const previous = old === undefined ? undefined : await this.sessions.find(old);
    const { session, token } = await this.sessions.start(accountId, acr, amr);
    this.cookies.write(response, COOKIE, token);
    // Codes of the same person that are on their way stay good (TOKEN: a code dies with its session).
    if (previous !== undefined && previous.account.id !== accountId) await this.sessions.end(previous.session.id);
    return session;
  }
}
