import { Controller, Header, HttpCode, Param, Post, Req, UseFilters } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { AuditLog } from '../../audit/audit-log.js';
import { clientAddress, type ClinchRequest } from '../../http/clinch-request.js';
import { OAuthErrorFilter } from '../../http/oauth-error.filter.js';
import { UndecryptableError } from '../../keyring/keyring.js';
import { OAuthError } from '../../protocol/oauth-error.js';
import { CallbackCrypto, CallbackCryptoError, type SealedReply } from '../api/callback-crypto.js';
import type { IdentitySource } from '../source/identity-source.js';
import { IdentitySources } from '../source/identity-sources.js';
import { CallbackFaultError, isFrom, parsed, readCallback } from './callback-request.js';
import { EventChannels } from './event-channels.js';
import { EventInbox, NotStoredError } from './event-inbox.js';
import { inTime } from './in-time.js';

/** Milliseconds: DingTalk waits 1.5 s for the answer, and sends the event again. */
const ANSWER_WITHIN_MS = 1_200;

/** Milliseconds: DingTalk tries again for less than a minute. What is older is a replay. */
const OLDEST_MS = 3_600_000;

/** Seconds. */
const RETRY_AFTER = 10;

interface Callback {
  readonly timestamp: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** POST /dingtalk/SOURCE/events: DingTalk's HTTP push, encrypted with the keys of the source. */
@Controller()
@UseFilters(OAuthErrorFilter)
export class CallbackController {
  constructor(
    private readonly sources: IdentitySources,
    private readonly inbox: EventInbox,
    private readonly channels: EventChannels,
    private readonly audit: AuditLog,
  ) {}

  /** The answer comes once the event is stored; what it calls for is done afterwards. */
  @Post('/dingtalk/:source/events')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async receive(@Param('source') id: string, @Req() request: ClinchRequest): Promise<SealedReply> {
    const deadline = performance.now() + ANSWER_WITHIN_MS;
    const source = await this.find(id);
    const keys = source?.settings.callbackEvents === true ? keysOf(source) : undefined;
    // Unknown, switched off, or without keys: which of them is nobody's business.
    if (source === undefined || keys === undefined) throw new OAuthError('invalid_request', undefined, { status: 404 });
    const crypto = new CallbackCrypto(keys.token, keys.aesKey, source.clientId);
    try {
      if (!isFrom(source.settings.callbackNetworks, request)) throw forbidden('the address is not on the list');
      await this.accept(source, await open(request, crypto, source.corpId), deadline);
    } catch (error) {
      throw this.refusal(source, request, error);
    }
    return crypto.seal('success', String(Date.now()), randomBytes(8).toString('hex'));
  }

  /** @throws {OAuthError} temporarily_unavailable when the database does not say in time */
  private async find(id: string): Promise<IdentitySource | undefined> {
    return inTime(this.sources.findEnabled(id), ANSWER_WITHIN_MS, () => sendAgain());
  }

  private async accept(source: IdentitySource, { payload }: Callback, deadline: number): Promise<void> {
    this.channels.seen(source.id, 'callback');
    const { EventType: type, eventId, EventTime: time } = payload;
    if (type === 'check_url') return;
    const bornAt = typeof time === 'number' && time > 0 && time < 1e14 ? new Date(time) : undefined;
    const event = { eventId, type, payload, via: 'callback', bornAt } as const;
    await this.inbox.put(source, event, deadline - performance.now());
    this.channels.received(source.id, 'callback');
  }

  /** One answer for all that is wrong with a callback, so that nobody can find out by trying what would be right. */
  private refusal(source: IdentitySource, request: ClinchRequest, error: unknown): unknown {
    const reason = error instanceof OAuthError ? (error.hint ?? error.message) : String(error);
    this.channels.failed(source.id, 'callback', reason);
    if (error instanceof NotStoredError) return sendAgain(error);
    const actor = { address: clientAddress(request), traceId: request.traceId };
    this.audit.record('directory.event_refused', actor, { source: source.id, via: 'callback', reason });
    if (!(error instanceof CallbackFaultError || error instanceof CallbackCryptoError)) return error;
    return new OAuthError('invalid_request', 'the callback is not acceptable', { hint: reason });
  }
}

/** The checks, in this order: what is left when the signature is right is between DingTalk and us. */
async function open(request: ClinchRequest, crypto: CallbackCrypto, corpId: string): Promise<Callback> {
  const sealed = await readCallback(request);
  const payload = parsed(Buffer.from(crypto.open(sealed), 'utf8'));
  // The trial call when the address is saved is about no organisation.
  if (payload['EventType'] !== 'check_url' && payload['CorpId'] !== corpId) {
    throw new CallbackFaultError('the event is of another organisation');
  }
  if (Math.abs(Date.now() - milliseconds(sealed.timestamp)) > OLDEST_MS) throw forbidden('the callback is too old');
  return { timestamp: sealed.timestamp, payload };
}

/** DingTalk's libraries write milliseconds or seconds. */
function milliseconds(timestamp: string): number {
  const number = Number(timestamp);
  return number < 1e11 ? number * 1_000 : number;
}

function sendAgain(cause?: unknown): OAuthError {
  const description = 'the event could not be stored, send it again';
  return new OAuthError('temporarily_unavailable', description, { cause, retryAfter: RETRY_AFTER });
}

function forbidden(hint: string): OAuthError {
  return new OAuthError('access_denied', undefined, { status: 403, hint });
}

/** @throws {OAuthError} 503 when they cannot be opened: DingTalk tries again, and the log says what is wrong */
function keysOf(source: IdentitySource): ReturnType<IdentitySource['callbackKeys']> {
  try {
    return source.callbackKeys();
  } catch (error) {
    if (!(error instanceof UndecryptableError)) throw error;
    throw new OAuthError('temporarily_unavailable', undefined, { cause: error, retryAfter: RETRY_AFTER });
  }
}
