import { describe, expect, it } from 'vitest';
import { Parameters } from './parameters.js';

describe('request parameters (RFC 6749 §3.1, §3.2)', () => {
  it('treats a parameter without a value as omitted', () => {
    const parameters = Parameters.parse('code=&state=x');
    expect(parameters.has('code')).toBe(false);
    expect(parameters.get('state')).toBe('x');
  });

  it('refuses a parameter that comes twice, even with the same value', () => {
    expect(() => Parameters.parse('code=a&code=a').refuseRepeats()).toThrow('code is repeated');
  });

  it('has a word of its own for a resource that comes twice (RFC 8707 §2)', () => {
    const twice = Parameters.parse('resource=urn:a:b&resource=urn:a:c');
    expect(() => twice.refuseRepeats()).toThrow(expect.objectContaining({ code: 'invalid_target' }));
  });

  it('takes brackets for letters', () => {
    expect(Parameters.parse('code[a]=x&code[]=y').has('code')).toBe(false);
  });

  it('keeps names of objects apart from parameters', () => {
    const parameters = Parameters.parse('__proto__=1&constructor=2');
    expect(parameters.pick(['__proto__'])).toEqual(Object.fromEntries([]));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Parameters.parse('a=1').get('constructor')).toBeUndefined();
  });

  it.each(['a=%', 'a=%zz', 'a=%1'])('refuses a broken escape: %s', (text) => {
    expect(() => Parameters.parse(text)).toThrow('percent');
  });

  it('answers 413 to more parameters than any request has', () => {
    const text = Array.from({ length: 300 }, (_, index) => `p${index}=1`).join('&');
    expect(() => Parameters.parse(text)).toThrow(expect.objectContaining({ status: 413 }));
  });

  it.each(['%00', '%0d%0a', '%ff', '%ed%a0%80', '%c0%af', '%7f'])('finds what no URL may carry: %s', (text) => {
    expect(Parameters.parse(`state=a${text}b`).firstUnprintable(['state'])).toBe('state');
  });

  it('lets other scripts than Latin pass', () => {
    expect(Parameters.parse(`state=${encodeURIComponent('状态✓')}`).firstUnprintable(['state'])).toBeUndefined();
  });
});
