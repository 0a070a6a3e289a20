import { Injectable } from '@nestjs/common';
import { ClientRegistry } from '../app-registry/client-registry.js';
import { OutboundHttp } from '../outbound/outbound-http.js';
import type { Attempt, ClaimedNotice } from './logout-notice-store.js';
import { LogoutTokens } from './logout-tokens.js';

/** Milliseconds for the whole exchange. */
const ANSWER_WITHIN_MS = 5_000;

/** Bytes that are read of an answer: it is its status that counts. */
const LARGEST_ANSWER = 4 * 1024;

const LONGEST_ERROR = 500;

/** What came of telling an app: `refused` is the app's own word, `hopeless` is that there is nobody to tell. */
export interface Verdict extends Attempt {
  readonly outcome: 'delivered' | 'refused' | 'unanswered' | 'hopeless';
}

/** Tells an app, once. */
@Injectable()
export class LogoutDelivery {
  constructor(
    private readonly registry: ClientRegistry,
    private readonly tokens: LogoutTokens,
    private readonly http: OutboundHttp,
  ) {}

  /** An app that is switched off is told as well: what it holds of a person may still be there. */
  async attempt(notice: ClaimedNotice): Promise<Verdict> {
    const client = await this.registry.find(notice.clientId);
    if (client === undefined) return hopeless('the app is not there any more');
    if (client.metadata.createdAt > notice.createdAt) return hopeless('the app was registered anew since');
    const uri = client.metadata.backchannelLogoutUri;
    if (uri === null) return hopeless('the app has no backchannel_logout_uri any more');
    // §2.2: such an app will have no token without `sid`.
    if (notice.sessionId === undefined && client.metadata.backchannelLogoutSessionRequired)
      return hopeless('the app needs a session, and a device that was let in has none');
    const token = await this.tokens.make(notice, client);
    if (token === undefined) return hopeless('the app knows neither a session nor a subject of this person');
    return this.post(uri, token);
  }

  /** OpenID Connect Back-Channel Logout 1.0 §2.5. Nothing that is thrown or kept has the token in it. */
  private async post(uri: string, token: string): Promise<Verdict> {
    try {
      const { status } = await this.http.request(uri, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ logout_token: token }).toString(),
        timeoutMs: ANSWER_WITHIN_MS,
        largest: LARGEST_ANSWER,
        bodyMatters: false,
      });
      return verdictOf(status);
    } catch (error) {
      return { outcome: 'unanswered', status: undefined, error: wordsOf(error) };
    }
  }
}

/** §2.8: 200 when it succeeded, which some frameworks turn into 204; 400 when the app will have none of it. */
function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return { outcome: 'delivered', status, error: undefined };
  if (status === 400) return { outcome: 'refused', status, error: 'the app refuses the logout token' };
  const error = status >= 300 && status < 400 ? 'the app answers with a redirect' : `the app answers with ${status}`;
  return { outcome: 'unanswered', status, error };
}

function hopeless(error: string): Verdict {
  return { outcome: 'hopeless', status: undefined, error };
}

/** `fetch` says why only in the cause. */
function wordsOf(error: unknown): string {
  const told = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const words = told instanceof Error ? told.message || told.name : String(told);
  return words.replaceAll('\u0000', '').slice(0, LONGEST_ERROR);
}
