import type { ClinchConfig } from '../config/clinch-config.js';
import type { SettingValues } from '../settings/settings.js';

/** Seconds: no id_token of ours lives longer, whatever its app says. */
export const LONGEST_ID_TOKEN = 86_400;

/** Seconds: no access token of ours lives longer, whatever its app or its API says. */
export const LONGEST_ACCESS_TOKEN = 86_400;

/** Seconds. OpenID Connect Back-Channel Logout 1.0 §2.4: preferably at most two minutes in the future. */
export const LOGOUT_TOKEN_LIFETIME = 120;

/** Seconds that verifiers may keep what they read at `/oidc/jwks`. */
const JWKS_MAX_AGE = 300;

/** Seconds: for clocks that differ, verifiers' and ours, and for what a node signs before it has heard. */
const SLACK = 600;

/** How long a signing key is in each of its states; seconds. */
export interface KeyTimes {
  /** From one key's first signature to the next one's. */
  readonly rotation: number;
  /** Published before it signs. */
  readonly announcement: number;
  /** Published after it has signed: as long as the longest token that it may have signed. */
  readonly keep: number;
  readonly jwksMaxAge: number;
}

/** As they count now: what operators set, unless a drill on this very machine has times of its own. */
export function keyTimes(settings: SettingValues, { drillKeyTimes }: ClinchConfig): KeyTimes {
  return (
    drillKeyTimes ?? {
      rotation: settings.signingKeyRotation,
      announcement: settings.signingKeyAnnouncement,
      keep: Math.max(LONGEST_ID_TOKEN, LONGEST_ACCESS_TOKEN, LOGOUT_TOKEN_LIFETIME) + SLACK,
      jwksMaxAge: JWKS_MAX_AGE,
    }
  );
}
