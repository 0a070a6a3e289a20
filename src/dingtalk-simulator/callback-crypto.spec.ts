import { describe, expect, it } from 'vitest';
import { callbackSignature, decryptCallback, encryptCallback } from './callback-crypto.js';

interface Vector {
  readonly name: string;
  readonly token: string;
  readonly aesKey: string;
  readonly ownerKey: string;
  readonly timestamp: string;
  readonly nonce: string;
  /** Unknown for one of DingTalk's own: it can be read, not made again. */
  readonly random?: string;
  readonly message: string;
  readonly signature: string;
  readonly encrypt: string;
}

const ours = {
  token: 'clinchTok1',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  ownerKey: 'dingclinchappkey01',
};

const VECTORS: readonly Vector[] = [
  {
    name: 'A, of DingTalk, padded by 17',
    token: '123456',
    aesKey: '1234567890123456789012345678901234567890123',
    ownerKey: 'dingsnotzck6pm5veliw',
    timestamp: '1614767836',
    nonce: 'A7Co0cJLMzIDtMMI',
    random: 'dICkEDLj0eb6yAbc',
    message: 'success',
    signature: '9a95a004dd16f5c307e849b994173f76aa26e5eb',
    encrypt: 'YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==',
  },
  {
    name: 'B, of DingTalk, padded by 22',
    token: '123456',
    aesKey: '4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij',
    ownerKey: 'suite4xxxxxxxxxxxxxxx',
    timestamp: '1445827045067',
    nonce: 'nEXhMP4r',
    message: '{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}',
    signature: '5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0',
    encrypt:
      '1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==',
  },
  {
    ...ours,
    name: 'C, padded by 1',
    timestamp: '1700000000000',
    nonce: 'nonceAAA',
    random: '0123456789abcdef',
    message: '{"EventType":"check_url"}',
    signature: '5e71b094d0cbae832b9dd98a71b064f3e19e2f96',
    encrypt: 'Q3stYC6hdFzMh9T8HCvyDLV8JeomtQuxZLosYEI28mjzSD5UpK2hp0QUc4H6M/N5dW+v0nv1HdZedSHEkErlPQ==',
  },
  {
    ...ours,
    name: 'D, padded by 19',
    timestamp: '1700000000123',
    nonce: 'nonceBBB',
    random: 'fedcba9876543210',
    message: 'success',
    signature: 'e45f3fcd92847bd6ede92c54dcf3d75016121028',
    encrypt: 'DpQeJfnf/MGZ/+GTIspwVKMKEcQ3CJnfdNyjFHRzEAmldX9Wuw5HYF13mD8HG3ncDNyMC4uDuyAwEcWDte/cMg==',
  },
  {
    ...ours,
    name: 'E, padded by 6, with a name in Chinese',
    timestamp: '1700000001001',
    nonce: 'nonceCCC',
    random: 'ABCDEFGHIJKLMNOP',
    message:
      '{"EventType":"user_add_org","EventTime":1700000001000,"CorpId":"dingcorp0001","BizId":"1700000001000","eventId":"evt-0001","timeStamp":"1700000001000","userId":["u001","张三02"]}',
    signature: 'd7d68bf004a3f83d262bd3dfa8463d8950fe8bfc',
    encrypt:
      'ECb94sC68hxnidW1ycQhs9kfufvo1t1SDN3T953P7ogUbfxFFCAAo7kAxoENDJT5nrIm43QalQniBilsd+jDAT197t/Nee1LpDdSBZK93dK3dxzPTJZ9r1rnLUxafYCl0Ew5KNYGruQbRVvG8prjIBYhmHuItSeA0D/80Zi6j1zSUAkMi4QMygjz99Kl3YZwHsLhEXyXQtL8sDtd0/T2B/CWuGc8Wy7l6BX48eLbSiQZAfzH+lREEgsX4/ZytLjI9senNE5O+j0kfrfvCT4KYXAcsHFbIxTv7fxB910dc8Y=',
  },
];

describe('the callback vectors', () => {
  it.each(VECTORS)('$name: signature', ({ token, timestamp, nonce, encrypt, signature }) => {
    expect(callbackSignature(token, timestamp, nonce, encrypt)).toBe(signature);
  });

  it.each(VECTORS)('$name: read', ({ encrypt, message, ...keys }) => {
    expect(decryptCallback(keys, encrypt)).toBe(message);
  });

  it.each(VECTORS.filter(({ random }) => random))('$name: made', ({ random = '', encrypt, message, ...keys }) => {
    expect(encryptCallback(keys, message, Buffer.from(random))).toBe(encrypt);
  });

  it('refuses another owner and damage', () => {
    const encrypt = encryptCallback(ours, 'success');
    expect(() => decryptCallback({ ...ours, ownerKey: 'dingsomebodyelse01' }, encrypt)).toThrow('900010');
    expect(() => decryptCallback(ours, Buffer.alloc(64).toString('base64'))).toThrow(/9000(04|10)/);
  });
});
