import { describe, expect, it } from 'vitest';
import { sessionName, type NameChoice } from './session-name.js';

const unique = (text: string): NameChoice => ({ text, unique: true });
const shared = (text: string | undefined): NameChoice => ({ text, unique: false });

/** AssumeRoleWithOIDC, RoleSessionName. */
const ALLOWED = /^[A-Za-z0-9.@_-]{2,64}$/;

describe('the name of a session', () => {
  it.each(['zhangsan', 'zhang.san@acme.cn', 'E00013', 'a_b-c', 'x2', 'x'.repeat(64)])(
    'is the person’s own: %s',
    (text) => {
      expect(sessionName('account-1', [unique(text)])).toBe(text);
    },
  );

  it.each<[string, NameChoice[], string]>([
    ['an e-mail address, which two can have', [shared('zhang.san@acme.cn')], 'zhang.san@acme.cn-'],
    ['characters that may not be', [unique('zhang san+ops')], 'zhang_san_ops-'],
    ['letters of full width', [unique('ＺｈａｎｇＳａｎ')], 'ZhangSan-'],
    ['Chinese around letters', [unique('张san三')], 'san-'],
    ['one character', [unique('x')], 'x-'],
    ['too many', [unique('x'.repeat(65))], `${'x'.repeat(51)}-`],
    ['nothing to read in the first choice', [unique('张三'), shared('zhangsan@acme.cn')], 'zhangsan@acme.cn-'],
    ['no first choice', [shared(undefined), unique('zhangsan@acme.cn+1')], 'zhangsan@acme.cn_1-'],
    ['nothing to read at all', [unique('张三'), unique('__'), shared('')], 'user-'],
    ['the end that only we write', [unique('lisi-0123456789ab')], 'lisi-0123456789ab-'],
  ])('is told apart by the account where it has %s', (_, choices, start) => {
    const name = sessionName('account-1', choices);
    expect(name).toMatch(new RegExp(`^${start.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[0-9a-f]{12}$`));
    expect(name).toMatch(ALLOWED);
    expect(sessionName('account-1', choices)).toBe(name);
    expect(sessionName('account-2', choices)).not.toBe(name);
  });

  it.each([
    ['is missing', { text: undefined, unique: true }],
    ['has nothing to read', unique('张三')],
  ])('is not that of another whose first choice is the same word, where somebody’s own %s', (_, first) => {
    const stand = sessionName('account-1', [first, unique('bob'), shared('bob@acme.cn')]);
    expect(sessionName('account-2', [unique('bob'), unique('robert')])).toBe('bob');
    expect(stand).toMatch(/^bob-[0-9a-f]{12}$/);
    expect(sessionName('account-3', [first, unique('bob')])).not.toBe(stand);
  });

  it('is always one that Alibaba Cloud takes, and never that of another', () => {
    const characters = Array.from('aZ09.@_- +/\\\'"$张三é😀\u0000\n\u202e');
    const random = generator(7);
    const names = new Map<string, string>();
    for (let count = 0; count < 20_000; count += 1) {
      const length = Math.floor(random() * 70);
      const text = Array.from({ length }, () => characters[Math.floor(random() * characters.length)]).join('');
      // What is unique is one person's: so that text names the account.
      const isUnique = random() < 0.5;
      const account = isUnique ? `of ${text}` : `account ${count}`;
      const name = sessionName(account, [{ text, unique: isUnique }]);
      expect(name).toMatch(ALLOWED);
      expect(names.get(name) ?? account, name).toBe(account);
      names.set(name, account);
      // Whoever calls themselves what somebody else is called by us is called something else.
      const other = sessionName(`after ${name}`, [unique(name)]);
      if (/-[0-9a-f]{12}$/.test(name)) expect(other).not.toBe(name);
    }
  });
});

/** The same numbers in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
