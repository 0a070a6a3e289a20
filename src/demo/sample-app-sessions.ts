import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SignedOut } from './sample-app-logout.js';

/** What the app remembers between sending a person off to sign in and their return. */
interface Expected {
  readonly codeVerifier: string;
  readonly nonce: string;
}

/** Who signed in, by the id_token and by userinfo. */
export interface SignedInPerson {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly userinfo: Readonly<Record<string, unknown>>;
  readonly idToken: string;
  readonly scope: string;
  /** Where the provider gave one: what keeps the person signed in here without their browser's help. */
  readonly refreshToken: string | undefined;
}

// Enough for a sample; the oldest go first, so that nobody can fill the memory.
const MOST_SESSIONS = 1000;
const MOST_SIGN_INS = 10;

/** One browser. Several sign-ins may be under way in it, one for each tab. */
export class SampleAppSession {
  person: SignedInPerson | undefined;
  /** The provider has said that the person signed out elsewhere. */
  signedOutElsewhere = false;
  private readonly signIns = new Map<string, Expected>();

  /** Remembers a sign-in that has begun, by its state. */
  expect(state: string, expected: Expected): void {
    this.signIns.set(state, expected);
    dropOldest(this.signIns, MOST_SIGN_INS);
  }

  /** Gives the sign-in of this state, once. */
  take(state: string): Expected | undefined {
    const expected = this.signIns.get(state);
    this.signIns.delete(state);
    return expected;
  }
}

/** Sessions in memory, found by a random cookie. */
export class SampleAppSessions {
  private readonly sessions = new Map<string, SampleAppSession>();

  constructor(private readonly cookie: string) {}

  open(request: IncomingMessage): SampleAppSession | undefined {
    return this.sessions.get(this.idOf(request));
  }

  openOrStart(request: IncomingMessage, response: ServerResponse): SampleAppSession {
    return this.open(request) ?? this.start(response);
  }

  start(response: ServerResponse): SampleAppSession {
    const id = randomBytes(24).toString('base64url');
    const session = new SampleAppSession();
    this.sessions.set(id, session);
    dropOldest(this.sessions, MOST_SESSIONS);
    // Lax, because the person comes back from another site; not Secure, because the sample runs on http and loopback.
    response.setHeader('set-cookie', `${this.cookie}=${id}; HttpOnly; SameSite=Lax; Path=/`);
    return session;
  }

  forget(request: IncomingMessage, response: ServerResponse): void {
    this.sessions.delete(this.idOf(request));
    response.setHeader('set-cookie', `${this.cookie}=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0`);
  }

  /**
   * Ends the sessions of a sign-out that happened elsewhere.
   *
   * @returns how many that were
   */
  endAll({ sid, sub }: SignedOut): number {
    const ended = [...this.sessions.values()].filter(({ person }) => {
      if (person === undefined) return false;
      // With a `sid` it is about that session alone (Back-Channel Logout 1.0 §2.7).
      return sid === undefined ? person.claims['sub'] === sub : person.claims['sid'] === sid;
    });
    for (const session of ended) {
      session.person = undefined;
      session.signedOutElsewhere = true;
    }
    return ended.length;
  }

  private idOf(request: IncomingMessage): string {
    const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
    return pairs.find(([name]) => name === this.cookie)?.[1] ?? '';
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
