import { randomBytes } from 'node:crypto';
import { Faults } from './faults.js';
import type { OidcProvider, RamAccount, RamRole } from './ram.js';
import { Store } from './store.js';

/** What a role was taken for: by whom, and until when. */
export interface RoleSession {
  readonly account: RamAccount;
  readonly role: RamRole;
  readonly sessionName: string;
  readonly subject: string;
  readonly issuer: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string;
  readonly expiresAt: Date;
}

/** Somebody's browser that is in the console. */
export interface ConsoleSession {
  readonly roleSession: RoleSession;
  /** Where the browser is sent when the session has ended. */
  readonly loginUrl: string;
  expiresAt: Date;
}

const TICKET_SECONDS = 30;
const MINUTE_MS = 60_000;

/** Everything that exists in the simulator. */
export class World {
  readonly faults = new Faults();
  /** By the security token. */
  readonly credentials = new Store<RoleSession>();
  /** What GetSigninToken gave out. */
  readonly tickets = new Store<RoleSession>();
  /** By the browser's cookie. */
  readonly consoles = new Store<ConsoleSession>();

  constructor(readonly accounts: RamAccount[]) {}

  /** The first account. */
  get account(): RamAccount {
    const [account] = this.accounts;
    if (!account) throw new Error('There is no account.');
    return account;
  }

  findProvider(arn: string): { account: RamAccount; provider: OidcProvider } | undefined {
    for (const account of this.accounts) {
      const provider = account.providers.find((each) => account.providerArn(each) === arn);
      if (provider) return { account, provider };
    }
    return undefined;
  }

  findRole(arn: string): { account: RamAccount; role: RamRole } | undefined {
    const [, accountId, name] = /^acs:ram::(\d+):role\/([\w.-]+)$/.exec(arn) ?? [];
    const account = this.accounts.find((each) => each.accountId === accountId);
    const role = account?.role(name ?? '');
    return account && role ? { account, role } : undefined;
  }

  /** New credentials. */
  takeRole(
    taken: Pick<RoleSession, 'account' | 'role' | 'sessionName' | 'subject' | 'issuer'>,
    seconds: number,
  ): RoleSession {
    const session: RoleSession = {
      ...taken,
      accessKeyId: `STS.${randomBytes(18).toString('base64url')}`,
      accessKeySecret: randomBytes(33).toString('base64url'),
      securityToken: randomBytes(300).toString('base64'),
      expiresAt: new Date(Date.now() + seconds * 1000),
    };
    this.credentials.put(session.securityToken, session, session.expiresAt);
    return session;
  }

  /** A ticket for one sign-in within 30 s. */
  issueTicket(session: RoleSession): string {
    const ticket = randomBytes(48).toString('base64url');
    this.tickets.put(ticket, session, new Date(Date.now() + TICKET_SECONDS * 1000));
    return ticket;
  }

  /** Begins a session in a browser, which lasts as long as the credentials. Gives the cookie. */
  openConsole(roleSession: RoleSession, loginUrl: string): string {
    const cookie = randomBytes(24).toString('base64url');
    const { expiresAt } = roleSession;
    // It is kept beyond its end, for the page that says so.
    this.consoles.put(cookie, { roleSession, loginUrl, expiresAt }, new Date(expiresAt.getTime() + 60 * MINUTE_MS));
    return cookie;
  }

  /** As if the time of everybody in the console were up. */
  endConsoleSessions(): void {
    for (const session of this.consoles.values()) session.expiresAt = new Date(0);
  }

  /** As if 30 s had passed for every ticket. */
  expireTickets(): void {
    this.tickets.expireAll();
  }
}
