/** What somebody writes who wants more than a value. */
export interface Hostile {
  readonly name: string;
  readonly text: string;
}

const times = (count: number, part: string): string => part.repeat(count);
const nested = (count: number, open: string, inner: string, close: string): string =>
  times(count, open) + inner + times(count, close);
/** Lists in lists, each in the next one twice: few of them, and a million million values. */
const doubled = (steps: number): string => `[1]${times(steps, '.map(a, [a, a])')}`;
const LETTERS = `"${times(1_200, 'a')}"`;
/** 32,768 characters, out of a short expression. */
const LONG_TEXT = `["${times(64, 'a')}"]${times(9, '.map(t, t + t)')}[0]`;

/** As many letters as a list may have elements, nearly. */
const LETTER_LIST = `["${times(64, 'a')}"]${times(7, '.map(t, t + t)')}[0].split("")`;

/** Refused when they are saved. */
export const REFUSED: readonly Hostile[] = [
  { name: '10 kB of text', text: `"${times(10_240, 'a')}"` },
  { name: '10 kB of parts', text: `1${times(5_120, '+1')}` },
  { name: '100,000 nodes', text: `[${times(100_000, '1,')}1]` },
  { name: 'parentheses 5,000 deep', text: nested(5_000, '(', '1', ')') },
  { name: 'parentheses 1,000 deep', text: nested(1_000, '(', '1', ')') },
  { name: 'lists 500 deep', text: nested(500, '[', '1', ']') },
  { name: 'maps 300 deep', text: nested(300, '{"a":', '1', '}') },
  { name: 'negations 2,000 deep', text: `${times(2_000, '!')}true` },
  { name: 'minus signs 2,000 deep', text: `${times(2_000, '-')}1` },
  { name: 'additions 1,000 deep', text: `1${times(1_000, '+1')}` },
  { name: 'selections 600 deep', text: `user.custom${times(600, '.a')}` },
  { name: 'choices 300 deep', text: `${times(300, 'true?1:')}1` },
  { name: 'all in all in all', text: 'scope.all(a, scope.all(b, scope.all(c, true)))' },
  {
    name: 'eight loops in one another over 30 items',
    text: nested(8, `[${times(29, '1,')}1].all(x, `, 'true', ')'),
  },
  { name: 'map in map in map', text: 'scope.map(a, scope.map(b, scope.map(c, a + b + c)))' },
  {
    name: 'exists behind a choice in two loops',
    text: 'scope.exists(a, scope.exists(b, true ? scope.exists(c, true) : true))',
  },
  { name: 'cel.bind three deep', text: 'cel.bind(a, "aa", cel.bind(b, a + a, cel.bind(c, b + b, c + c)))' },
  { name: 'values of cel.bind three deep', text: 'cel.bind(a, cel.bind(b, cel.bind(c, "aa", c + c), b + b), a + a)' },
  { name: 'types that double: maps as keys', text: `[1]${times(60, '.map(a, {a: a})')}` },
  { name: 'types that double: members as keys', text: `[{"k": 1}]${times(30, '.map(a, {"k": {a.k: a.k}})')}` },
  { name: 'a list as a key', text: `{${doubled(30)}: 1}` },
  { name: '300 keys', text: `{${Array.from({ length: 300 }, (_, key) => `"${key}":1`).join(',')}}` },
  { name: 'a regular expression that is too long', text: `"a".matches("${times(300, 'a?')}")` },
  { name: 'a regular expression with many counts', text: `"a".matches("${times(20, 'a{100}')}")` },
  { name: 'a regular expression with counts in counts', text: `"a".matches("((a{100}){100}){100}")` },
  { name: 'a regular expression that is a program', text: `"a".matches("${times(3, '(\\\\pL{100}){10}')}")` },
  { name: 'fifty large regular expressions', text: `true${times(50, ' && "a".matches("(\\\\pL{99}){9}")')}` },
  { name: 'a regular expression that looks around', text: `"a".matches("(?=(a+)+)$")` },
  { name: 'a regular expression that looks back at itself', text: String.raw`"aa".matches("(a)\\1")` },
  {
    name: 'groups 200 deep in a regular expression',
    text: `"a".matches("${nested(130, '(', 'a', ')')}")`.replace('a")', '(")'),
  },
  { name: 'user.__proto__', text: 'user.__proto__' },
  { name: 'user.constructor', text: 'user.constructor' },
  { name: 'user["constructor"]', text: 'user["constructor"]' },
  { name: '"".constructor', text: '"".constructor' },
  { name: '"".constructor.constructor("return process")()', text: '"".constructor.constructor("return process")()' },
  { name: 'a method of JavaScript', text: '"a".repeat(1000000000)' },
  { name: 'process', text: 'process.exit(1)' },
  { name: 'globalThis', text: 'globalThis' },
  { name: '__proto__', text: '__proto__' },
  { name: 'scope.__proto__', text: 'scope.__proto__' },
  { name: 'NUL', text: '"\0"' },
  { name: 'half a character', text: '"\ud800"' },
  { name: 'half a character, escaped', text: String.raw`"\ud800"` },
  { name: 'an integer of 1,900 digits', text: `${times(1_900, '9')}u` },
  { name: 'a number beyond all numbers', text: `1e${times(20, '9')}` },
  { name: 'a cut off text', text: `"${times(1_000, '\\')}` },
];

/** Not refused, but ended within the limit, with a value that is harmless or with none. */
export const ENDED: readonly Hostile[] = [
  { name: 'a regular expression with a loop in a loop', text: `"${times(40, 'a')}!".matches("^(a+)+$")` },
  { name: 'one of its kind, on a long text', text: `(${LETTERS} + "!").matches("^(([a-z])+.)+[A-Z]([a-z])+$")` },
  { name: 'many choices on a very long text', text: `${LONG_TEXT}.matches("(a?){50}(a?){50}(a?){50}(a?){50}b")` },
  { name: 'a replacement of everything by everything', text: `regexReplace(${LONG_TEXT}, "a", "$0$0$0$0$0$0$0$0")` },
  { name: 'a pattern that is made on the way', text: `"a".matches(${LONG_TEXT})` },
  { name: 'a pattern of a person', text: 'user.name.matches("(" + user.name)' },
  { name: 'a text that doubles 22 times', text: `["aa"]${times(22, '.map(t, t + t)')}` },
  { name: 'a text that doubles 50 times', text: `["aa"]${times(50, '.map(t, t + t)')}` },
  { name: 'a list that doubles 22 times', text: `[[1, 1]]${times(22, '.map(l, l + l)')}` },
  { name: 'bytes that double 22 times', text: `[b"aa"]${times(22, '.map(t, t + t)')}.map(b, b.size())` },
  { name: 'lists in lists twice, 25 deep', text: doubled(25) },
  { name: 'lists in lists twice, 25 deep, as JSON', text: `toJson(${doubled(25)})` },
  { name: 'lists in lists twice, 35 deep, compared', text: `${doubled(35)} == ${doubled(35)}` },
  { name: 'lists in lists twice, 35 deep, sought', text: `${doubled(35)} in [${doubled(35)}]` },
  { name: 'lists in lists twice, 30 deep, as an index', text: `user.custom[${doubled(30)}]` },
  { name: 'lists in lists twice, 30 deep, as a key of nothing', text: `${doubled(30)} in dyn({})` },
  { name: 'a long list against itself', text: `${LETTER_LIST}.all(a, ${LETTER_LIST}.all(b, a == b))` },
  { name: 'a long list for each of its own', text: `${LETTER_LIST}.map(a, user.groups.map(b, a + b.name))` },
  {
    name: 'a join of many long texts',
    text: `[${LONG_TEXT}].map(t, ["a","a","a","a","a","a","a","a"].map(x, t).join(t))`,
  },
  { name: 'a replacement of each letter', text: `${LONG_TEXT}.replace("a", ${LETTERS})` },
  { name: 'a replacement of nothing', text: `${LONG_TEXT}.replace("", ${LETTERS})` },
  { name: 'a split into letters, split into letters', text: `${LETTER_LIST}.map(c, ${LETTER_LIST})` },
  { name: 'substrings of substrings', text: `${LETTER_LIST}.map(c, ${LONG_TEXT}.substring(1))` },
  { name: 'a substring from far away', text: '"abc".substring(9223372036854775807)' },
  { name: 'a substring from before', text: '"abc".substring(-1, 2)' },
  { name: 'a duration of 1,900 digits', text: `session.auth_time + duration("${times(1_900, '1')}")` },
  { name: 'a time beyond the calendar', text: 'epochMs(session.auth_time + duration("99999999999h"))' },
  { name: 'a time zone that is none', text: 'session.auth_time.getHours("../../etc/passwd")' },
  { name: 'a thousand time zones', text: `${LETTER_LIST}.map(c, session.auth_time.getHours("Asia/Shanghai"))` },
  { name: 'an error for each of a long list', text: `${LETTER_LIST}.exists(c, 1 / 0 == 1)` },
  { name: 'an error hidden by true', text: `${LETTER_LIST}.exists(c, !${LETTER_LIST}.all(d, true)) || true` },
  { name: 'user.custom.__proto__', text: 'user.custom.__proto__' },
  { name: 'user.custom.constructor', text: 'user.custom.constructor' },
  { name: 'dyn(user).constructor', text: 'dyn(user).constructor' },
  { name: 'dyn("").constructor', text: 'dyn("").constructor' },
  { name: 'dyn([]).length', text: 'dyn([]).length' },
  { name: 'dyn({}).hasOwnProperty', text: 'dyn({}).hasOwnProperty' },
  {
    name: '__proto__ as a key that comes out',
    text: '{"__proto__": {"polluted": true}, "constructor": 1, "prototype": 2}',
  },
  { name: '__proto__ out of JSON', text: `bytes('{"__proto__": {"polluted": true}, "a": 1}').json()` },
  { name: 'JSON 500 deep', text: `bytes('${nested(500, '[', '1', ']')}').json()` },
  { name: 'cel itself', text: 'dyn(cel)' },
  { name: 'optional itself', text: 'dyn(optional)' },
  { name: 'all types', text: 'dyn(google)' },
  { name: 'a number that JSON has not', text: 'double("nan")' },
  { name: 'the smallest integer, minus', text: '-(-9223372036854775807 - 1)' },
  { name: 'integers that grow', text: `[9223372036854775807]${times(20, '.map(i, -(-i))')}` },
];
