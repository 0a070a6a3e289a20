import { OAuthError, type OAuthErrorCode, type OAuthErrorOptions } from '../protocol/oauth-error.js';
import { MESSAGES, type ErrorSituation, type ErrorWords, type Locale, type NamedSituation } from '../ui/messages.js';

const CODE: Partial<Record<ErrorSituation | NamedSituation, OAuthErrorCode>> = {
  access_denied: 'access_denied',
  account_disabled: 'access_denied',
  form_not_ours: 'access_denied',
  server_error: 'server_error',
  members_only: 'access_denied',
  no_account: 'access_denied',
  dingtalk_away: 'temporarily_unavailable',
  dingtalk_not_set_up: 'server_error',
};

const STATUS: Partial<Record<ErrorSituation | NamedSituation, number>> = {
  access_denied: 403,
  account_disabled: 403,
  form_not_ours: 403,
  not_found: 404,
  too_many_requests: 429,
  members_only: 403,
  no_account: 403,
  dingtalk_away: 503,
  dingtalk_not_set_up: 502,
};

export interface PageErrorOptions extends OAuthErrorOptions {
  /** The name that the words of a named situation hold. */
  readonly about?: string;
  /** Whom to ask for access, in the operator's words. */
  readonly contact?: string | undefined;
  /** The app that it is about. */
  readonly appName?: string;
  /** The path below the issuer where the person may sign in another way, or once more. */
  readonly signInPath?: string;
  /** As above, where they may sign out all the same. */
  readonly signOutPath?: string;
}

/** Something that a person is told on a page of ours, because it may not (or cannot) be told to an app. */
export class PageError extends OAuthError {
  readonly about: string | undefined;
  readonly signInPath: string | undefined;
  readonly signOutPath: string | undefined;
  readonly contact: string | undefined;
  readonly appName: string | undefined;

  constructor(
    readonly situation: ErrorSituation | NamedSituation,
    options: PageErrorOptions = {},
  ) {
    super(CODE[situation] ?? 'invalid_request', undefined, { status: STATUS[situation] ?? 400, ...options });
    this.name = 'PageError';
    this.about = options.about;
    this.signInPath = options.signInPath;
    this.signOutPath = options.signOutPath;
    this.contact = options.contact;
    this.appName = options.appName;
  }
}

/** Whether the way on may be a person's own first page: no app may be waiting, or none that can be found. */
export function leadsHome(error: OAuthError): boolean {
  if (!(error instanceof PageError)) return error.status === 404;
  return ['form_not_ours', 'interaction_expired', 'not_found'].includes(error.situation);
}

/** The words for an error, whether or not it was thrown for a page. */
export function errorWords(error: OAuthError, locale: Locale): ErrorWords {
  const { situations, namedSituations } = MESSAGES[locale].error;
  const situation = situationOf(error);
  return isNamed(situation) ? namedSituations[situation](aboutOf(error)) : situations[situation];
}

function isNamed(situation: ErrorSituation | NamedSituation): situation is NamedSituation {
  return Object.hasOwn(MESSAGES.en.error.namedSituations, situation);
}

function aboutOf(error: OAuthError): string {
  return error instanceof PageError ? (error.about ?? '') : '';
}

/** The situation that a page tells of; also of an error that was not thrown for one. */
export function situationOf(error: OAuthError): ErrorSituation | NamedSituation {
  if (error instanceof PageError) return error.situation;
  if (error.status >= 500) return 'server_error';
  if (error.status === 404) return 'not_found';
  if (error.status === 429) return 'too_many_requests';
  return 'invalid_request';
}
