import { describe, expect, it } from 'vitest';
import { Problem } from './problem.js';
import { parseJsonObject } from './read-json.js';

const read = (text: string | Buffer): object => parseJsonObject(Buffer.from(text));

function detailOf(text: string | Buffer): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof Problem) return `${error.status} ${error.detail}`;
  }
  return 'accepted';
}

describe('RFC 8259: bodies of the admin API', () => {
  it('reads an object', () => {
    expect(read('{"a": [1, {"b": "x\\"}{:"}], "c": {"b": null}, "林": "\\ud83d\\ude00"}')).toEqual({
      a: [1, { b: 'x"}{:' }],
      c: { b: null },
      林: '😀',
    });
  });

  it.each([
    ['nothing', '', /not JSON/],
    ['half of it', '{"a": 1', /not JSON/],
    ['a comment', '{"a": 1 /* one */}', /not JSON/],
    ['a single quote', "{'a': 1}", /not JSON/],
    ['NaN', '{"a": NaN}', /not JSON/],
    ['a list', '[{"a": 1}]', /must be a JSON object/],
    ['a text', '"a"', /must be a JSON object/],
    ['null', 'null', /must be a JSON object/],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /not UTF-8/],
    ['a member twice', '{"a": 1, "b": {"a": 2}, "a": 3}', /member a is there twice/],
    ['a member twice, once escaped', '{"a": 1, "\\u0061": 3}', /member a is there twice/],
    ['a member twice, deep inside', '{"x": [{"a": 1, "a": 3}]}', /member a is there twice/],
    ['__proto__', '{"__proto__": {"isAdmin": true}}', /may not be called __proto__/],
    ['__proto__, escaped', '{"a": {"\\u005f_proto__": 1}}', /may not be called __proto__/],
    ['constructor', '{"constructor": {"prototype": {}}}', /may not be called constructor/],
    ['half of a surrogate pair', '{"a": "\\ud800"}', /surrogate/],
    ['half of a surrogate pair in a name', '{"\\udc00": "x"}', /surrogate/],
    ['a deep list', `{"a": ${'['.repeat(10)}${']'.repeat(10)}}`, /deeper than 10 levels/],
    ['a very deep list', `{"a": ${'['.repeat(40_000)}${']'.repeat(40_000)}}`, /deeper than 10 levels/],
  ])('refuses %s', (_, text, problem) => {
    expect(detailOf(text)).toMatch(problem);
    expect(detailOf(text)).toMatch(/^400 /);
  });

  it('never quotes the body: it may hold a password', () => {
    expect(detailOf('{"password": "hunter2-hunter2" "x"}')).not.toContain('hunter2');
  });
});
