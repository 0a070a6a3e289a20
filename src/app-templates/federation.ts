import { Injectable } from '@nestjs/common';
import { inspect } from 'node:util';
import type { AccessDecision, Rights } from '../access/access-decision.js';
import { AppAccounts } from '../app-accounts/app-accounts.js';
import type { Client } from '../app-registry/client.js';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { ServerLog } from '../audit/server-log.js';
import { Measurements, type Counter, type Histogram } from '../measurements/measurements.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { SessionClients } from '../session/session-clients.js';
import type { SignedIn } from '../session/session-store.js';
import type { FederatedRole, Opened, Opening } from './app-template.js';
import type { TemplateOfApp } from './app-templates.js';
import { FederationError } from './federation-error.js';
import { FederationTokens, type FederationToken } from './federation-tokens.js';

/** Milliseconds for all of it together, the id token too, so that whoever clicked sees something within three seconds. */
const LONGEST_OPENING_MS = 2_800;
/** Milliseconds more until nobody waits for a template that does not heed the signal. */
const GRACE_MS = 50;

/** Seconds. */
const BUCKETS = [0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3];

/** Somebody who was let in, and the role that they take. */
export interface Federation {
  readonly client: Client;
  readonly opener: TemplateOfApp;
  readonly signedIn: SignedIn;
  readonly decision: AccessDecision;
  readonly role: FederatedRole;
  readonly targetLinkUri: string | undefined;
  readonly launchUrl: string;
  /** When the request came, by `performance.now()`: the time for all of it runs from there. */
  readonly came: number;
  /** Whose browser, for the audit. */
  readonly visitor: Actor;
}

/** The person has no id_token for this app: no subject, or a claim that must be there has no value. */
export class NotNamedError extends Error {
  override readonly name = 'NotNamedError';
}

/** The roles of the other side that somebody with these rights may take. */
export function rolesFor(
  { template, settings }: TemplateOfApp,
  { roles: held }: Pick<Rights, 'roles'>,
): FederatedRole[] {
  return template.roles(settings).filter(({ appRole }) => appRole === null || held.includes(appRole));
}

/** Takes a role at the other side, and says and counts what came of it. */
@Injectable()
export class Federations {
  private readonly outcomes: Counter;
  private readonly seconds: Histogram;

  constructor(
    private readonly tokens: FederationTokens,
    private readonly appAccounts: AppAccounts,
    private readonly used: SessionClients,
    private readonly audit: AuditLog,
    private readonly log: ServerLog,
    measurements: Measurements,
  ) {
    this.outcomes = measurements.counter(
      'clinch_federation_total',
      'Roles that were taken by an id token at apps of a template, and what came of it.',
    );
    this.seconds = measurements.histogram(
      'clinch_federation_duration_seconds',
      'How long it took to let somebody in at the other side, or not to: the id token and all requests to it.',
      BUCKETS,
    );
  }

  /**
   * @returns the address by which the person is in; for their browser and nobody else
   * @throws {FederationError} when the other side does not let them in, or all of it took too long
   * @throws {NotNamedError} when there is no id_token for this person
   * @throws {OAuthError} temporarily_unavailable when an expression cannot be evaluated just now
   * @throws {Error} whatever else went wrong: that is no answer of the other side
   */
  async open(federation: Federation): Promise<string> {
    const began = performance.now();
    const elapsed = () => Math.round(performance.now() - began) / 1000;
    const attempt: { idToken?: string } = {};
    let opened: Opened;
    try {
      opened = await inTime(federation.came, async (signal) => this.ask(federation, signal, attempt));
    } catch (error) {
      if (error instanceof FederationError) this.noteFailed(federation, elapsed(), error);
      else if (error instanceof NotNamedError) this.noteNotNamed(federation, error);
      else if (!(error instanceof OAuthError)) {
        this.noteOwnFault(federation, elapsed(), error);
        throw withoutToken(error, attempt.idToken);
      }
      throw error;
    }
    // Noted first: the role is taken by now, whatever comes next.
    this.noteOpened(federation, elapsed(), opened.details);
    await this.noteUsed(federation);
    return opened.location;
  }

  private async ask(federation: Federation, signal: AbortSignal, attempt: { idToken?: string }): Promise<Opened> {
    const { template } = federation.opener;
    if (template.open === undefined) throw new Error(`nothing is opened by the app template ${template.id}`);
    const opening = await this.openingOf(federation);
    attempt.idToken = opening.idToken;
    // Nobody waits any more: no role is to be taken for them.
    signal.throwIfAborted();
    return template.open({ ...opening, signal });
  }

  /** When the app was used last is worth knowing, and not worth the launch: the other side has let the person in. */
  private async noteUsed({ signedIn, client, visitor }: Federation): Promise<void> {
    try {
      await this.used.note(signedIn.session, client);
    } catch (error) {
      this.log.failure({ kind: 'federation', traceId: visitor.traceId, err: error }, 'the use of an app was not noted');
    }
  }

  /** What the template is given, but for the signal. */
  private async openingOf(federation: Federation): Promise<Omit<Opening, 'signal'>> {
    const { client, opener, signedIn, decision, role, targetLinkUri, launchUrl } = federation;
    const { account } = signedIn;
    const token = await this.tokenFor(federation);
    const { username: appAccount } = await this.appAccounts.of(account, client, { keeps: true });
    const rights = { roles: decision.roles, permissions: decision.permissions };
    const { settings } = opener;
    return { client, settings, account, rights, role, targetLinkUri, appAccount, launchUrl, ...token };
  }

  private async tokenFor({ signedIn, client, decision }: Federation): Promise<FederationToken> {
    try {
      return await this.tokens.mint(signedIn, client, decision);
    } catch (error) {
      if (!(error instanceof OAuthError) || error.code !== 'invalid_grant') throw error;
      throw new NotNamedError(error.description, { cause: error });
    }
  }

  private noteNotNamed(federation: Federation, { message: description, cause }: NotNamedError): void {
    const hint = cause instanceof OAuthError ? cause.hint : undefined;
    this.outcomes.add({ template: federation.opener.template.id, outcome: 'no_identity' });
    this.note('federation.failed', federation, { leg: 'token', reason: 'no_identity', description, hint });
  }

  private noteOpened(federation: Federation, seconds: number, details: Opened['details']): void {
    const labels = { template: federation.opener.template.id, outcome: 'opened' };
    this.outcomes.add(labels);
    this.seconds.observe(labels, seconds);
    this.note('federation.opened', federation, { ...details, seconds });
  }

  private noteFailed(federation: Federation, seconds: number, { why, facts, message, cause }: FederationError): void {
    const labels = { template: federation.opener.template.id, outcome: why };
    this.outcomes.add(labels);
    this.seconds.observe(labels, seconds);
    const { leg, code, requestId } = facts;
    // Of the error below only what kind it is: what it says may hold an address with a ticket in it.
    const fault = codeOf(cause);
    this.note('federation.failed', federation, { leg, reason: why, code, requestId, fault, hint: message, seconds });
  }

  /** What no leg threw is a fault of this server, and goes to the log. */
  private noteOwnFault(federation: Federation, seconds: number, error: unknown): void {
    this.outcomes.add({ template: federation.opener.template.id, outcome: 'server_error' });
    const fault = codeOf(error);
    this.note('federation.failed', federation, { leg: 'clinch', reason: 'server_error', fault, seconds });
  }

  private note(
    event: 'federation.opened' | 'federation.failed',
    { client, opener, signedIn, role, visitor }: Federation,
    details: Readonly<Record<string, unknown>>,
  ): void {
    const actor = { ...visitor, clientId: client.id, accountId: signedIn.account.id };
    this.audit.record(event, actor, { ...details, template: opener.template.id, role: role.name });
  }
}

/**
 * What the other side answers, or that it did not in time: whether or not the template heeds the signal.
 *
 * @throws {FederationError} as the template threw it, and for all that ends by the limit
 */
async function inTime<T>(came: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const over = new Promise<never>((_, reject) => {
    const abort = () => limit.abort(new DOMException('the other side took too long', 'TimeoutError'));
    // A template that heeds the signal knows which leg it was.
    const giveUp = () => reject(new FederationError('timeout', { leg: 'open' }));
    const left = Math.max(0, came + LONGEST_OPENING_MS - performance.now());
    timers.push(setTimeout(abort, left), setTimeout(giveUp, left + GRACE_MS));
  });
  try {
    return await Promise.race([ask(limit.signal), over]);
  } catch (error) {
    // What is neither the template's word nor the limit's is a fault of ours, however late it comes.
    if (!limit.signal.aborted || !(error instanceof DOMException)) throw error;
    throw new FederationError('timeout', { leg: 'open', cause: error });
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

/** For the log, where no token may stand: not by the words of an error either. */
function withoutToken(error: unknown, idToken: string | undefined): unknown {
  if (idToken === undefined || !inspect(error, { depth: 5 }).includes(idToken)) return error;
  return new Error(`${codeOf(error) ?? 'an error'} in the opening of an app, with the id token in its words`);
}

/** Such as ECONNREFUSED. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && /^[\w-]{1,64}$/.test(code)) return code;
  return codeOf(cause) ?? (/^\w{1,64}$/.test(error.name) ? error.name : undefined);
}
