import { describe, expect, it } from 'vitest';
import {
  birthdateFault,
  customFault,
  emailFault,
  localeFault,
  phoneNumberFault,
  webPageFault,
  zoneinfoFault,
} from './claim-formats.js';
import { isCommonPassword } from './common-passwords.js';

const RULES = { birthdateFault, emailFault, localeFault, phoneNumberFault, webPageFault, zoneinfoFault };

describe('OpenID Connect Core 1.0 §5.1: forms of the standard claims', () => {
  it.each<[keyof typeof RULES, string[], string[]]>([
    [
      'birthdateFault',
      ['1991-05-17', '1991', '0000-02-29', '2024-02-29'],
      ['1991-5-17', '1991-02-30', '2023-02-29', '1991-13-01', '0000', '17.05.1991', '1991-05'],
    ],
    ['emailFault', ['a@example.com', 'li+x@corp', '用户@example.com'], ['a', 'a@', '@b.com', 'a b@c.com', 'a@b@c.com']],
    ['localeFault', ['zh-CN', 'en', 'zh-Hans-CN'], ['zh_CN', 'x', '']],
    ['phoneNumberFault', ['+8613800138000'], ['13800138000', '+86 138', '+0123456', '+1234567890123456', '+1;ext=2']],
    [
      'webPageFault',
      ['https://a.example/x?y#z', 'http://a.example', 'https://例子.example/李'],
      ['a.example', 'javascript:alert(1)', 'https://', 'https://u:p@a.example', 'https://a.example/ x', 'ftp://a'],
    ],
    ['zoneinfoFault', ['Asia/Shanghai', 'UTC', 'America/Argentina/Ushuaia'], ['+08:00', 'Mars/Base', 'Asia', '']],
  ])('%s', (name, good, bad) => {
    expect(good.filter((text) => RULES[name](text) !== undefined)).toEqual([]);
    expect(bad.filter((text) => RULES[name](text) === undefined)).toEqual([]);
  });
});

describe('custom fields', () => {
  it('may be four levels deep and 8 kB long', () => {
    expect(customFault({ a: { b: { c: [1] } } })).toBeUndefined();
    expect(customFault({ a: { b: { c: [{}] } } })).toMatch(/levels/);
    expect(customFault({ a: 'x'.repeat(8_000) })).toBeUndefined();
    expect(customFault({ a: '林'.repeat(3_000) })).toMatch(/8192 bytes/);
  });
});

describe('NIST SP 800-63B §5.1.1.2: passwords that guessers try first', () => {
  it.each(['12345678', 'Password1', 'QWERTYUIOP', 'aaaaaaaaaa', '１２３４５６７８', 'abababab'])(
    'knows %s',
    (password) => {
      expect(isCommonPassword(password)).toBe(true);
    },
  );

  it('lets others pass', () => {
    expect(isCommonPassword('amber-canyon-lantern-42')).toBe(false);
  });
});
