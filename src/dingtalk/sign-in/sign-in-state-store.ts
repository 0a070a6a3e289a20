import { Injectable } from '@nestjs/common';
import { Database, statement } from '../../database/database.js';
import { sealedPlace } from '../../database/sealed.js';
import { Keyring, type SealedPlace } from '../../keyring/keyring.js';
import { isOpaqueToken, newOpaqueToken } from '../../protocol/opaque-token.js';
import { SignInStateEntity, type SignInStateKind } from './sign-in-state.entity.js';

/** Seconds: enough to find the phone and scan, too short to be of use to whoever finds the address later. */
const LIFETIME = 600;

const PURPOSE = 'dingtalk-sign-in-state';
const BROWSER_PURPOSE = 'dingtalk-sign-in-browser';

const INSERT = statement(
  'dingtalk_state_insert',
  `INSERT INTO dingtalk_sign_in_states (digest, kind, browser_digest, source_id, interaction, created_at, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7)`,
);
const SPEND = statement(
  'dingtalk_state_spend',
  `UPDATE dingtalk_sign_in_states SET spent_at = $5 WHERE digest = $1 AND kind = $2 AND browser_digest = $3
   AND source_id = $4 AND spent_at IS NULL AND expires_at > $5`,
);
const FIND = statement('dingtalk_state_find', 'SELECT interaction FROM dingtalk_sign_in_states WHERE digest = $1');

/** Where a sign-in was begun, and where it must come back. */
export interface StatePlace {
  /** The browser's cookie. */
  readonly browser: string;
  readonly sourceId: string;
}

/**
 * What protects a sign-in with DingTalk, which has no nonce and no PKCE: 256 random bits, spent in one statement by the
 * one request that brings them back to the right place.
 */
@Injectable()
export class SignInStateStore {
  constructor(
    private readonly database: Database,
    private readonly keyring: Keyring,
  ) {}

  /** @returns the state, or nonce, for DingTalk or the page */
  async begin(kind: SignInStateKind, { browser, sourceId }: StatePlace, interactionId: string): Promise<string> {
    const state = newOpaqueToken();
    const digest = this.keyring.digest(PURPOSE, state);
    const now = Date.now();
    await this.database.run(
      INSERT,
      digest,
      kind,
      this.keyring.digest(BROWSER_PURPOSE, browser),
      sourceId,
      this.keyring.seal(placeOf(digest), interactionId),
      now,
      now + LIFETIME * 1000,
    );
    return state;
  }

  /** @returns the id of the interaction; undefined when the state is unknown, spent, expired or of another place */
  async spend(kind: SignInStateKind, state: string, { browser, sourceId }: StatePlace): Promise<string | undefined> {
    if (!isOpaqueToken(state)) return undefined;
    // A sign-in that was begun before a change of the master key goes on after it.
    const browsers = this.keyring.digests(BROWSER_PURPOSE, browser);
    for (const [index, digest] of this.keyring.digests(PURPOSE, state).entries()) {
      const spent = await this.database.run(SPEND, digest, kind, browsers[index] ?? '', sourceId, Date.now());
      if (spent !== 1) continue;
      const row = await this.database.first<{ interaction: string }>(FIND, digest);
      return row === undefined ? undefined : this.keyring.open(placeOf(digest), row.interaction);
    }
    return undefined;
  }
}

function placeOf(digest: string): SealedPlace {
  return sealedPlace(SignInStateEntity, 'interaction', digest);
}
