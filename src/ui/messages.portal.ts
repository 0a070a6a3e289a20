/** What a line of somebody's time line is about: whoever writes lines has to have words for them. */
export type HistoryKind =
  | 'signed_in'
  | 'handed_over'
  | 'wrong_password'
  | 'signed_out'
  | 'ended_other'
  | 'ended_by_administrator'
  | 'ended_by_password'
  | 'device_allowed'
  | 'device_ended'
  | 'access_refused'
  | 'consent_withdrawn'
  | 'password_changed'
  | 'password_set';

/** The claims of the profile that have words of their own. */
export type ProfileField =
  | 'username'
  | 'name'
  | 'nickname'
  | 'email'
  | 'phone_number'
  | 'gender'
  | 'birthdate'
  | 'zoneinfo'
  | 'locale'
  | 'website'
  | 'profile'
  | 'address';

/** The words of a person's own pages. */
export interface PortalMessages {
  readonly frame: {
    readonly skip: string;
    readonly parts: string;
    readonly apps: string;
    readonly profile: string;
    readonly sessions: string;
    readonly connected: string;
    readonly devices: string;
    readonly history: string;
    readonly useAnother: string;
    readonly signOut: string;
  };
  readonly apps: {
    readonly title: string;
    readonly search: string;
    readonly submit: string;
    readonly none: string;
    readonly noneAdvice: string;
    readonly noMatch: (text: string) => string;
    readonly showAll: string;
    /** On the tile of an app that nobody but the app itself begins. */
    readonly fromApp: string;
  };
  readonly profile: {
    readonly title: string;
    readonly lead: string;
    readonly fields: Readonly<Record<ProfileField, string>>;
    readonly fromDingTalk: string;
    readonly fromDingTalkNote: string;
    readonly whomToAsk: string;
    readonly edit: string;
    readonly unverified: string;
    readonly genders: Readonly<Record<string, string>>;
    readonly passwordHeading: string;
    readonly passwordNote: string;
    readonly changePassword: string;
  };
  readonly profileEdit: {
    readonly title: string;
    readonly lead: string;
    /** The choice of no value. */
    readonly none: string;
    readonly submit: string;
    readonly cancel: string;
    readonly unfit: Readonly<Record<'nickname' | 'website' | 'zoneinfo' | 'locale', string>>;
    readonly fromDingTalkNote: string;
    readonly whomToAsk: string;
    readonly saved: string;
  };
  readonly password: {
    readonly title: string;
    readonly lead: string;
    readonly current: string;
    readonly fresh: string;
    readonly again: string;
    readonly submit: string;
    readonly currentMissing: string;
    readonly currentWrong: string;
    readonly freshMissing: string;
    readonly freshUnfit: Readonly<Record<'too_short' | 'too_long' | 'common' | 'is_username', string>>;
    readonly againDiffers: string;
    readonly busy: string;
    readonly tooManyAttempts: (seconds: number) => string;
    readonly changed: string;
  };
  readonly sessions: {
    readonly title: string;
    readonly lead: string;
    readonly thisOne: string;
    readonly place: string;
    readonly since: string;
    readonly lastUsed: string;
    readonly end: string;
    /** For those who do not see which row the button is in. */
    readonly endOf: (device: string) => string;
    readonly endOthers: string;
    readonly endOthersNote: string;
    readonly onlyThis: string;
    /** Nobody uses it, but apps that were opened there can go on. */
    readonly over: string;
    readonly overNote: string;
    /** What no ending of sessions ends; links to it follow. */
    readonly notEnded: string;
    readonly ended: string;
  };
  readonly connected: {
    readonly title: string;
    readonly lead: string;
    readonly none: string;
    readonly noneNote: string;
    readonly may: string;
    readonly since: string;
    readonly lastUsed: string;
    readonly withdraw: string;
    readonly withdrawFrom: (app: string) => string;
    /** Before the button: the app has devices, too. */
    readonly devicesToo: string;
    /** Before the button of an app that need not ask. */
    readonly notAsked: string;
    /** Of an app that asks again. */
    readonly withdrawn: string;
    readonly withdrawnNotAsked: string;
  };
  readonly devices: {
    readonly title: string;
    readonly lead: string;
    readonly none: string;
    readonly noneNote: string;
    readonly connect: string;
    readonly place: string;
    readonly since: string;
    readonly lastUsed: string;
    readonly end: string;
    readonly endOf: (app: string) => string;
    readonly ended: string;
  };
  readonly history: {
    readonly title: string;
    readonly lead: (days: number) => string;
    readonly none: string;
    readonly older: string;
    readonly newest: string;
    readonly times: (count: number) => string;
    readonly kinds: Readonly<Record<HistoryKind, (app: string) => string>>;
    readonly withPassword: string;
    readonly withDingTalk: string;
    readonly someApp: string;
  };
  /** Where and with what somebody is there. */
  readonly device: {
    readonly unknown: string;
    readonly on: (program: string, system: string) => string;
    readonly dingTalk: string;
    readonly thisComputer: string;
    readonly localNetwork: (address: string) => string;
    readonly unknownPlace: string;
  };
  readonly time: {
    readonly justNow: string;
    readonly minutesAgo: (count: number) => string;
    readonly hoursAgo: (count: number) => string;
    readonly daysAgo: (count: number) => string;
  };
}
