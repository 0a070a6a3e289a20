import { describe, expect, it } from 'vitest';
import { OAuthError } from './oauth-error.js';

describe('error answers (RFC 6749 §5.2)', () => {
  it('keeps descriptions to the characters that the RFC allows', () => {
    const error = new OAuthError('invalid_request', 'a "quoted" \\ 词\r\n word');
    expect(error.description).toBe('a quoted   word');
    expect(error.toParameters()).toEqual({ error: 'invalid_request', error_description: 'a quoted   word' });
  });

  it('keeps cause and hint off the wire', () => {
    const error = new OAuthError('invalid_grant', undefined, { hint: 'why', cause: new Error('what') });
    expect(JSON.stringify(error.toParameters())).toBe('{"error":"invalid_grant"}');
  });

  it.each([
    ['invalid_client', 401],
    ['invalid_grant', 400],
    ['insufficient_scope', 403],
    ['temporarily_unavailable', 503],
  ] as const)('answers %s with %i', (code, status) => {
    expect(new OAuthError(code).status).toBe(status);
  });
});
