import { isObject } from './exchange.js';

/** What can go wrong with a call. Which answer that is depends on the host; see fault-answers.ts. */
export const FAULT_KINDS = [
  /** The app's token is taken for expired, and is from then on: 40014, or InvalidAuthentication. */
  'token-expired',
  /** This app calls this API too often: 90018, or HTTP 403. */
  'throttled',
  /** Everybody together calls this API too often: 90002, or HTTP 403. */
  'api-throttled',
  /** The caller's address is not in the app's list: 60020, or HTTP 403. */
  'ip-not-listed',
  /** The department is outside what the app may read: 50004. */
  'out-of-range',
  /** The caller's address is banned for a while; the body is JSON that has no errcode, or HTML. */
  'ip-banned',
  'ip-banned-html',
  /** −1. */
  'busy',
  /** 15: nobody behind the gateway answered in time; or HTTP 504. */
  'backend-timeout',
  /** 88 without a sub_code: the gateway could not check the token. */
  'authentication-timeout',
  'empty-body',
  'not-json',
  /** Ten megabytes of JSON. */
  'huge-body',
  'http-403',
  'http-429',
  'http-500',
  'http-504',
  /** The answer comes, `ms` later. */
  'slow',
  /** Nothing comes, ever. */
  'hang',
  /** The connection is cut. */
  'refuse',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultRule {
  readonly kind: FaultKind;
  /** A path and all below it, such as `/oapi` or `/oapi/topapi/v2/user/list`; every path when left out. */
  readonly path?: string;
  /** How many calls it befalls; all when left out. */
  readonly times?: number;
  /** Only calls about this department, by `dept_id` in the body. */
  readonly deptId?: number;
  /** For `slow`. */
  readonly ms?: number;
}

/** Switches that are on or off until somebody changes them. */
export interface Switches {
  /** Confirms every sign-in at once as the person with this userid. */
  autoConfirm?: string;
  /** Denies every sign-in at once. */
  autoDeny: boolean;
  /** The browser comes back with `authCode` only, without `code` of the same value. */
  onlyAuthCode: boolean;
  /** A redirect URI is compared by its host only. */
  redirectByHost: boolean;
  /** Refuses people of other organisations on the sign-in page already. */
  membersOnly: boolean;
  /** Whether calls are counted, and how many an app may make to one API in a second. */
  throttle: boolean;
  callsPerSecond: number;
  /** No answer names a unionid. */
  noUnionid: boolean;
  /** How much of the people a department's lists show. */
  lists: 'full' | 'half' | 'empty';
  /** The person with this userid has a name that nobody expects. */
  poison?: { userid: string; name: 'nul' | 'long' | 'markup' };
  /** The person with this userid is in department −1 as well, which no call knows. */
  departmentMinusOne?: string;
  /** Numbers and booleans of people come as strings, as some samples of the documentation have them. */
  stringlyTyped: boolean;
  duplicateEvents: boolean;
  dropEvents: boolean;
  /** Events wait until they are released, in whatever order. */
  holdEvents: boolean;
  /** Which of the two names of the signature parameter are sent. */
  signatureNames: 'both' | 'signature' | 'msg_signature';
  /** Stream connections stay open and nothing comes. */
  streamSilent: boolean;
}

const defaults: Readonly<Switches> = {
  autoDeny: false,
  onlyAuthCode: false,
  redirectByHost: false,
  membersOnly: false,
  throttle: true,
  callsPerSecond: 20,
  noUnionid: false,
  lists: 'full',
  stringlyTyped: false,
  duplicateEvents: false,
  dropEvents: false,
  holdEvents: false,
  signatureNames: 'both',
  streamSilent: false,
};

const isText = (value: unknown) => typeof value === 'string';
const isFlag = (value: unknown) => typeof value === 'boolean';
const oneOf =
  (...names: readonly string[]) =>
  (value: unknown) =>
    typeof value === 'string' && names.includes(value);

const ACCEPTED: Readonly<Record<keyof Switches, (value: unknown) => boolean>> = {
  autoConfirm: isText,
  autoDeny: isFlag,
  onlyAuthCode: isFlag,
  redirectByHost: isFlag,
  membersOnly: isFlag,
  throttle: isFlag,
  callsPerSecond: (value) => Number.isSafeInteger(value),
  noUnionid: isFlag,
  lists: oneOf('full', 'half', 'empty'),
  poison: (value) => isObject(value) && isText(value.userid) && oneOf('nul', 'long', 'markup')(value.name),
  departmentMinusOne: isText,
  stringlyTyped: isFlag,
  duplicateEvents: isFlag,
  dropEvents: isFlag,
  holdEvents: isFlag,
  signatureNames: oneOf('both', 'signature', 'msg_signature'),
  streamSilent: isFlag,
};

function isSwitch(name: string): name is keyof Switches {
  return Object.hasOwn(ACCEPTED, name);
}

/** Everything that can be made to go wrong. `faults.fail('busy', …)` for calls; plain fields for the rest. */
export class Faults {
  readonly switches: Switches = { ...defaults };
  #rules: { rule: FaultRule; left: number }[] = [];

  /** Makes calls fail from now on. */
  fail(kind: FaultKind, rule: Omit<FaultRule, 'kind'> = {}): void {
    this.#rules.push({ rule: { ...rule, kind }, left: rule.times ?? Number.POSITIVE_INFINITY });
  }

  /** Ends every failure of calls; the switches stay. */
  heal(): void {
    this.#rules = [];
  }

  /** Everything as it was at the start. */
  reset(): void {
    this.heal();
    delete this.switches.autoConfirm;
    delete this.switches.poison;
    delete this.switches.departmentMinusOne;
    Object.assign(this.switches, defaults);
  }

  /** The failure that befalls this call, if any. It is used up by asking. */
  take(path: string, deptId?: number): FaultRule | undefined {
    const found = this.#rules.find(
      ({ rule, left }) =>
        left > 0 &&
        (rule.path === undefined || path === rule.path || path.startsWith(`${rule.path}/`)) &&
        (rule.deptId === undefined || rule.deptId === deptId),
    );
    if (found) found.left -= 1;
    return found?.rule;
  }

  toJSON(): object {
    const rules = this.#rules.filter(({ left }) => left > 0).map(({ rule }) => rule);
    return { ...this.switches, rules };
  }

  /**
   * Sets what a JSON object names: switches, and `rules` for failures of calls; null takes a switch back.
   * Throws TypeError for a name or a kind that there is not.
   */
  apply(settings: Readonly<Record<string, unknown>>): void {
    const { rules, ...switches } = settings;
    for (const [name, value] of Object.entries(switches)) {
      if (!isSwitch(name)) throw new TypeError(`There is no switch ${name}.`);
      if (value !== null && !ACCEPTED[name](value)) throw new TypeError(`${name} cannot be ${JSON.stringify(value)}.`);
      const usual = Object.hasOwn(defaults, name) ? defaults[name] : undefined;
      Object.assign(this.switches, { [name]: value ?? usual });
    }
    if (rules === undefined) return;
    if (!Array.isArray(rules)) throw new TypeError('rules is a list.');
    const read = rules.map(readRule);
    this.heal();
    for (const { kind, ...rule } of read) this.fail(kind, rule);
  }
}

function readRule(value: unknown): FaultRule {
  if (!isObject(value)) throw new TypeError('A rule is an object.');
  const kind = FAULT_KINDS.find((each) => each === value.kind);
  if (!kind) throw new TypeError(`A rule's kind is one of ${FAULT_KINDS.join(', ')}.`);
  const count = (name: string) => {
    const given = value[name];
    return typeof given === 'number' ? { [name]: given } : {};
  };
  const path = typeof value.path === 'string' ? { path: value.path } : {};
  return { kind, ...path, ...count('times'), ...count('deptId'), ...count('ms') };
}
