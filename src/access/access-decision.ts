import { notNow } from '../protocol/not-now.js';
import type { OAuthError } from '../protocol/oauth-error.js';
import type { SubjectType } from './assignment.entity.js';

/** What somebody is doing when they are asked for: rules may depend on it. */
export interface AccessRequest {
  /** Where the question comes up. At `token` the address is that of the app's server, not of the person. */
  readonly endpoint: 'authorize' | 'device' | 'launch' | 'token' | 'portal';
  /** The IP address that the request came from: the whole of it, unlike the one that limits are counted by. */
  readonly address: string;
  /** RFC 8176: how the person proved who they are. */
  readonly amr: readonly string[];
}

/** An assignment, and what it is about. */
export interface AssignmentReference {
  readonly id: string;
  readonly subject: { readonly type: SubjectType; readonly id: string };
}

/** Why somebody may enter, or may not. */
export type AccessReason =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'assigned'; readonly assignment: AssignmentReference }
  /** The account is disabled. */
  | { readonly kind: 'not_active' }
  | { readonly kind: 'not_assigned' }
  /** There was an assignment; its time is over. */
  | { readonly kind: 'ended'; readonly assignment: AssignmentReference }
  | { readonly kind: 'switched_off'; readonly assignment: AssignmentReference }
  | { readonly kind: 'rule_refused' }
  /** The rule came to no answer, which is none in favour. `passing`: it could not be asked just now, and may be in a moment. */
  | { readonly kind: 'rule_failed'; readonly failure: string; readonly passing?: boolean }
  /** None at all, or none because somebody else has what the rule makes. */
  | { readonly kind: 'no_app_account'; readonly taken: boolean };

/** What somebody may do in an app: names of its roles, and the permissions of them all. Sorted, each once. */
export interface Rights {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
}

/** Whether somebody may enter, and why. The rights are there also where the app is open to everyone. */
export interface AccessDecision extends Rights {
  readonly allowed: boolean;
  readonly reason: AccessReason;
}

export const NO_RIGHTS: Rights = { roles: [], permissions: [] };

/**
 * What to answer instead of a refusal where nothing is decided: the rule could not be asked just now. Nobody is let in by
 * that, and nobody is told, or noted, to be kept out.
 */
export function undecided({ reason }: Pick<AccessDecision, 'reason'>): OAuthError | undefined {
  return reason.kind === 'rule_failed' && reason.passing === true
    ? notNow(`access rule: ${reason.failure}`)
    : undefined;
}
