import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { exactAddress } from '../http/clinch-request.js';
import { Cookies } from '../http/cookies.js';
import { SessionStore, type Proof, type Session, type SignedIn } from './session-store.js';

/** The secret of the session that counts. */
const COOKIE = 'session';

/** The secrets of the other people who are signed in with this browser, the latest first. */
const OTHERS_COOKIE = 'sessions';
const SEPARATOR = '.';
const MOST_OTHERS = 4;

/** Who is signed in with a browser. */
export interface SignedInHere {
  /** Whose session counts. Nobody becomes that by themselves when somebody else signs out. */
  readonly current: SignedIn | undefined;
  /** Other people who may go on without proving again who they are, the latest first. */
  readonly others: readonly SignedIn[];
}

/** A session that is good, and the secret that led to it. */
interface Held {
  readonly token: string;
  readonly signedIn: SignedIn;
}

/**
 * The sessions of the browser that a request comes from: one that counts, and those of other people beside it. Each is
 * found by a secret of its own and by nothing else: who could plant another cookie here comes to none of them.
 */
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

  /** Everybody who is signed in with this browser, each person once. For the others it does not count as use. */
  async all(request: Request): Promise<SignedInHere> {
    const [current, others] = await Promise.all([this.current(request), this.others(request)]);
    const rest = others.map(({ signedIn }) => signedIn);
    return { current, others: rest.filter(({ account }) => account.id !== current?.account.id) };
  }

  /**
   * The sessions of this browser that can be ended: those too that went idle or ran out since. Nobody is signed in with
   * such a one, but the apps that were entered in it go on by themselves.
   *
   * @returns the one that counted first, each person once
   */
  async toEnd(request: Request): Promise<SignedIn[]> {
    const others = (this.cookies.read(request, OTHERS_COOKIE) ?? '').split(SEPARATOR).slice(0, MOST_OTHERS);
    const tokens = [this.cookies.read(request, COOKIE) ?? '', ...others];
    const found = await Promise.all(tokens.map((token) => this.sessions.findToEnd(token)));
    const people = new Set<string>();
    return found.flatMap((each) =>
      each === undefined || people.has(each.account.id) ? [] : [(people.add(each.account.id), each)],
    );
  }

  /**
   * A new session with a new cookie: what was in the browser before, planted or real, is worth nothing afterwards.
   * Somebody else who was signed in here stays so, among the others.
   */
  async signIn(request: Request, response: Response, accountId: string, proof: Proof): Promise<Session> {
    const [held, earlier] = await Promise.all([this.held(request), this.earlier(request, accountId)]);
    const place = { userAgent: request.get('user-agent') ?? '', address: exactAddress(request) };
    const { session, token } = await this.sessions.start(accountId, proof, place, earlier?.chainId);
    this.cookies.write(response, COOKIE, token);
    this.keep(
      request,
      response,
      held.filter(({ signedIn }) => signedIn.account.id !== accountId),
    );
    // Codes of the same person that are on their way stay good, for a code dies with its session; the old cookie does not.
    if (earlier !== undefined) await this.sessions.replace(earlier.id);
    return session;
  }

  /**
   * Makes the session of another person in this browser the one that counts. Its secret stays as it is: it has been in
   * this browser all the time, and a new one would be lost with the answer to the first press of two.
   *
   * @param sessionId as a form says; it counts only if it is of a session of this very browser
   * @returns whose it is, or undefined when it is none of this browser's, or has ended
   */
  async switchTo(request: Request, response: Response, sessionId: string): Promise<SignedIn | undefined> {
    const held = await this.held(request);
    const chosen = held.find(({ signedIn }) => signedIn.session.id === sessionId);
    if (chosen === undefined) return undefined;
    if (chosen.token === this.cookies.read(request, COOKIE)) return chosen.signedIn;
    this.cookies.write(response, COOKIE, chosen.token);
    this.keep(
      request,
      response,
      held.filter(({ signedIn }) => signedIn.account.id !== chosen.signedIn.account.id),
    );
    return chosen.signedIn;
  }

  /**
   * Takes sessions that were ended out of this browser. Where one of them counted, nobody is signed in any more; the
   * others wait to be chosen.
   *
   * @param chainIds of the sessions that ended. What has ended otherwise goes with them.
   */
  async leave(request: Request, response: Response, ...chainIds: readonly string[]): Promise<void> {
    const staying = (await this.held(request)).filter(({ signedIn }) => !chainIds.includes(signedIn.session.chainId));
    const token = this.cookies.read(request, COOKIE);
    if (!staying.some((held) => held.token === token)) this.cookies.clear(response, COOKIE);
    this.keep(
      request,
      response,
      staying.filter((held) => held.token !== token),
    );
  }

  /** All sessions of this browser that are good, the one that counts first. */
  private async held(request: Request): Promise<Held[]> {
    const token = this.cookies.read(request, COOKIE);
    const [current, others] = await Promise.all([this.current(request), this.others(request)]);
    if (token === undefined || current === undefined) return others;
    return [{ token, signedIn: current }, ...others.filter((other) => other.token !== token)];
  }

  private async others(request: Request): Promise<Held[]> {
    const tokens = this.otherTokens(request);
    const found = await Promise.all(tokens.map((token) => this.sessions.find(token, false)));
    return tokens.flatMap((token, index) => {
      const signedIn = found[index];
      return signedIn === undefined ? [] : [{ token, signedIn }];
    });
  }

  private otherTokens(request: Request): string[] {
    return (this.cookies.read(request, OTHERS_COOKIE) ?? '').split(SEPARATOR).slice(0, MOST_OTHERS);
  }

  /** What this person's new session goes on from: what they had in this browser before. */
  private async earlier(request: Request, accountId: string): Promise<Pick<Session, 'id' | 'chainId'> | undefined> {
    const tokens = [this.cookies.read(request, COOKIE) ?? '', ...this.otherTokens(request)];
    const found = await Promise.all(tokens.map((token) => this.sessions.findEarlier(token, accountId)));
    return found.find((session) => session !== undefined);
  }

  /** Those that do not count. Beyond a number the oldest is forgotten here, and goes idle. */
  private keep(request: Request, response: Response, others: readonly Held[]): void {
    const tokens = others.slice(0, MOST_OTHERS).map(({ token }) => token);
    if (tokens.length > 0) this.cookies.write(response, OTHERS_COOKIE, tokens.join(SEPARATOR));
    else if (this.cookies.read(request, OTHERS_COOKIE) !== undefined) this.cookies.clear(response, OTHERS_COOKIE);
  }
}
