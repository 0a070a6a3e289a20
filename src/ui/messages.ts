/**
 * Every word Clinch says to a person, in one typed catalogue.
 *
 * `Messages` is the contract: a key that one language lacks does not compile. Entries that name something are functions,
 * so that each language puts the name where its grammar wants it. Pages choose a locale and read from here; what goes to
 * logs or to clients (`error_description`) is English and lives with the code that sends it.
 */
import { en } from './messages.en.js';
import type { FederationMessages } from './messages.federation.js';
import type { PortalMessages } from './messages.portal.js';
import { zhCN } from './messages.zh-cn.js';

export type Locale = 'zh-CN' | 'en';

/** The scopes described in words on the consent page; any other name is shown as it is. */
export type DescribedScope =
  'openid' | 'profile' | 'email' | 'phone' | 'address' | 'roles' | 'groups' | 'entitlements' | 'offline_access';

/** The ways a page can end before its purpose; each has words of its own for the error page. */
export type ErrorSituation =
  | 'unknown_app'
  | 'app_disabled'
  | 'redirect_uri_mismatch'
  | 'invalid_request'
  | 'interaction_expired'
  | 'form_not_ours'
  | 'access_denied'
  | 'account_disabled'
  | 'not_found'
  | 'too_many_requests'
  | 'server_error'
  | 'dingtalk_code_refused'
  | 'handover_over'
  | 'sign_out_request_invalid'
  | 'post_logout_redirect_uri_mismatch';

/** As above, where the words hold a name: of an organisation. */
export type NamedSituation = 'members_only' | 'no_account' | 'dingtalk_away' | 'dingtalk_not_set_up';

/** What happened, in full, and what to do next: the three lines of an error page. */
export interface ErrorWords {
  readonly title: string;
  readonly explanation: string;
  readonly advice: string;
}

/** One permission: what it is called, and what the app can do with it. */
export interface ScopeWords {
  readonly title: string;
  readonly detail: string;
}

/** The shape every language fills. */
export interface Messages {
  readonly common: {
    readonly privacyPolicy: string;
    readonly termsOfService: string;
    /** The company's own, beside which an app has its policy. */
    readonly privacyNotice: string;
    readonly opensInNewTab: string;
    readonly signedInAs: string;
  };
  readonly login: {
    readonly heading: string;
    readonly documentTitle: (app: string) => string;
    readonly destination: (app: string) => string;
    /** Where no app is waiting, but a page of our own. */
    readonly ownDocumentTitle: string;
    readonly ownDestination: string;
    readonly username: string;
    readonly password: string;
    readonly submit: string;
    readonly reauthenticateHeading: string;
    readonly reauthenticateReason: (app: string) => string;
    readonly usernameMissing: string;
    readonly passwordMissing: string;
    readonly invalidCredentials: string;
    readonly tooManyAttempts: string;
    readonly tooManyAttemptsFor: (seconds: number) => string;
    readonly busy: string;
    /** Between the form and the other ways to sign in. */
    readonly or: string;
    /** Where several organisations are to be chosen from, and nothing else. */
    readonly organisationHeading: string;
    /** Nobody can sign in by any way that works in this browser. */
    readonly noWay: string;
    readonly reauthenticateElsewhereReason: (app: string) => string;
    readonly cancelled: string;
    readonly withDingTalk: string;
    /** With more than one organisation to choose from. */
    readonly withDingTalkOf: (organisation: string) => string;
    /** What a screen reader calls the code to scan. */
    readonly codeTitle: string;
  };
  /** While DingTalk is asked who is there. */
  readonly inApp: {
    readonly documentTitle: string;
    readonly heading: string;
    readonly body: string;
    readonly otherWay: string;
  };
  readonly launch: {
    readonly openDirectlyTitle: (app: string) => string;
    readonly openDirectlyBody: (app: string) => string;
    /** Inside DingTalk, of an app that opens in the system's own browser. */
    readonly elsewhereDocumentTitle: (app: string) => string;
    readonly elsewhereHeading: string;
    readonly elsewhereBody: string;
    readonly openElsewhere: string;
    readonly openHere: string;
    /** And in that browser. */
    readonly handoverDocumentTitle: (app: string) => string;
    readonly handoverHeading: string;
    readonly handoverBody: string;
    readonly handoverCaution: string;
  };
  readonly selectAccount: {
    readonly heading: string;
    readonly documentTitle: (app: string) => string;
    readonly destination: (app: string) => string;
    /** Where no app is waiting, but a page of our own. */
    readonly ownDocumentTitle: string;
    readonly ownDestination: string;
    /** Beside the one whose session counts just now. */
    readonly current: string;
    readonly continueAs: (displayName: string) => string;
    readonly useAnother: string;
  };
  /** Of several names that the person has in the app. */
  readonly selectAppAccount: {
    readonly heading: string;
    readonly documentTitle: (app: string) => string;
    readonly question: (app: string) => string;
    readonly asLastTime: (username: string) => string;
    /** The label of the same choice, where a device is let in. */
    readonly field: (app: string) => string;
  };
  /** The app is not open to the person. */
  readonly refused: {
    readonly heading: (app: string) => string;
    readonly documentTitle: (app: string) => string;
    /** Stands above the words of whoever runs the app. */
    readonly ask: string;
    readonly backTo: (app: string) => string;
  };
  readonly consent: {
    readonly heading: string;
    readonly documentTitle: (app: string) => string;
    readonly request: (app: string) => string;
    readonly scopes: Readonly<Record<DescribedScope, ScopeWords>>;
    readonly otherScope: (name: string) => ScopeWords;
    /** `what` is the operator's own description, in the language of the page. */
    readonly customScope: (what: string) => ScopeWords;
    /** `what` is the API's own description, in whatever language its operator wrote it. */
    readonly apiScope: (what: string, api: string) => ScopeWords;
    readonly returnTo: (host: string) => string;
    readonly allow: string;
    readonly deny: string;
  };
  readonly device: {
    readonly documentTitle: string;
    readonly heading: string;
    readonly lead: string;
    readonly userCode: string;
    readonly submit: string;
    readonly codeMissing: string;
    readonly codeUnknown: string;
    /** The seconds until codes may be entered again. */
    readonly tooManyWrongCodes: (seconds: number) => string;
    readonly confirmHeading: string;
    readonly confirmDocumentTitle: (app: string) => string;
    readonly compare: string;
    readonly requestedFrom: string;
    readonly requestedAt: string;
    readonly minutesAgo: (minutes: number) => string;
    readonly caution: string;
    readonly allow: string;
    readonly deny: string;
    readonly allowedTitle: string;
    readonly allowedBody: (app: string) => string;
    readonly deniedTitle: string;
    readonly deniedBody: (app: string) => string;
    readonly overTitle: string;
    readonly overBody: string;
  };
  readonly formPost: {
    readonly heading: string;
    readonly returningTo: (host: string) => string;
    readonly returning: string;
    readonly proceed: string;
  };
  /** Apps that give roles of their own. */
  readonly federation: FederationMessages;
  /** A person's own pages. */
  readonly portal: PortalMessages;
  readonly logout: {
    readonly confirmHeading: string;
    readonly confirmDocumentTitle: (app: string) => string;
    readonly confirmBody: string;
    readonly confirmBodyFor: (app: string) => string;
    readonly allow: string;
    readonly deny: string;
    readonly doneHeading: string;
    readonly doneBody: (displayName: string) => string;
    readonly doneNothing: string;
    /** Stands above the names of people. */
    readonly stayingHeading: string;
    readonly signOutToo: string;
    /** Stands above the names of apps. */
    readonly toldHeading: string;
    readonly again: string;
    readonly proceed: string;
  };
  readonly error: {
    readonly nextHeading: string;
    readonly detailsHeading: string;
    readonly code: string;
    readonly traceId: string;
    readonly time: string;
    readonly home: string;
    readonly signIn: string;
    readonly signOut: string;
    readonly situations: Readonly<Record<ErrorSituation, ErrorWords>>;
    readonly namedSituations: Readonly<Record<NamedSituation, (name: string) => ErrorWords>>;
  };
}

/** The catalogue, by locale. */
export const MESSAGES: Readonly<Record<Locale, Messages>> = { 'zh-CN': zhCN, en };
