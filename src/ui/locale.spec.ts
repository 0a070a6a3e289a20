import { describe, expect, it } from 'vitest';
import { chooseLocale } from './locale.js';

describe('OpenID Connect Core §3.1.2.1 ui_locales', () => {
  it.each(['zh', 'zh-CN', 'zh-Hans', 'zh-Hans-CN', 'zh-TW', 'ZH-cn'])('answers %s in Chinese', (tag) => {
    expect(chooseLocale(tag, undefined)).toBe('zh-CN');
  });

  it('takes the first tag it supports, in order of preference', () => {
    expect(chooseLocale('fr-CA zh en', undefined)).toBe('zh-CN');
    expect(chooseLocale('en zh', undefined)).toBe('en');
  });

  it('wins over what the browser asks for', () => {
    expect(chooseLocale('en', 'zh-CN,zh;q=0.9')).toBe('en');
  });

  it('leaves the choice to the browser when it names nothing supported', () => {
    expect(chooseLocale('fr de', 'zh-CN')).toBe('zh-CN');
    expect(chooseLocale('', 'zh-CN')).toBe('zh-CN');
  });

  it('does not take a tag that merely begins with the same letters', () => {
    expect(chooseLocale('zha', undefined)).toBe('en');
  });
});

describe('RFC 9110 §12.5.4 Accept-Language', () => {
  it('prefers the highest q whatever the order', () => {
    expect(chooseLocale(undefined, 'en;q=0.5, zh-CN;q=0.8')).toBe('zh-CN');
  });

  it('keeps the written order between equals', () => {
    expect(chooseLocale(undefined, 'en-GB, zh-CN')).toBe('en');
    expect(chooseLocale(undefined, 'zh-CN, en-GB')).toBe('zh-CN');
  });

  it('treats q=0 as not acceptable', () => {
    expect(chooseLocale(undefined, 'zh;q=0')).toBe('en');
  });

  it('passes over languages it does not speak', () => {
    expect(chooseLocale(undefined, 'ja, de;q=0.9, zh;q=0.2')).toBe('zh-CN');
  });

  it('falls back to English for nothing, nonsense or any language', () => {
    expect(chooseLocale(undefined, undefined)).toBe('en');
    expect(chooseLocale(undefined, ';;q=,, =')).toBe('en');
    expect(chooseLocale(undefined, 'fr, *;q=0.5')).toBe('en');
  });
});
