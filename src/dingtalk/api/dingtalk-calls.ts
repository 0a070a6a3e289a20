import { createHash } from 'node:crypto';
import type { ServerLog } from '../../audit/server-log.js';
import { UndecryptableError } from '../../keyring/keyring.js';
import type { Histogram } from '../../measurements/measurements.js';
import type { OutboundHttp } from '../../outbound/outbound-http.js';
import type { IdentitySource } from '../source/identity-source.js';
import { AppToken, type FreshToken } from './app-token.js';
import { Circuit, CircuitOpenError, type Outcome } from './circuit.js';
import { DingTalkError, type DingTalkFault } from './dingtalk-error.js';
import { exchange, type Call } from './exchange.js';
import { Pace } from './pace.js';
import { numberOf, textOf, type Json } from './values.js';
import { pause, retriesOf, unlessEnded, waitBeforeRetry, type Patience } from './waiting.js';

/** What says that an app's token is good no longer. */
const STALE = new Set(['40014', '42001', 'InvalidAuthentication']);
/** Quotas of a month: what passes, but not while somebody waits. */
const SPENT = new Set(['90020', 'Forbidden.AccessDenied.ApiCountLimitForOrg']);
/** Tokens kept for a source: while its secret is changed, some still go on with the old one. */
const TOKENS_KEPT = 4;
/** Milliseconds that DingTalk must have had before it counts as away when a caller's time ends. */
const FAIR_CHANCE_MS = 1_000;

/** An app's credentials, as far as a token belongs to them. */
interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What all calls to one source's DingTalk share: the app's token, the pace, the circuit. */
export class DingTalkCalls {
  private readonly tokens = new Map<string, AppToken>();
  private readonly paces = new Map<string, Pace>();
  private readonly circuit: Circuit;

  constructor(
    private readonly http: OutboundHttp,
    private readonly log: ServerLog,
    private readonly sourceId: string,
    private readonly durations: Histogram,
  ) {
    this.circuit = new Circuit((isOpen) =>
      log.warning({ kind: 'dingtalk', source: sourceId, state: isOpen ? 'away' : 'back' }),
    );
  }

  /**
   * Sends a call in its turn, again when that may help, and with a new token when the old one has ended.
   *
   * @returns the answer's body, which says that the call succeeded
   * @throws {DingTalkError}
   */
  async send(source: IdentitySource, call: Call, patience: Patience = {}): Promise<Json> {
    const { signal } = patience;
    const startedAt = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(source, call, patience);
      } catch (error) {
        const failure = asDingTalkError(error, call.path, signal);
        const isWorthIt = failure.isPassing && !SPENT.has(failure.code) && attempt <= retriesOf(patience);
        if (!isWorthIt || !(await hasTime(attempt, signal))) {
          this.report(call, failure, attempt, performance.now() - startedAt);
          throw failure;
        }
      }
    }
  }

  /** The client's id and secret, for the calls that take them in their body. @throws {DingTalkError} credentials */
  credentialsOf(source: IdentitySource): Credentials {
    try {
      return { clientId: source.clientId, clientSecret: source.clientSecret() };
    } catch (error) {
      if (!(error instanceof UndecryptableError)) throw error;
      const words = `the client secret is ${error.message}; set it again`;
      throw new DingTalkError('credentials', '', words, [], { cause: error });
    }
  }

  private async attempt(source: IdentitySource, call: Call, patience: Patience): Promise<Json> {
    if (call.token === 'none') return this.exchange(source, call, undefined, patience);
    if (call.token !== 'app') return this.exchange(source, call, call.token.ofPerson, patience);
    const held = this.tokenOf(source);
    const token = await unlessEnded(held.value(), patience.signal);
    try {
      return await this.exchange(source, call, token, patience);
    } catch (error) {
      if (!(error instanceof DingTalkError && STALE.has(error.code))) throw error;
      const fresh = await unlessEnded(held.valueInsteadOf(token), patience.signal);
      return this.exchange(source, call, fresh, patience);
    }
  }

  private async exchange(
    source: IdentitySource,
    call: Call,
    token: string | undefined,
    patience: Patience,
  ): Promise<Json> {
    this.circuit.require();
    const turn = await this.turn(call, patience);
    let startedAt: number | undefined;
    let outcome: Outcome = 'unknown';
    let ending: DingTalkFault | 'ok' | 'given_up' = 'given_up';
    try {
      const passage = this.circuit.enter();
      startedAt = performance.now();
      try {
        const answer = await exchange(this.http, source, call, token, patience.signal);
        outcome = 'there';
        ending = 'ok';
        return answer;
      } catch (error) {
        outcome = outcomeOf(error, performance.now() - startedAt, patience.signal);
        if (error instanceof DingTalkError) ending = error.fault;
        throw error;
      } finally {
        passage.over(outcome);
        this.durations.observe({ source: this.sourceId, outcome: ending }, (performance.now() - startedAt) / 1000);
      }
    } finally {
      const isAnswered = outcome === 'there';
      turn.over(startedAt === undefined ? 'not called' : isAnswered ? 'answered' : 'given up');
    }
  }

  private async turn({ path }: Call, patience: Patience) {
    let pace = this.paces.get(path);
    if (pace === undefined) this.paces.set(path, (pace = new Pace()));
    try {
      return await pace.turn(patience.signal, retriesOf(patience) === 0);
    } catch (cause) {
      throw new DingTalkError('throttled', '', `${path}: no turn came in time, too many calls wait`, [], { cause });
    }
  }

  /** Whoever has another secret, or another organisation, has another token. */
  private tokenOf(source: IdentitySource): AppToken {
    const credentials = this.credentialsOf(source);
    const parts = [credentials.clientId, credentials.clientSecret, source.corpId, source.settings.apiBaseUrl];
    const key = createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
    let token = this.tokens.get(key);
    if (token === undefined) {
      token = new AppToken(() => this.fetchToken(source, credentials));
      this.tokens.set(key, token);
      if (this.tokens.size > TOKENS_KEPT) this.tokens.delete(this.tokens.keys().next().value ?? '');
    }
    return token;
  }

  /**
   * Of DingTalk's three ways to get an app's token, this one names the organisation: a token of an app of somebody
   * else's is refused here, and could otherwise pass for ours, because a code from inside DingTalk names none.
   */
  private async fetchToken(source: IdentitySource, { clientId, clientSecret }: Credentials): Promise<FreshToken> {
    const call: Call = {
      host: 'api',
      method: 'POST',
      path: `/v1.0/oauth2/${encodeURIComponent(source.corpId)}/token`,
      body: { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' },
      token: 'none',
      secrets: [clientSecret],
    };
    const body = await this.exchange(source, call, undefined, { retries: 0 });
    const value = textOf(body['access_token']);
    const lifetime = numberOf(body['expires_in']);
    if (value === undefined || value === '' || lifetime === undefined || lifetime <= 0) {
      throw new DingTalkError('unavailable', '', `${call.path}: the answer holds no token`);
    }
    return { value, lifetime };
  }

  private report(call: Call, failure: DingTalkError, attempts: number, took: number): void {
    // That nobody is called any more stands in the log already.
    if (failure instanceof CircuitOpenError) return;
    const fields = {
      kind: 'dingtalk',
      source: this.sourceId,
      call: call.path,
      fault: failure.fault,
      error: failure.code,
      detail: failure.message,
      attempts,
      milliseconds: Math.round(took),
    };
    // What a stranger can bring about with any code is no warning.
    if (['bad_code', 'not_found'].includes(failure.fault)) this.log.info(fields);
    else this.log.warning(fields);
  }
}

/** Waits before the next try. @returns false when the caller's time ends */
async function hasTime(attempt: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await pause(waitBeforeRetry(attempt), signal);
    return true;
  } catch {
    return false;
  }
}

function outcomeOf(error: unknown, took: number, signal?: AbortSignal): Outcome {
  if (signal?.aborted === true) {
    const isOutOfTime = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
    return isOutOfTime && took >= FAIR_CHANCE_MS ? 'away' : 'unknown';
  }
  const isAway = !(error instanceof DingTalkError) || ['unavailable', 'busy'].includes(error.fault);
  return isAway ? 'away' : 'there';
}

/** @throws what is no failure of a call */
function asDingTalkError(error: unknown, path: string, signal?: AbortSignal): DingTalkError {
  if (error instanceof DingTalkError) return error;
  if (signal?.aborted !== true) throw error;
  return new DingTalkError('unavailable', '', `${path}: the caller had no more time`, [], { cause: error });
}
