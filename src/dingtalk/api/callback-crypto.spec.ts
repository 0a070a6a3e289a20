import { createCipheriv, createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CallbackCrypto, CallbackCryptoError } from './callback-crypto.js';

interface Vector {
  readonly token: string;
  readonly aesKey: string;
  readonly owner: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly salt?: string;
  readonly message: string;
  readonly signature: string;
  readonly encrypt: string;
}

const OURS = {
  token: 'clinchTok1',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  owner: 'dingclinchappkey01',
};

/** A and B are DingTalk's own; B is printed without its random bytes. */
const VECTORS: Readonly<Record<string, Vector>> = {
  A: {
    token: '123456',
    aesKey: '1234567890123456789012345678901234567890123',
    owner: 'dingsnotzck6pm5veliw',
    timestamp: '1614767836',
    nonce: 'A7Co0cJLMzIDtMMI',
    salt: 'dICkEDLj0eb6yAbc',
    message: 'success',
    signature: '9a95a004dd16f5c307e849b994173f76aa26e5eb',
    encrypt: 'YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==',
  },
  B: {
    token: '123456',
    aesKey: '4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij',
    owner: 'suite4xxxxxxxxxxxxxxx',
    timestamp: '1445827045067',
    nonce: 'nEXhMP4r',
    message: '{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}',
    signature: '5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0',
    encrypt:
      '1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/' +
      'ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==',
  },
  C: {
    ...OURS,
    timestamp: '1700000000000',
    nonce: 'nonceAAA',
    salt: '0123456789abcdef',
    message: '{"EventType":"check_url"}',
    signature: '5e71b094d0cbae832b9dd98a71b064f3e19e2f96',
    encrypt: 'Q3stYC6hdFzMh9T8HCvyDLV8JeomtQuxZLosYEI28mjzSD5UpK2hp0QUc4H6M/N5dW+v0nv1HdZedSHEkErlPQ==',
  },
  D: {
    ...OURS,
    timestamp: '1700000000123',
    nonce: 'nonceBBB',
    salt: 'fedcba9876543210',
    message: 'success',
    signature: 'e45f3fcd92847bd6ede92c54dcf3d75016121028',
    encrypt: 'DpQeJfnf/MGZ/+GTIspwVKMKEcQ3CJnfdNyjFHRzEAmldX9Wuw5HYF13mD8HG3ncDNyMC4uDuyAwEcWDte/cMg==',
  },
  E: {
    ...OURS,
    timestamp: '1700000001001',
    nonce: 'nonceCCC',
    salt: 'ABCDEFGHIJKLMNOP',
    message:
      '{"EventType":"user_add_org","EventTime":1700000001000,"CorpId":"dingcorp0001","BizId":"1700000001000",' +
      '"eventId":"evt-0001","timeStamp":"1700000001000","userId":["u001","张三02"]}',
    signature: 'd7d68bf004a3f83d262bd3dfa8463d8950fe8bfc',
    encrypt:
      'ECb94sC68hxnidW1ycQhs9kfufvo1t1SDN3T953P7ogUbfxFFCAAo7kAxoENDJT5nrIm43QalQniBilsd+jDAT197t/Nee1LpDdSBZK93dK3dxzPTJZ9r1rn' +
      'LUxafYCl0Ew5KNYGruQbRVvG8prjIBYhmHuItSeA0D/80Zi6j1zSUAkMi4QMygjz99Kl3YZwHsLhEXyXQtL8sDtd0/T2B/CWuGc8Wy7l6BX48eLbSiQZAfzH' +
      '+lREEgsX4/ZytLjI9senNE5O+j0kfrfvCT4KYXAcsHFbIxTv7fxB910dc8Y=',
  },
};

const cryptoOf = ({ token, aesKey, owner }: Pick<Vector, 'token' | 'aesKey' | 'owner'>) =>
  new CallbackCrypto(token, aesKey, owner);

/** Bytes that are sealed as they are, with a signature that is right. */
function sealedBytes(plain: Buffer) {
  const key = Buffer.from(`${OURS.aesKey}=`, 'base64');
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return signed(Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64'));
}

function signed(encrypt: string) {
  const [timestamp, nonce] = ['1700000000000', 'nonce'];
  const text = [OURS.token, timestamp, nonce, encrypt].toSorted().join('');
  return { timestamp, nonce, encrypt, signature: createHash('sha1').update(text).digest('hex') };
}

function plainOf({
  length,
  message = 'hello',
  owner = OURS.owner,
}: {
  length?: number;
  message?: string;
  owner?: string;
}) {
  const field = Buffer.alloc(4);
  field.writeUInt32BE(length ?? Buffer.byteLength(message));
  return Buffer.concat([Buffer.from('0123456789abcdef'), field, Buffer.from(message + owner)]);
}

function padded(plain: Buffer, change: (padding: Buffer) => void = () => undefined): Buffer {
  const count = 32 - (plain.length % 32);
  const padding = Buffer.alloc(count, count);
  change(padding);
  return Buffer.concat([plain, padding]);
}

describe('DingTalk’s encryption of callbacks', () => {
  it.each(Object.entries(VECTORS))('opens vector %s', (_, vector) => {
    expect(cryptoOf(vector).open(vector)).toBe(vector.message);
  });

  it.each(Object.entries(VECTORS))('makes vector %s, byte for byte where its random bytes are known', (_, vector) => {
    const { timestamp, nonce, salt, message, signature, encrypt } = vector;
    const crypto = cryptoOf(vector);
    if (salt !== undefined) {
      const expected = { msg_signature: signature, timeStamp: timestamp, nonce, encrypt };
      expect(crypto.seal(message, timestamp, nonce, Buffer.from(salt))).toEqual(expected);
    }
    const made = crypto.seal(message, timestamp, nonce);
    expect(made.encrypt).not.toBe(encrypt);
    expect(made.encrypt).toHaveLength(encrypt.length);
    expect(crypto.open({ ...made, timestamp, signature: made.msg_signature })).toBe(message);
  });

  it('goes both ways for every length, so for every padding', () => {
    const crypto = cryptoOf(OURS);
    for (let length = 0; length <= 70; length++) {
      const message = '职'.repeat(length % 3) + 'x'.repeat(length);
      const { msg_signature: signature, ...made } = crypto.seal(message, '1', 'n');
      expect(crypto.open({ ...made, timestamp: '1', signature })).toBe(message);
    }
  });

  it('refuses a changed signature, timestamp, nonce or message', () => {
    const { C } = VECTORS;
    if (C === undefined) throw new Error('no vector');
    const changes: Partial<Vector>[] = [
      { signature: C.signature.toUpperCase() },
      { signature: C.signature.slice(1) },
      { signature: '' },
      { timestamp: '1700000000001' },
      { nonce: 'nonceAAB' },
      { encrypt: `A${C.encrypt.slice(1)}` },
      { token: 'clinchTok2' },
    ];
    for (const change of changes) {
      const changed = { ...C, ...change };
      expect(() => cryptoOf(changed).open(changed), JSON.stringify(change)).toThrow(CallbackCryptoError);
    }
  });

  it.each([
    ['another app', padded(plainOf({ owner: 'dingclinchappkey02' }))],
    ['the organisation instead of the app', padded(plainOf({ owner: 'dingcorp0001' }))],
    ['nobody', padded(plainOf({ owner: '' }))],
    ['more than the app', padded(plainOf({ owner: `${OURS.owner}x` }))],
    ['a length beyond the end', padded(plainOf({ length: 0xffff_ffff }))],
    ['a length with its highest bit set', padded(plainOf({ length: 0x8000_0000 }))],
    ['a length one too long', padded(plainOf({ length: 6 }))],
    ['a length one too short', padded(plainOf({ length: 4 }))],
    ['padding of nothing', padded(plainOf({}), (padding) => padding.fill(0))],
    ['padding beyond a block', padded(plainOf({}), (padding) => padding.fill(33))],
    ['padding with one wrong byte', padded(plainOf({}), (padding) => padding.fill(7, 0, 1))],
    ['nothing but padding', Buffer.alloc(32, 32)],
    ['text that is not UTF-8', padded(Buffer.from(plainOf({ message: 'xxxx' })).fill(0xff, 20, 24))],
  ])('refuses a message for %s', (_, plain) => {
    expect(() => cryptoOf(OURS).open(sealedBytes(plain))).toThrow(CallbackCryptoError);
  });

  it.each(['', '=', '!!!!', 'AAAA', 'A'.repeat(22), `${'A'.repeat(43)}=\n`, 'A'.repeat(63)])(
    'refuses %j, signed as it is',
    (encrypt) => {
      expect(() => cryptoOf(OURS).open(signed(encrypt))).toThrow(CallbackCryptoError);
    },
  );

  it('takes a message whose last block is padding only', () => {
    const message = 'x'.repeat(64 - 20 - OURS.owner.length);
    expect(cryptoOf(OURS).open(sealedBytes(padded(plainOf({ message }))))).toBe(message);
  });

  it('takes no key of another length', () => {
    expect(() => new CallbackCrypto('token', 'short', 'owner')).toThrow(RangeError);
  });
});
