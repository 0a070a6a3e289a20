import { type SimulatorApp, hostsOf } from './app.js';
import { CallLog } from './call-log.js';
import { Codes } from './codes.js';
import type { Company } from './company.js';
import { FailedPushes } from './failed-pushes.js';
import { Faults } from './faults.js';
import { type Account, type Person, deptIdsOf } from './person.js';
import { StreamTickets } from './stream-tickets.js';
import { Tokens } from './tokens.js';

/** Where the person of DingTalk's client stands, and which page asks for a code. */
export interface ClientRequest {
  /** An empty one stands for whoever was chosen on the client page. */
  readonly userid: string;
  readonly corpId: string;
  /** Left out by the older of the two calls. */
  readonly clientId?: string;
  /** Host and port of the page that asks. */
  readonly pageHost: string;
}

/** What the bridge gives to the page: the shape of DingTalk's own answers. */
export interface BridgeAnswer {
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly result?: { readonly code: string };
}

/** Everything that exists in the simulator, and the questions that more than one route asks of it. */
export class World {
  readonly tokens = new Tokens();
  readonly codes = new Codes();
  readonly faults = new Faults();
  readonly calls = new CallLog();
  readonly failedPushes = new FailedPushes();
  readonly streamTickets = new StreamTickets();
  /** People with a DingTalk account and no organisation. */
  readonly outsiders: Account[] = [{ userid: 'o001', unionid: 'UNION-OUTSIDER-1', name: '路人甲' }];

  /** Who uses the client page. */
  clientUserid?: string;

  constructor(
    readonly companies: readonly Company[],
    readonly apps: SimulatorApp[],
  ) {}

  app(clientId: string): SimulatorApp | undefined {
    return this.apps.find((app) => app.clientId === clientId);
  }

  /** The app whose credentials these are; an app that was never published has none that work. */
  authenticate(clientId: string, clientSecret: string): SimulatorApp | undefined {
    const app = this.app(clientId);
    return app && app.published && app.clientSecret === clientSecret ? app : undefined;
  }

  /** Throws an Error when the organisation of an app does not exist: a mistake in the settings. */
  companyOf({ corpId, clientId }: SimulatorApp): Company {
    const company = this.companies.find((each) => each.corpId === corpId);
    if (!company) throw new Error(`${clientId} belongs to ${corpId}, which does not exist.`);
    return company;
  }

  /** The account of whoever has (or had) this userid somewhere, looked for in the given organisation first. */
  accountOf(userid: string, corpId?: string): Account | undefined {
    const first = this.companies.filter((company) => company.corpId === corpId);
    const companies = [...first, ...this.companies];
    const here = companies.map((company) => company.person(userid) ?? company.externalContacts.get(userid));
    const gone = companies.map((company) => company.left.get(userid)?.person);
    return [...here, ...this.outsiders, ...gone].find((account) => account?.userid === userid);
  }

  accountByUnionid(unionid: string): Account | undefined {
    const members = this.companies.map((company) => company.personByUnionid(unionid));
    const contacts = this.companies.flatMap((company) => [...company.externalContacts.values()]);
    const gone = this.companies.flatMap((company) => [...company.left.values()].map(({ person }) => person));
    return [...members, ...contacts, ...this.outsiders, ...gone].find((account) => account?.unionid === unionid);
  }

  /** The organisations that an account is a member of. */
  companiesOf(unionid: string): Company[] {
    return this.companies.filter((company) => company.personByUnionid(unionid));
  }

  /** Whether the app may read a department: one that it was given, or one below. */
  mayReadDepartment(app: SimulatorApp, deptId: number): boolean {
    return this.companyOf(app)
      .departments.chainOf(deptId)
      .some((id) => app.scope.departments.includes(id));
  }

  mayReadPerson(app: SimulatorApp, person: Person): boolean {
    if (app.scope.users.includes(person.userid)) return true;
    return deptIdsOf(person).some((deptId) => this.mayReadDepartment(app, deptId));
  }

  /** A code from inside DingTalk, or why the page gets none: the host must be one that an app of the organisation has. */
  answerBridge({ userid, corpId, clientId, pageHost }: ClientRequest): BridgeAnswer {
    const company = this.companies.find((each) => each.corpId === corpId);
    if (!company) return { errorCode: '3', errorMessage: `invalid corpid: ${corpId}` };
    const candidates = this.apps.filter((app) => app.corpId === corpId && (!clientId || app.clientId === clientId));
    const app = candidates.find((each) => each.published && hostsOf(each).includes(pageHost));
    if (!app) return { errorCode: '3', errorMessage: `对应企业没有${pageHost}域名微应用` };
    const who = userid === '' ? (this.clientUserid ?? '') : userid;
    if (!company.person(who)) return { errorCode: '3', errorMessage: '用户不在企业内' };
    const code = this.codes.inApp.issue({ clientId: app.clientId, corpId, userid: who });
    return { errorCode: '0', errorMessage: '', result: { code } };
  }
}
