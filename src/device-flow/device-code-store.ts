import { Injectable } from '@nestjs/common';
import type { Note } from '../audit/audit-log.js';
import { Database, statement } from '../database/database.js';
import { Keyring } from '../keyring/keyring.js';
import { isOpaqueToken, newIdentifier, newOpaqueToken } from '../protocol/opaque-token.js';
import { scopeTokens } from '../protocol/scope.js';
import type { Session } from '../session/session-store.js';
import { newUserCode } from './user-code.js';

/** RFC 8628 §3.2 `expires_in`, seconds: time to find the phone, sign in and compare the code. */
export const DEVICE_CODE_LIFETIME = 1200;
/** RFC 8628 §3.2 `interval`, seconds between two polls. */
export const POLL_INTERVAL = 5;

/** RFC 8628 §3.5: each poll that comes too early makes the interval longer by this (seconds). */
const SLOW_DOWN = 5;
/** Milliseconds by which a poll may be early: networks and timers are not exact, honest devices are. */
const TOLERANCE_MS = 500;

/** User codes that are tried before a free one must have been among them: one taken is rare, five in a row is a fault. */
const USER_CODE_ATTEMPTS = 5;

export type Decision = 'allow' | 'deny';

/** What a device asks for. */
export interface DeviceRequest {
  readonly clientId: string;
  readonly scope: readonly string[];
  /** RFC 8707: the API that the access token will be for. */
  readonly resource: string | undefined;
  /** Where it asks from. */
  readonly address: string;
}

/** A device that waits for its person. */
export interface PendingDevice extends DeviceRequest {
  readonly userCode: string;
  readonly grantId: string;
  readonly createdAt: Date;
}

/** A device that a person let in, and how they had proven who they are. */
export interface AllowedDevice {
  readonly grantId: string;
  readonly accountId: string;
  readonly scope: readonly string[];
  readonly resource: string | undefined;
  readonly createdAt: Date;
  /** Where it asked from. */
  readonly address: string;
  readonly authTime: Date;
  readonly acr: string;
  readonly amr: readonly string[];
  /** Of several names that the person has in the app, the one that was chosen. */
  readonly appAccountId: string | undefined;
}

/** What a poll meets (RFC 8628 §3.5). */
export type Poll =
  | { readonly outcome: 'redeemed'; readonly device: AllowedDevice }
  | { readonly outcome: 'pending' | 'too_early' | 'denied' | 'expired' }
  /** Unknown, used, or of another client: nothing happened to it. */
  | { readonly outcome: 'refused' };

interface PendingRow {
  grant_id: string;
  client_id: string;
  scope: string;
  resource: string | null;
  address: string;
  created_at: number;
}

interface StateRow {
  decision: Decision | null;
  expires_at: number;
  redeemed_at: number | null;
}

interface AllowedRow {
  grant_id: string;
  account_id: string;
  scope: string;
  resource: string | null;
  address: string;
  created_at: number;
  auth_time: number;
  acr: string;
  amr: string;
  app_account_id: string | null;
}

const PURPOSE = 'device-code';
const USER_CODE_PURPOSE = 'user-code';

// A user code that is taken is tried again with another one, and is no error.
const INSERT = statement(
  'device_code_insert',
  `INSERT INTO device_codes (digest, user_code_digest, client_id, scope, resource, address, created_at, expires_at,
     poll_interval, grant_id)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (user_code_digest) DO NOTHING`,
);
const FIND_PENDING = statement(
  'device_code_find_pending',
  `SELECT grant_id, client_id, scope, resource, address, created_at FROM device_codes
   WHERE user_code_digest = $1 AND decision IS NULL AND expires_at > $2`,
);
// Tests and sets in one statement: of any number of answers at once, one is the answer.
const DECIDE = statement(
  'device_code_decide',
  `UPDATE device_codes SET decision = $3, decided_at = $2, account_id = $4, auth_time = $5, acr = $6, amr = $7,
     app_account_id = $8
   WHERE user_code_digest = $1 AND decision IS NULL AND expires_at > $2`,
);
const FIND_DECISION = statement(
  'device_code_find_decision',
  'SELECT client_id, decision, account_id FROM device_codes WHERE user_code_digest = $1 AND decision IS NOT NULL',
);
const FIND = statement(
  'device_code_find',
  'SELECT decision, expires_at, redeemed_at FROM device_codes WHERE digest = $1 AND client_id = $2',
);
const SPEND = statement(
  'device_code_spend',
  `UPDATE device_codes SET redeemed_at = $3
   WHERE digest = $1 AND client_id = $2 AND decision = 'allow' AND redeemed_at IS NULL AND expires_at > $3
   RETURNING grant_id, account_id, scope, resource, address, created_at, auth_time, acr, amr, app_account_id`,
);
// The row itself is what counts, so that a device that asks two nodes by turns is one device.
const POLL_IN_TIME = statement(
  'device_code_poll',
  `UPDATE device_codes SET polled_at = $2
   WHERE digest = $1 AND (polled_at IS NULL OR polled_at + poll_interval * 1000 <= $3)`,
);
const POLL_TOO_EARLY = statement(
  'device_code_slow_down',
  'UPDATE device_codes SET polled_at = $2, poll_interval = poll_interval + $3 WHERE digest = $1',
);

const END_ALL = statement(
  'device_code_end_all',
  'UPDATE device_codes SET redeemed_at = $3 WHERE account_id = $1 AND client_id = $2 AND redeemed_at IS NULL',
);

/** Devices that ask to be let in: asked for once, decided once, fetched once. */
@Injectable()
export class DeviceCodeStore {
  constructor(
    private readonly database: Database,
    private readonly keyring: Keyring,
  ) {}

  /** @returns the device code, 256 random bits, and the user code; only their digests are kept */
  async begin(request: DeviceRequest): Promise<{ deviceCode: string; userCode: string; grantId: string }> {
    const deviceCode = newOpaqueToken();
    const grantId = newIdentifier();
    const now = Date.now();
    for (let attempt = 0; attempt < USER_CODE_ATTEMPTS; attempt++) {
      const userCode = newUserCode();
      const inserted = await this.database.run(
        INSERT,
        this.keyring.digest(PURPOSE, deviceCode),
        this.keyring.digest(USER_CODE_PURPOSE, userCode),
        request.clientId,
        request.scope.join(' '),
        request.resource ?? null,
        request.address,
        now,
        now + DEVICE_CODE_LIFETIME * 1000,
        POLL_INTERVAL,
        grantId,
      );
      if (inserted === 1) return { deviceCode, userCode, grantId };
    }
    throw new Error('no user code was free');
  }

  /** The device that shows this code, as long as nobody has decided about it. */
  async findPending(userCode: string): Promise<PendingDevice | undefined> {
    for (const digest of this.keyring.digests(USER_CODE_PURPOSE, userCode)) {
      const row = await this.database.first<PendingRow>(FIND_PENDING, digest, Date.now());
      if (row !== undefined) return pendingFromRow(row, userCode);
    }
    return undefined;
  }

  /**
   * Decides about the device, once and for good.
   *
   * @param session of the person who decides; absent when nobody did, and the code has to die
   * @param appAccountId of the name in the app that was chosen
   * @param note in the transaction of the decision
   * @returns false when it was decided already, or has expired, or there is none
   */
  async decide(
    userCode: string,
    decision: Decision,
    session?: Session,
    appAccountId?: string,
    note?: Note,
  ): Promise<boolean> {
    const proof =
      session === undefined
        ? ([null, null, null, null] as const)
        : ([session.accountId, session.authTime.getTime(), session.acr, session.amr.join(' ')] as const);
    for (const digest of this.keyring.digests(USER_CODE_PURPOSE, userCode)) {
      const decided = [digest, Date.now(), decision, ...proof, appAccountId ?? null] as const;
      if ((await this.database.runWith(note, DECIDE, ...decided)) === 1) return true;
    }
    return false;
  }

  /** What was decided about the device that shows this code, and by whom. */
  async findDecision(
    userCode: string,
  ): Promise<{ clientId: string; decision: Decision; accountId: string | null } | undefined> {
    for (const digest of this.keyring.digests(USER_CODE_PURPOSE, userCode)) {
      const row = await this.database.first<{ client_id: string; decision: Decision; account_id: string | null }>(
        FIND_DECISION,
        digest,
      );
      if (row !== undefined) return { clientId: row.client_id, decision: row.decision, accountId: row.account_id };
    }
    return undefined;
  }

  /** Ends what a person has allowed in an app and its devices have not fetched yet. */
  async endAllOf(accountId: string, clientId: string): Promise<void> {
    await this.database.run(END_ALL, accountId, clientId, Date.now());
  }

  /** One poll of that client. What a person has allowed is spent with it, in one statement. */
  async poll(deviceCode: string, clientId: string): Promise<Poll> {
    if (!isOpaqueToken(deviceCode)) return { outcome: 'refused' };
    for (const digest of this.keyring.digests(PURPOSE, deviceCode)) {
      const state = await this.database.first<StateRow>(FIND, digest, clientId);
      if (state !== undefined) return this.pollOne(digest, clientId, state);
    }
    return { outcome: 'refused' };
  }

  private async pollOne(digest: string, clientId: string, state: StateRow): Promise<Poll> {
    const now = Date.now();
    if (state.redeemed_at !== null) return { outcome: 'refused' };
    if (state.decision === 'deny') return { outcome: 'denied' };
    if (state.expires_at <= now) return { outcome: 'expired' };
    if (state.decision === 'allow') {
      const row = await this.database.first<AllowedRow>(SPEND, digest, clientId, now);
      return row === undefined ? { outcome: 'refused' } : { outcome: 'redeemed', device: allowedFromRow(row) };
    }
    if ((await this.database.run(POLL_IN_TIME, digest, now, now + TOLERANCE_MS)) === 1) return { outcome: 'pending' };
    await this.database.run(POLL_TOO_EARLY, digest, now, SLOW_DOWN);
    return { outcome: 'too_early' };
  }
}

function pendingFromRow(row: PendingRow, userCode: string): PendingDevice {
  return {
    userCode,
    grantId: row.grant_id,
    clientId: row.client_id,
    scope: scopeTokens(row.scope),
    resource: row.resource ?? undefined,
    address: row.address,
    createdAt: new Date(row.created_at),
  };
}

function allowedFromRow(row: AllowedRow): AllowedDevice {
  return {
    grantId: row.grant_id,
    accountId: row.account_id,
    scope: scopeTokens(row.scope),
    resource: row.resource ?? undefined,
    createdAt: new Date(row.created_at),
    address: row.address,
    authTime: new Date(row.auth_time),
    acr: row.acr,
    amr: row.amr.split(' '),
    appAccountId: row.app_account_id ?? undefined,
  };
}
