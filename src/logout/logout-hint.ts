import { Injectable } from '@nestjs/common';
import { usernameKey } from '../accounts/account-store.js';
import { ClientRegistry } from '../app-registry/client-registry.js';
import type { Client } from '../app-registry/client.js';
import { SessionStore, type SignedIn } from '../session/session-store.js';
import { Subjects } from '../subjects/subjects.js';
import { TokenSigningService } from '../token-signing/token-signing.service.js';

/** What an `id_token_hint` says: the app that it was issued to, whom it is about, and of which session. */
export interface LogoutHint {
  readonly client: Client;
  readonly subject: string;
  readonly sessionId: string | undefined;
}

/** `id_token_hint` (OpenID Connect RP-Initiated Logout 1.0 §2): an id_token of ours, its time over or not. */
@Injectable()
export class LogoutHints {
  constructor(
    private readonly signing: TokenSigningService,
    private readonly registry: ClientRegistry,
    private readonly sessions: SessionStore,
    private readonly subjects: Subjects,
  ) {}

  /** @returns undefined for anything that is not an id_token of ours, issued to an app that is still there */
  async read(hint: string): Promise<LogoutHint | undefined> {
    // §4: the OP SHOULD accept ID Tokens when the RP identified by the aud and/or sid has a current or recent session.
    const claims = await this.signing.verify(hint, 'JWT', { expired: 'accepted' });
    if (claims === undefined) return undefined;
    const client = await this.registry.find(claims.aud);
    if (client === undefined || !client.existedAt(new Date(claims.iat * 1000))) return undefined;
    const { sub, sid } = claims;
    return { client, subject: sub, sessionId: typeof sid === 'string' ? sid : undefined };
  }

  /**
   * Whom of those who are signed in here the hint is about. Only then it proves the request: whoever finds an id_token of
   * somebody elsewhere signs nobody out with it.
   */
  async among(people: readonly SignedIn[], hint: LogoutHint | undefined): Promise<SignedIn | undefined> {
    if (hint === undefined || people.length === 0) return undefined;
    const { client, subject, sessionId } = hint;
    const accountId = await this.subjects.accountOf(client.id, subject);
    const found = people.find(({ session, account }) => session.id === sessionId || account.id === accountId);
    if (found !== undefined || sessionId === undefined) return found;
    // An app that names people in another way by now still knows the session.
    const hinted = await this.sessions.findToEndById(sessionId);
    return people.find(({ session }) => session.chainId === hinted?.session.chainId);
  }

  /** §2, `logout_hint`: whom of those who are signed in here the app means. It chooses whom to ask about, and proves nothing. */
  async named(
    people: readonly SignedIn[],
    { logoutHint, client }: { readonly logoutHint: string | undefined; readonly client: Client | undefined },
  ): Promise<SignedIn | undefined> {
    if (logoutHint === undefined || people.length < 2) return undefined;
    const accountId = client && (await this.subjects.accountOf(client.id, logoutHint));
    return people.find(
      ({ session, account }) =>
        session.id === logoutHint ||
        account.id === (accountId ?? logoutHint) ||
        usernameKey(account.username) === usernameKey(logoutHint),
    );
  }
}
