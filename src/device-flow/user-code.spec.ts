import { describe, expect, it } from 'vitest';
import { newUserCode, readUserCode, shownUserCode } from './user-code.js';

describe('a user code (RFC 8628 §6.1)', () => {
  it('is eight of twenty letters without vowels, and is shown as two groups of four', () => {
    for (let count = 0; count < 500; count++) expect(newUserCode()).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/);
    expect(shownUserCode('BCDFGHJK')).toBe('BCDF-GHJK');
  });

  it('favours no letter and does not repeat itself', () => {
    const codes = Array.from({ length: 5_000 }, newUserCode);
    expect(new Set(codes).size).toBe(codes.length);
    const counts = new Map<string, number>();
    for (const letter of codes.join('')) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(20);
    // 40,000 letters: 2,000 of each are expected, with a deviation of 44.
    for (const [letter, count] of counts) expect(Math.abs(count - 2_000), letter).toBeLessThan(300);
  });

  it.each([
    ['as it is shown', 'BCDF-GHJK'],
    ['without the dash', 'BCDFGHJK'],
    ['in lower case', 'bcdf-ghjk'],
    ['with blanks', ' BCDF GHJK '],
    ['letter by letter', 'b c d f g h j k'],
    ['in full-width letters', 'ＢＣＤＦ－ｇｈｊｋ'],
    ['with an en dash', 'BCDF–GHJK'],
    ['with an em dash', 'BCDF—GHJK'],
    ['with a minus sign', 'BCDF−GHJK'],
    ['with a non-breaking hyphen', 'BCDF‑GHJK'],
    ['with the long-vowel mark of a Japanese keyboard', 'BCDFーGHJK'],
    ['with an ideographic space', 'BCDF\u3000GHJK'],
    ['with zero-width characters', '\u200bBC\u200dDF-GH\u2060JK\ufeff'],
    ['with marks of direction', '\u202aBCDF-GHJK\u202c'],
    ['with a soft hyphen', 'BCDF\u00adGHJK'],
    ['with a line end', 'BCDF-GHJK\r\n'],
    ['with a tab', 'BCDF\tGHJK'],
  ])('is read %s', (_name, typed) => {
    expect(readUserCode(typed)).toBe('BCDFGHJK');
  });

  it.each([
    ['nothing', ''],
    ['a letter too few', 'BCDF-GHJ'],
    ['a letter too many', 'BCDF-GHJKL'],
    ['a vowel', 'BCDF-GHJA'],
    ['a NUL', 'BCDF\u0000GHJK'],
    ['wildcards of SQL', 'BCDF%____'],
    ['an underscore for the dash', 'BCDF_GHJK'],
    ['a dotless ı', 'BCDF-GHJı'],
    ['a sharp s, whose capitals are two letters', 'BCDFGHß'],
    ['an emoji', 'BCDF-GHJ🙂'],
    ['Cyrillic look-alikes', 'ВСDF-GНJК'],
    ['ten thousand letters', 'B'.repeat(10_000)],
    ['ten thousand blanks around a code', ' '.repeat(10_000) + 'BCDF-GHJK'],
  ])('is not found in %s', (_name, typed) => {
    expect(readUserCode(typed)).toBeUndefined();
  });
});
