import { PageError, type PageErrorOptions } from '../../http/page-error.js';
import { UndecryptableError } from '../../keyring/keyring.js';
import { DingTalkError } from '../api/dingtalk-error.js';
import type { NotAdmitted } from '../people/people.js';
import type { IdentitySource } from '../source/identity-source.js';

/** Why a sign-in with DingTalk ended without a session, in the words of the page that says so. */
export const REFUSALS = [
  'members_only',
  'no_account',
  'account_disabled',
  'dingtalk_away',
  'dingtalk_not_set_up',
  'dingtalk_code_refused',
  'too_many_requests',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Seconds until another attempt is worth it: DingTalk's pace and our circuit need no longer, as a rule. */
const RETRY_AFTER = 30;

const NOT_ADMITTED: Record<NotAdmitted, Refusal> = {
  new_people_refused: 'no_account',
  ambiguous_match: 'no_account',
  disabled_in_dingtalk: 'account_disabled',
  account_disabled: 'account_disabled',
  left_meanwhile: 'members_only',
};

/** A page about the organisation of that source. */
export function refused(source: IdentitySource, reason: Refusal, options: PageErrorOptions = {}): PageError {
  const retry = reason === 'dingtalk_away' ? { retryAfter: RETRY_AFTER } : {};
  return new PageError(reason, { about: source.name, ...retry, ...options });
}

export function notAdmitted(source: IdentitySource, reason: NotAdmitted): PageError {
  return refused(source, NOT_ADMITTED[reason], { hint: reason });
}

/** What a person is told of a call that failed. What is for the operator is in the log. */
export function failed(source: IdentitySource, error: unknown): unknown {
  if (error instanceof DingTalkError) return refused(source, reasonOf(error), { cause: error });
  if (error instanceof UndecryptableError) return refused(source, 'dingtalk_not_set_up', { cause: error });
  return error;
}

function reasonOf(error: DingTalkError): Refusal {
  if (error.isPassing) return 'dingtalk_away';
  if (error.fault === 'bad_code') return 'dingtalk_code_refused';
  return error.fault === 'not_found' ? 'members_only' : 'dingtalk_not_set_up';
}
