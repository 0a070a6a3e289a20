import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Keyring, UndecryptableError } from './keyring.js';

describe('the keyring', () => {
  const [first, second] = [randomBytes(32), randomBytes(32)];

  it('opens what it sealed, in the same place only', () => {
    const keyring = new Keyring([first]);
    const sealed = keyring.seal('keys.a', 'secret');
    expect(keyring.open('keys.a', sealed)).toBe('secret');
    expect(() => keyring.open('keys.b', sealed)).toThrow(UndecryptableError);
    expect(keyring.seal('keys.a', 'secret')).not.toBe(sealed);
  });

  it('opens with any of its keys and seals with the first', () => {
    const sealed = new Keyring([second]).seal('keys.a', 'secret');
    const both = new Keyring([first, second]);
    expect(both.open('keys.a', sealed)).toBe('secret');
    expect(() => new Keyring([first]).open('keys.a', sealed)).toThrow(new Keyring([second]).currentKeyId);
  });

  it('refuses what was changed', () => {
    const keyring = new Keyring([first]);
    const parts = keyring.seal('keys.a', 'secret').split('.');
    const changed = [...parts.slice(0, 3), Buffer.from('SECRET').toString('base64url'), parts[4]].join('.');
    expect(() => keyring.open('keys.a', changed)).toThrow(UndecryptableError);
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
