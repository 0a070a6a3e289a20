import { Injectable } from '@nestjs/common';
import { Database, statement, type Statement, type Value } from '../database/database.js';
import { Keyring } from '../keyring/keyring.js';
import { isOpaqueToken, newOpaqueToken } from '../protocol/opaque-token.js';
import { InteractionLimits } from './interaction-limits.js';
import { isForPage, type WaitingRequest } from './waiting-request.js';

/** Seconds that a person may take: long enough for a lunch, too short to be forgotten in a library. */
export const INTERACTION_LIFETIME = 3600;

/** A request that waits for its person. */
export interface Interaction<Request extends WaitingRequest = WaitingRequest> {
  /** The secret in the pages' addresses; stored as a digest. */
  readonly id: string;
  readonly request: Request;
  readonly signedInSessionId: string | null;
  readonly selectedSessionId: string | null;
  readonly consentedSessionId: string | null;
  /** The name in the app that the person chose. */
  readonly appAccountId: string | null;
}

interface InteractionRow {
  request: string;
  signed_in_session_id: string | null;
  selected_session_id: string | null;
  consented_session_id: string | null;
  app_account_id: string | null;
}

/** In the column of the client's id, where a page of our own waits. */
const NO_CLIENT = '';

const PURPOSE = 'interaction';
const BROWSER_PURPOSE = 'interaction-browser';

const INSERT = statement(
  'interaction_insert',
  `INSERT INTO interactions (digest, browser_digest, client_id, request, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6)`,
);
const OPEN = 'digest = $1 AND browser_digest = $2 AND completed_at IS NULL AND expires_at > $3';
const FIND = statement(
  'interaction_find',
  `SELECT request, signed_in_session_id, selected_session_id, consented_session_id, app_account_id
   FROM interactions WHERE ${OPEN}`,
);
const SIGN_IN = statement('interaction_sign_in', `UPDATE interactions SET signed_in_session_id = $4 WHERE ${OPEN}`);
const SELECT_ACCOUNT = statement(
  'interaction_select',
  `UPDATE interactions SET selected_session_id = $4 WHERE ${OPEN}`,
);
const NAME = statement('interaction_name', `UPDATE interactions SET app_account_id = $4 WHERE ${OPEN}`);
const CONSENT = statement('interaction_consent', `UPDATE interactions SET consented_session_id = $4 WHERE ${OPEN}`);
const SEND_ON = statement(
  'interaction_send_on',
  `UPDATE interactions SET sent_on_at = $3 WHERE ${OPEN} AND sent_on_at IS NULL`,
);
const COMPLETE = statement('interaction_complete', `UPDATE interactions SET completed_at = $3 WHERE ${OPEN}`);

/** Waiting requests, each bound to the browser that it came from (CVE-2022-39222). */
@Injectable()
export class InteractionStore {
  constructor(
    private readonly database: Database,
    private readonly keyring: Keyring,
    private readonly limits: InteractionLimits,
  ) {}

  /**
   * @param browser the browser's cookie
   * @param address that it asks from
   * @throws {PageError} too_many_requests
   * @throws {OAuthError} temporarily_unavailable when strangers ask for too much from many addresses
   */
  async begin(browser: string, request: WaitingRequest, address: string): Promise<string> {
    const text = JSON.stringify(request);
    await this.limits.begin(address, Buffer.byteLength(text));
    const id = newOpaqueToken();
    const now = Date.now();
    await this.database.run(
      INSERT,
      this.keyring.digest(PURPOSE, id),
      this.keyring.digest(BROWSER_PURPOSE, browser),
      isForPage(request) ? NO_CLIENT : request.clientId,
      text,
      now,
      now + INTERACTION_LIFETIME * 1000,
    );
    return id;
  }

  /** The open interaction of that id in that browser. */
  async find(id: string, browser: string): Promise<Interaction | undefined> {
    if (!isOpaqueToken(id)) return undefined;
    const row = await this.row(id, browser);
    if (row === undefined) return undefined;
    return {
      id,
      request: JSON.parse(row.request) as WaitingRequest,
      signedInSessionId: row.signed_in_session_id,
      selectedSessionId: row.selected_session_id,
      consentedSessionId: row.consented_session_id,
      appAccountId: row.app_account_id,
    };
  }

  /** Notes that the person proved who they are here: a sign-in for another request is none for this one. */
  async signIn(id: string, browser: string, sessionId: string): Promise<void> {
    await this.write(SIGN_IN, id, browser, sessionId);
  }

  async selectAccount(id: string, browser: string, sessionId: string | null): Promise<void> {
    await this.write(SELECT_ACCOUNT, id, browser, sessionId);
  }

  /** Notes which of their names in the app the person goes on with. */
  async selectAppAccount(id: string, browser: string, appAccountId: string): Promise<void> {
    await this.write(NAME, id, browser, appAccountId);
  }

  async giveConsent(id: string, browser: string, sessionId: string): Promise<void> {
    await this.write(CONSENT, id, browser, sessionId);
  }

  /**
   * Notes that the browser is sent on to sign in elsewhere, without having been asked.
   *
   * @returns true the first time only: whoever comes back without a session is shown the page, and never sent in circles
   */
  async sendOn(id: string, browser: string): Promise<boolean> {
    return this.write(SEND_ON, id, browser);
  }

  /**
   * Ends the interaction, in one statement.
   *
   * @returns true for exactly one caller: the one that may answer the app
   */
  async complete(id: string, browser: string): Promise<boolean> {
    return this.write(COMPLETE, id, browser);
  }

  private async row(id: string, browser: string): Promise<InteractionRow | undefined> {
    for (const key of this.keys(id, browser)) {
      const row = await this.database.first<InteractionRow>(FIND, ...key);
      if (row !== undefined) return row;
    }
    return undefined;
  }

  /** @returns whether it touched the row */
  private async write(command: Statement, id: string, browser: string, ...values: Value[]): Promise<boolean> {
    for (const key of this.keys(id, browser)) {
      if ((await this.database.run(command, ...key, ...values)) === 1) return true;
    }
    return false;
  }

  /** One for each master key: who was in the middle of it when the key changed goes on. */
  private keys(id: string, browser: string): [string, string, number][] {
    const browsers = this.keyring.digests(BROWSER_PURPOSE, browser);
    return this.keyring.digests(PURPOSE, id).map((digest, index) => [digest, browsers[index] ?? '', Date.now()]);
  }
}
