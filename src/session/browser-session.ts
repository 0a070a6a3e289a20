import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { exactAddress } from '../http/clinch-request.js';
import { Cookies } from '../http/cookies.js';
import { SessionStore, type Proof, type Session, type SignedIn } from './session-store.js';

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
  async signIn(request: Request, response: Response, accountId: string, proof: Proof): Promise<Session> {
    const old = this.cookies.read(request, COOKIE);
    const previous = old === undefined ? undefined : await this.sessions.find(old);
    const same = previous?.account.id === accountId ? previous.session : undefined;
    const place = { userAgent: request.get('user-agent') ?? '', address: exactAddress(request) };
    const { session, token } = await this.sessions.start(accountId, proof, place, same?.chainId);
    this.cookies.write(response, COOKIE, token);
    // Codes of the same person that are on their way stay good, for a code dies with its session; the old cookie does not.
    if (same !== undefined) await this.sessions.replace(same.id);
    else if (previous !== undefined) await this.sessions.end(previous.session.chainId);
    return session;
  }
}
