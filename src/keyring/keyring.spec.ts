import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Keyring, UndecryptableError, type SealedPlace } from './keyring.js';

const [PLACE_A, PLACE_B] = ['keys.a' as SealedPlace, 'keys.b' as SealedPlace];

describe('the keyring', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)];

  it('opens what it sealed, in the same place only', () => {
    const keyring = new Keyring([first]);
    const sealed = keyring.seal(PLACE_A, 'secret');
    expect(keyring.open(PLACE_A, sealed)).toBe('secret');
    expect(() => keyring.open(PLACE_B, sealed)).toThrow(UndecryptableError);
    expect(keyring.seal(PLACE_A, 'secret')).not.toBe(sealed);
  });

  it('opens with any of its keys and seals with the first', () => {
    const sealed = new Keyring([second]).seal(PLACE_A, 'secret');
    const both = new Keyring([first, second]);
    expect(both.open(PLACE_A, sealed)).toBe('secret');
    expect(() => new Keyring([first]).open(PLACE_A, sealed)).toThrow(new Keyring([second]).currentKeyId);
  });

  it('refuses what was changed', () => {
    const keyring = new Keyring([first]);
    const parts = keyring.seal(PLACE_A, 'secret').split('.');
    const changed = [...parts.slice(0, 3), Buffer.from('SECRET').toString('base64url'), parts[4]].join('.');
    expect(() => keyring.open(PLACE_A, changed)).toThrow(UndecryptableError);
  });

  it('digests differently for every purpose and every key', () => {
    const keyring = new Keyring([first, second]);
    expect(keyring.digest('code', 'x')).not.toBe(keyring.digest('session', 'x'));
    expect(keyring.digests('code', 'x')).toEqual([
      keyring.digest('code', 'x'),
      new Keyring([second]).digest('code', 'x'),
    ]);
  });
});
