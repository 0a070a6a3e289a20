import type { FederationFailure } from '../ui/messages.federation.js';
import type { Locale } from '../ui/messages.js';
import { timelineEn } from './timeline-words.en.js';
import { timelineZhCN } from './timeline-words.zh-cn.js';

/** What a line is about, with names in the place of ids as far as there are any. */
export interface LineFacts {
  /** The app's name; '' where no app is known. */
  readonly app: string;
  /** The person's name; '' where nobody is known. */
  readonly person: string;
  /** How somebody signed in, in words. */
  readonly method: string;
  /** The error code or reason as the event has it. */
  readonly reason: string;
  /** What the log says more. */
  readonly hint: string;
}

/** Why something failed, and what to do about it, for an operator. */
export interface Explanation {
  readonly why: string;
  readonly advice: string;
}

/** Why a sign-in or a request can fail. */
export type FailureReason =
  | 'unknown_name'
  | 'wrong_password'
  | 'account_disabled'
  | 'slowed'
  | 'access_refused'
  | 'no_subject'
  | 'consent_denied'
  | 'unknown_app'
  | 'app_disabled'
  | 'redirect_uri_mismatch'
  | 'invalid_request'
  | 'interaction_expired'
  | 'form_not_ours'
  | 'access_denied'
  | 'too_many_requests'
  | 'server_error'
  | 'database_away'
  | 'dingtalk_code_refused'
  | 'handover_over'
  | 'sign_out_request_invalid'
  | 'post_logout_redirect_uri_mismatch'
  | 'members_only'
  | 'no_account'
  | 'dingtalk_away'
  | 'dingtalk_not_set_up'
  | 'invalid_scope'
  | 'login_required'
  | 'interaction_required'
  | 'unsupported_response_type'
  | 'code_replayed'
  | 'client_authentication'
  | 'other'
  | `federation.${FederationFailure}`;

/** Events that have a sentence of their own; the others are told by their name. */
export type ToldEvent =
  | 'authorization.requested'
  | 'authorization.refused'
  | 'page.refused'
  | 'sign_in.succeeded'
  | 'sign_in.failed'
  | 'sign_in.slowed'
  | 'access.refused'
  | 'subject.refused'
  | 'consent.given'
  | 'consent.denied'
  | 'federation.opened'
  | 'federation.failed'
  | 'code.issued'
  | 'code.replayed'
  | 'token.issued'
  | 'session.ended'
  | 'session.handed_over'
  | 'identity.linked'
  | 'identity.refused'
  | 'identity.match_ambiguous'
  | 'client_authentication.failed'
  | 'device.allowed'
  | 'device.denied'
  | 'device.code_refused'
  | 'account.returned'
  | 'account.departed'
  | 'account.password_changed';

/** What an app that gives roles of its own can have against somebody. */
export type FederationFailureWords = Pick<TimelineWords['failures'], `federation.${FederationFailure}`>;

/** Every word of a time line. A key that one language lacks does not compile. */
export interface TimelineWords {
  readonly events: Readonly<Record<ToldEvent, (facts: LineFacts) => string>>;
  readonly otherEvent: (event: string) => string;
  readonly failures: Readonly<Record<FailureReason, (facts: LineFacts) => Explanation>>;
  readonly methods: Readonly<Record<'pwd' | 'dingtalk' | 'dingtalk_in_app', string>>;
  readonly unknownApp: string;
  readonly somebody: string;
  readonly ended: (app: string) => string;
  readonly failed: (app: string) => string;
  readonly open: (app: string) => string;
}

export const TIMELINE_WORDS: Readonly<Record<Locale, TimelineWords>> = { 'zh-CN': timelineZhCN, en: timelineEn };
