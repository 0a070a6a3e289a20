import { describe, expect, it } from 'vitest';
import { parseBasicCredentials } from './basic-credentials.js';

const header = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('Basic credentials of a client (RFC 6749 §2.3.1)', () => {
  it('decodes id and secret, each by itself', () => {
    expect(parseBasicCredentials(header('a%3Ab:c%2Bd%2F%3D'))).toEqual({ clientId: 'a:b', clientSecret: 'c+d/=' });
  });

  it('takes a base64 secret that nobody encoded, as curl sends it', () => {
    expect(parseBasicCredentials(header('operators:ab+c/d=='))).toEqual({
      clientId: 'operators',
      clientSecret: 'ab+c/d==',
    });
  });

  it.each([
    'Basic',
    'Basic !!!',
    'Basic YQ',
    header('no colon'),
    header(':secret'),
    header('a:%zz'),
    header('a:b\u0000'),
  ])('refuses %s', (text) => {
    expect(() => parseBasicCredentials(text)).toThrow(expect.objectContaining({ code: 'invalid_client' }));
  });

  it('is nothing when there is no header', () => {
    expect(parseBasicCredentials(undefined)).toBeUndefined();
  });
});
