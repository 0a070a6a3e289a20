import { describe, expect, it } from 'vitest';
import { parseRequestedClaims } from './requested-claims.js';

describe('the claims parameter (OpenID Connect Core 1.0 §5.5)', () => {
  it('reads what is asked for, essential or not', () => {
    const text = '{"userinfo":{"name":{"essential":true},"email":null},"id_token":{"auth_time":null}}';
    expect(parseRequestedClaims(text)).toEqual({ userinfo: ['name', 'email'], idToken: ['auth_time'] });
  });

  it('takes the subject that the request is about', () => {
    expect(parseRequestedClaims('{"id_token":{"sub":{"value":"u1"}}}').subject).toBe('u1');
  });

  it.each(['[]', '"x"', 'null', '{', '{"userinfo":[]}', '{"id_token":"x"}'])('refuses %s', (text) => {
    expect(() => parseRequestedClaims(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('ignores members that it does not know', () => {
    expect(parseRequestedClaims('{"vp_token":{}}')).toEqual({ userinfo: [], idToken: [] });
  });
});
