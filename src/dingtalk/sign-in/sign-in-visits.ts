import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { AuditLog } from '../../audit/audit-log.js';
import { clientAddress, type ClinchRequest } from '../../http/clinch-request.js';
import { Csrf } from '../../http/csrf.js';
import { PageError } from '../../http/page-error.js';
import { visitorOf } from '../../http/visitor.js';
import { Interactions, type OpenInteraction } from '../../interaction/interactions.js';
import { SignIns } from '../../interaction/sign-ins.js';
import type { Account } from '../../accounts/account-store.js';
import type { IdentitySource } from '../source/identity-source.js';
import { IdentitySources } from '../source/identity-sources.js';
import { CodeAttempts } from './code-attempts.js';
import { SIGN_IN_PATHS } from './sign-in-addresses.js';
import { SignInStateStore } from './sign-in-state-store.js';
import type { SignInStateKind } from './sign-in-state.entity.js';

/** RFC 8176 has no value for "another provider said so", and how DingTalk found out it does not say. */
const AMR = ['dingtalk'];

/** What a code that nobody was given ends in. */
const GUESSES = new Set<PageError['situation']>(['dingtalk_code_refused', 'too_many_requests']);

/** The two ways to sign in with a source. */
export type Way = 'browserSignIn' | 'inAppSignIn';

const METHOD = { browserSignIn: 'dingtalk', inAppSignIn: 'dingtalk_in_app' } as const;
const STATE_KIND: Record<Way, SignInStateKind> = { browserSignIn: 'browser', inAppSignIn: 'in_app' };

/** What the browser's way and the way inside DingTalk share: it goes out with a state, and comes back with it. */
@Injectable()
export class SignInVisits {
  constructor(
    private readonly sources: IdentitySources,
    private readonly states: SignInStateStore,
    private readonly interactions: Interactions,
    private readonly signIns: SignIns,
    private readonly attempts: CodeAttempts,
    private readonly csrf: Csrf,
    private readonly audit: AuditLog,
  ) {}

  /** @throws {PageError} not_found when there is no such source, or this way is switched off for it */
  async source(id: string, way: Way): Promise<IdentitySource> {
    const source = await this.sources.findEnabled(id);
    if (source === undefined || !source.settings[way]) throw new PageError('not_found');
    return source;
  }

  /** @throws {PageError} interaction_expired when nothing waits in this browser under that id */
  async begin(
    request: ClinchRequest,
    source: IdentitySource,
    way: Way,
    interactionId: string | undefined,
  ): Promise<{ readonly open: OpenInteraction; readonly state: string }> {
    const open = await this.interactions.open(request, interactionId);
    const place = { browser: open.browser, sourceId: source.id };
    return { open, state: await this.states.begin(STATE_KIND[way], place, open.interaction.id) };
  }

  /**
   * Spends the state.
   *
   * @throws {PageError} interaction_expired when it is unknown, used, expired, of another browser or another source, or
   * what waited is over
   */
  async comeBack(
    request: ClinchRequest,
    source: IdentitySource,
    way: Way,
    state: string | undefined,
  ): Promise<OpenInteraction> {
    const browser = this.csrf.browser(request);
    if (browser === undefined || state === undefined)
      throw new PageError('interaction_expired', { hint: 'no state or no cookie' });
    const interactionId = await this.states.spend(STATE_KIND[way], state, { browser, sourceId: source.id });
    if (interactionId === undefined)
      throw new PageError('interaction_expired', {
        hint: 'the state is not one of this browser and source, or is spent',
      });
    return this.interactions.open(request, interactionId);
  }

  /**
   * Begins the session, if the proof holds.
   *
   * @param prove asks DingTalk
   * @returns where the browser goes next
   * @throws {PageError} with a way back to the sign-in page
   */
  async signIn(
    request: ClinchRequest,
    response: Response,
    open: OpenInteraction,
    source: IdentitySource,
    way: Way,
    prove: () => Promise<Account>,
  ): Promise<string> {
    const authTime = new Date();
    const method = METHOD[way];
    const address = clientAddress(request);
    try {
      await this.attempts.begin(address);
      const { id: accountId } = await prove();
      await this.attempts.wasGenuine(address);
      const proven = { accountId, authTime, amr: AMR, method, source: source.id };
      return await this.signIns.complete(request, response, open, proven);
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      if (!GUESSES.has(error.situation)) await this.attempts.wasGenuine(address);
      const actor = visitorOf(request);
      this.audit.record('sign_in.failed', actor, {
        method,
        source: source.id,
        reason: error.situation,
        hint: error.hint,
      });
      throw withWayBack(error, open.interaction.id);
    }
  }
}

function withWayBack(error: PageError, interactionId: string): PageError {
  const { situation, about, hint, status, cause, retryAfter } = error;
  return new PageError(situation, {
    status,
    signInPath: SIGN_IN_PATHS.choose(interactionId),
    ...(about === undefined ? {} : { about }),
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}
