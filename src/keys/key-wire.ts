import { statesAt } from '../token-signing/key-schedule.js';
import type { SigningKeyEntity, SigningKeyState } from '../token-signing/signing-key.entity.js';
import type { KeyEvent, SigningKey } from './key.dto.js';

/** The keys as they are at this moment. */
export function toKeys(rows: readonly SigningKeyEntity[]): SigningKey[] {
  const now = Date.now();
  return [...statesAt(rows, now)].map(([row, state]) => toKey(row, state, now)).toSorted(byAge);
}

function toKey(row: SigningKeyEntity, state: SigningKeyState, now: number): SigningKey {
  const { kid, algorithm, createdAt, signsFrom, retiresAt, goneAt, revokedAt, publicJwk } = row;
  const planned = [event('signing', signsFrom, now), event('retiring', retiresAt, now), event('gone', goneAt, now)];
  return {
    kid,
    alg: algorithm,
    state,
    created_at: createdAt.toISOString(),
    signs_from: textOf(signsFrom),
    retires_at: textOf(retiresAt),
    gone_at: textOf(goneAt),
    revoked_at: textOf(revokedAt),
    public_jwk: JSON.parse(publicJwk) as Record<string, unknown>,
    next: state === 'gone' ? [] : planned.flat(),
  };
}

function event(state: KeyEvent['state'], at: Date | null, now: number): KeyEvent[] {
  return at !== null && at.getTime() > now ? [{ state, at: at.toISOString() }] : [];
}

function textOf(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}

function byAge(a: SigningKey, b: SigningKey): number {
  return a.created_at === b.created_at ? (a.kid < b.kid ? -1 : 1) : a.created_at < b.created_at ? -1 : 1;
}
