import type { AuthorizationRequest } from '../protocol/authorization-request.js';
import { OAuthError } from '../protocol/oauth-error.js';

/**
 * What has to happen next for a request, decided from the facts alone:
 *
 * ```
 *   request ──▶ nobody signed in, or not the right person, or not recently enough ──▶ login ──┐
 *      ▲   └──▶ prompt=select_account, not chosen yet ──▶ select_account ────────────────────┤
 *      │   └──▶ this person may not use this app ──▶ refused ──▶ another account ────────────┤
 *      │   │                                            └──▶ back: access_denied, to the app  │
 *      │   └──▶ several names in the app, none chosen yet ──▶ select_app_account ────────────┤
 *      │   └──▶ consent needed and not there ──▶ consent ────────────────────────────────────┤
 *      └─────────────────────────────────────────────────────────────────────────────────────┘
 *          └──▶ proceed: a code
 * ```
 *
 * Pages never lead to one another; each returns here. With prompt=none a page is an error instead.
 */
export type Step = 'login' | 'select_account' | 'refused' | 'select_app_account' | 'consent' | 'proceed';

export interface StepFacts {
  readonly request: AuthorizationRequest;
  readonly signedIn:
    | {
        readonly sessionId: string;
        readonly subject: string;
        readonly authTime: Date;
        readonly acr: string;
        /** What the person may use, by the app's access policy. */
        readonly mayUse: boolean;
        /** The names that the person may choose from in the app; none where there is no choice. */
        readonly appAccounts: readonly {
          readonly id: string;
          /** Whether it was ever chosen: without a page, that is the one. */
          readonly chosenBefore: boolean;
        }[];
        /** The scope that the person has agreed to before. */
        readonly consentedScope: readonly string[];
      }
    | undefined;
  readonly requireConsent: boolean;
  /** What happened in this interaction already; absent on the first look. */
  readonly interaction:
    | {
        readonly signedInSessionId: string | null;
        readonly selectedSessionId: string | null;
        readonly consentedSessionId: string | null;
        readonly appAccountId: string | null;
      }
    | undefined;
  readonly now: Date;
}

/** What the app hears of somebody whom it is not open to. */
export function refused(): OAuthError {
  return new OAuthError('access_denied', 'this person may not use this app');
}

/**
 * @throws {OAuthError} login_required, account_selection_required, consent_required (prompt=none), or access_denied
 */
export function nextStep(facts: StepFacts): Step {
  const step = wantedStep(facts);
  if (step === 'proceed' || !facts.request.prompt.includes('none')) return step;
  throw REFUSAL[step]();
}

const REFUSAL: Record<Exclude<Step, 'proceed'>, () => OAuthError> = {
  login: () => new OAuthError('login_required', 'the person has to sign in'),
  select_account: () => new OAuthError('account_selection_required', 'the person has to choose an account'),
  refused,
  select_app_account: () =>
    new OAuthError('account_selection_required', 'the person has to choose a name that they have in the app'),
  consent: () => new OAuthError('consent_required', 'the person has to agree'),
};

function wantedStep({ request, signedIn, requireConsent, interaction, now }: StepFacts): Step {
  if (signedIn === undefined) return 'login';
  // A sign-in that happened for this very request answers every wish for a fresh one.
  const justSignedIn = interaction?.signedInSessionId === signedIn.sessionId;
  if (!justSignedIn && needsFreshSignIn(request, signedIn, now)) return 'login';
  if (request.hintedSubject !== undefined && request.hintedSubject !== signedIn.subject) {
    if (justSignedIn) throw new OAuthError('access_denied', 'somebody else signed in than the one who was asked for');
    return 'login';
  }
  const { requiredAcr } = request.requestedClaims;
  if (requiredAcr !== undefined && !requiredAcr.includes(signedIn.acr)) {
    throw new OAuthError('access_denied', 'the requested acr cannot be reached');
  }
  const selected = justSignedIn || interaction?.selectedSessionId === signedIn.sessionId;
  if (request.prompt.includes('select_account') && !selected) return 'select_account';
  if (!signedIn.mayUse) return 'refused';
  if (needsAppAccount(request, signedIn.appAccounts, interaction?.appAccountId)) return 'select_app_account';
  const agreedHere = interaction?.consentedSessionId === signedIn.sessionId;
  if (!agreedHere && needsConsent(request, signedIn.consentedScope, requireConsent)) return 'consent';
  return 'proceed';
}

/** OpenID Connect Core 1.0 §3.1.2.1: `prompt=login`, and `max_age` in seconds since the last active sign-in. */
function needsFreshSignIn(request: AuthorizationRequest, signedIn: { readonly authTime: Date }, now: Date): boolean {
  if (request.prompt.includes('login')) return true;
  if (request.maxAge === undefined) return false;
  return now.getTime() - signedIn.authTime.getTime() >= request.maxAge * 1000;
}

/** A name that was chosen here counts while it is the person's: somebody else may have signed in since. */
function needsAppAccount(
  request: AuthorizationRequest,
  names: readonly { readonly id: string; readonly chosenBefore: boolean }[],
  chosenId: string | null | undefined,
): boolean {
  if (names.length < 2 || names.some(({ id }) => id === chosenId)) return false;
  return !(request.prompt.includes('none') && names.some(({ chosenBefore }) => chosenBefore));
}

function needsConsent(request: AuthorizationRequest, consented: readonly string[], requireConsent: boolean): boolean {
  if (request.prompt.includes('consent')) return true;
  return requireConsent && !request.scope.every((token) => consented.includes(token));
}
