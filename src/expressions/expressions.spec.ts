import { Measurements } from '../measurements/measurements.js';
import { afterAll, describe, expect, it } from 'vitest';
import { FACTS } from '../../test/support/expression-facts.js';
import { ServerLog } from '../audit/server-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import type { JsonValue } from './expression-facts.js';
import { expressionFault, Expressions, type ExpressionUse, type Outcome } from './expressions.js';

const expressions = new Expressions(
  new ServerLog(ClinchConfig.fromEnvironment({ CLINCH_LOG_LEVEL: 'silent' })),
  new Measurements(),
);
afterAll(() => expressions.onModuleDestroy());

async function outcomeOf(text: string, use: ExpressionUse = 'claim'): Promise<Outcome | undefined> {
  const [outcome] = await expressions.evaluate(use, [text], FACTS);
  return outcome;
}

type Row = readonly [text: string, value: JsonValue, idaas?: string];

// The rows of IDaaS's language with their counterparts; the third is the form there.
const FROM_IDAAS: readonly Row[] = [
  ['user.username', 'zhang.wei', 'user.username'],
  ['"constant"', 'constant', '"constant"'],
  [
    'user.departments.map(d, d.id)',
    ['dep_rd', 'dep_ops'],
    'ArrayMap(user.organizationalUnits, __item.organizationalUnitId)',
  ],
  ['user.groups.map(g, g.id)', ['grp_1', 'grp_2', 'grp_3'], 'ArrayMap(user.groups, __item.groupId)'],
  [
    'user.directory_roles.map(r, r.?external_id.orValue(""))',
    ['9001'],
    'ArrayMap(user.groups, __item.groupExternalId)',
  ],
  ['user.custom.place', '杭州', 'user.customFieldMap.place.fieldValue'],
  ['user.custom.?floor.orValue("")', '', 'user.customFieldMap.floor.fieldValue, which is missing'],
  [
    'toJson(user.groups.filter(g, g.id == "grp_1"))',
    '[{"id":"grp_1","name":"app-readers"}]',
    'ObjectToJsonString(user.groups)',
  ],
  [
    'user.identities["dingtalk-main"].user_id',
    'manager4220',
    'user.identityProviderUserMap.<id>.identityProviderUserId',
  ],
  ['app.roles', ['approver', 'viewer'], 'user.dict.applicationRole'],
  ['user.custom.applicationRole', 'approver', 'user.dict.applicationRole, kept in a field'],
  ['user.email.lowerAscii()', 'zhang.wei@example.com', 'lower'],
  ['lower("ÀÉ") + upper("straße")', 'àéSTRASSE', 'lower and upper beyond ASCII'],
  ['user.username.substring(0, 3)', 'zha', 'substring'],
  ['user.email.split("@")[0]', 'Zhang.Wei', 'before a separator'],
  ['user.email.split("@")[1]', 'Example.com', 'after a separator'],
  ['["+", "86", "138"].join("")', '+86138', 'join'],
  ['user.custom.job_number.replace("-", "")', 'E0042', 'replace all, literally'],
  ['regexReplace(user.phone_number, "[^0-9]", "")', '8613800138000', 'replace all, by a regular expression'],
  ['"  a b  ".trim()', 'a b', 'trim'],
  ['user.email_verified ? "yes" : "no"', 'yes', 'if and else'],
  ['user.?nickname.orValue("none")', 'none', 'null default'],
  [
    'user.username.contains("ang") && user.username.startsWith("zh") && user.username.matches("^[a-z.]+$")',
    true,
    'contains, starts, matches',
  ],
  ['user.groups.filter(g, g.name.startsWith("app-")).map(g, g.name)', ['app-readers', 'app-writers'], 'filter'],
  ['"grp_1" in user.groups.map(g, g.id) && user.groups.exists(g, g.name == "admins")', true, 'membership'],
  ['epochMs(user.created_at)', 1735787045678, 'user.createTime'],
];

const WORKED_EXAMPLES: readonly Row[] = [
  ['"+" + "86" + "13800138000"', '+8613800138000', '"+" + user.phoneRegion + user.phoneNumber'],
  ['user.email.split("@")[0].lowerAscii()', 'zhang.wei', 'the mail prefix as account'],
  ['user.departments.map(d, d.id)', ['dep_rd', 'dep_ops'], 'the ids of departments'],
  ['user.identities["dingtalk-main"].user_id', 'manager4220', 'the DingTalk id for one app'],
  [
    'user.status == "active" && !user.groups.exists(g, g.name == "contractors")',
    true,
    'user.status == "enabled" and in no group of contractors',
  ],
];

const LANGUAGE: readonly Row[] = [
  // Numbers: whole ones are ints, others doubles.
  ['user.custom.level + 1', 8],
  ['user.custom.rate * 2.0', 1],
  ['user.custom.level > 6 && user.custom.rate < 1.0', true],
  ['7 / 2', 3],
  ['7.0 / 2.0', 3.5],
  ['7 % 3', 1],
  ['double(7) / 2.0', 3.5],
  ['int("42") + int(1.9)', 43],
  ['9007199254740991', 9007199254740991],
  ['string(user.custom.level) + "!"', '7!'],
  ['2u + 3u', 5],
  ['-user.custom.level', -7],
  // Texts count in characters, not in halves of them.
  ['user.name', '张伟'],
  ['size("张伟😀")', 3],
  ['"张😀伟".substring(1, 2)', '😀'],
  ['"张😀伟".indexOf("伟")', 2],
  ['"a-b-c".lastIndexOf("-")', 3],
  ['"a-b-c".split("-", 2)', ['a', 'b-c']],
  ['"张😀".split("")', ['张', '😀']],
  ['"ÀB".lowerAscii() + "àb".upperAscii()', 'ÀbàB'],
  ['user.departments[0].path.join("/")', '集团/研发部'],
  ['user.family_name + user.given_name == user.name', true],
  ['"研发部".matches("^研.部$") && matches("a1", "[0-9]")', true],
  ['regexReplace("2025-06-08", "([0-9]+)-([0-9]+)-([0-9]+)", "$3.$2.$1 $$")', '08.06.2025 $'],
  ['regexReplace("aXbX", "X", "[$0]")', 'a[X]b[X]'],
  ['toJson({"b": 1, "a": [true, null, "杭州"]})', '{"a":[true,null,"杭州"],"b":1}'],
  // What is absent can be asked for.
  ['has(user.email)', true],
  ['has(user.nickname)', false],
  ['has(user.custom.place) && !has(user.custom.nothing)', true],
  ['user.?nickname.orValue(user.name)', '张伟'],
  ['user.?nickname.or(user.?email).orValue("")', 'Zhang.Wei@Example.com'],
  ['user.?email.hasValue()', true],
  ['user.departments[?0].?title.orValue("-")', '工程师'],
  ['user.departments[?7].?title.orValue("-")', '-'],
  ['user.departments[1].?title.orValue("-")', '-'],
  ['user.?address.?locality.orValue("")', '杭州'],
  ['user.custom.manager.name', '李娜'],
  ['user.identities[?"other"].?user_id.orValue("none")', 'none'],
  ['user.?email', 'Zhang.Wei@Example.com'],
  // Times come out as RFC 3339.
  ['user.created_at', '2025-01-02T03:04:05.678Z'],
  ['session.auth_time', '2025-06-08T00:00:00.000Z'],
  ['user.created_at < session.auth_time', true],
  ['session.auth_time + duration("90m")', '2025-06-08T01:30:00.000Z'],
  ['user.created_at.getFullYear()', 2025],
  ['session.auth_time.getHours("Asia/Shanghai")', 8],
  ['timestamp("2025-01-01T00:00:00Z") < user.created_at', true],
  ['epochMs(timestamp(1))', 1000],
  // Lists, maps and loops.
  ['user.departments.filter(d, d.leader).map(d, d.name)', ['Operations']],
  ['user.departments.exists_one(d, d.main)', true],
  ['user.departments.all(d, "dep_root" in d.path_ids)', true],
  ['user.departments.exists(d, d.path.exists(p, p == "研发部"))', true],
  ['user.groups.map(g, g.name.startsWith("app-"), g.name.substring(4))', ['readers', 'writers']],
  ['app.permissions.filter(p, p.startsWith("invoice:")).size()', 2],
  ['{app.id: {"roles": app.roles}}', { app_1: { roles: ['approver', 'viewer'] } }],
  ['[1, "two", 3.5, null, true]', [1, 'two', 3.5, null, true]],
  ['cel.bind(name, user.email.split("@")[0], name + "/" + name)', 'Zhang.Wei/Zhang.Wei'],
  ['user.custom.tags + ["c"]', ['a', 'b', 'c']],
  ['user.custom.map(k, k).exists(k, k == "place")', true],
  ['"otp" in session.amr && session.acr == "2" && "openid" in scope', true],
  ['app.account + "@" + app.name', 'zhangwei@报销'],
  ['user.directory_roles.map(r, r.name)', ['主管']],
  ['user.address', { country: 'CN', locality: '杭州' }],
  ['null', null],
];

describe('an expression', () => {
  const rows = [...FROM_IDAAS, ...WORKED_EXAMPLES, ...LANGUAGE];

  it.each(
    rows.map(([text, value, idaas]) => ({ name: idaas === undefined ? text : `${idaas} → ${text}`, text, value })),
  )('has its value: $name', async ({ text, value }) => {
    expect(expressions.check(text, 'claim').problem).toBeUndefined();
    expect(await outcomeOf(text)).toEqual({ value });
  });

  it.each([
    ['!(request.endpoint == "token") && inNetwork(request.address, "10.0.0.0/8")', true],
    ['inNetwork(request.address, "192.168.0.0/16") || "otp" in request.amr', false],
    [
      'request.time.getHours("Asia/Shanghai") >= 9 && request.time.getDayOfWeek("Asia/Shanghai") in [1, 2, 3, 4, 5]',
      false,
    ],
    ['inNetwork("::ffff:10.1.1.1", "10.0.0.0/8") && inNetwork("2001:db8::1", "2001:db8::/32")', true],
    ['inNetwork("nowhere", "10.0.0.0/8") || inNetwork("10.0.0.1", "10.0.0.2")', false],
    ['user.departments.exists(d, "dep_rd" in d.path_ids) && "invoice:read" in app.permissions', true],
  ])('decides about access: %s', async (text, value) => {
    expect(expressions.check(text, 'access').problem).toBeUndefined();
    expect(await outcomeOf(text, 'access')).toEqual({ value });
  });

  it('says who somebody is for an app', async () => {
    const [subject, account] = ['user.identities["dingtalk-main"].user_id', 'user.email.split("@")[0].lowerAscii()'];
    expect(await outcomeOf(subject, 'subject')).toEqual({ value: 'manager4220' });
    expect(await outcomeOf(account, 'account')).toEqual({ value: 'zhang.wei' });
  });
});

describe('an expression without a value', () => {
  it.each([
    ['user.nickname', 'user.nickname has no value (line 1, column 1)'],
    ['"x" +\n  user.nickname', 'user.nickname has no value (line 2, column 3)'],
    ['user.?nickname', 'The result has no value'],
    ['user.custom.floor', 'user.custom.floor has no value (line 1, column 1)'],
    ['user.departments[9].name', 'user.departments[9] is beyond the end of the list (line 1, column 1)'],
    ['1 / (user.custom.level - 7)', '1 / (user.custom.level - 7 divides by zero (line 1, column 1)'],
    ['user.custom.place + 1', 'user.custom.place + 1 is not possible between these types (line 1, column 1)'],
    ['9007199254740993', 'The result is beyond 2^53, where JSON is no longer exact'],
    ['1.0 / 0.0', 'The result is no number that JSON has'],
    ['dyn(b"bytes")', 'The result is of a type that JSON does not have'],
    ['dyn(duration("1h"))', 'The result is of a type that JSON does not have'],
    ['dyn(type(1))', 'The result is of a type that JSON does not have'],
    [
      'timestamp("2025-01-01T00:00:00Z").getHours("Nowhere/Else")',
      'A number, a time or a zone is beyond what there is',
    ],
    ['bool(user.name)', 'bool(user.name) could not be evaluated (line 1, column 1)'],
    ['"a".matches(user.custom.place + "(")', 'The regular expression is none of RE2, or too large (line 1, column 1)'],
  ])('says why, and never what somebody has: %s', async (text, failure) => {
    expect(await outcomeOf(text)).toEqual({ failure, kind: 'error' });
  });

  it('must give what it is for', async () => {
    expect(await outcomeOf('dyn(1)', 'subject')).toEqual({ failure: 'The result is no text', kind: 'error' });
    const failure = { failure: 'The result is neither true nor false', kind: 'error' };
    expect(await outcomeOf('dyn("true")', 'access')).toEqual(failure);
  });

  it('may not be larger than 4 kB as JSON', async () => {
    const failure = { failure: 'The result is larger than 4096 bytes as JSON', kind: 'size' };
    expect(await outcomeOf(`["${'张'.repeat(1400)}"]`)).toEqual(failure);
    expect(await outcomeOf(`["${'张'.repeat(1300)}"]`)).toHaveProperty('value');
  });
});

describe('many evaluations', () => {
  const jobs = Array.from({ length: 1_000 }, (_, index) => ({
    text: index % 2 === 0 ? 'user.username + "!"' : 'user.nickname',
    facts: { ...FACTS, user: { ...FACTS.user, username: `person${index}` } },
  }));

  it('give one outcome for each set of facts, in order', async () => {
    const outcomes = await expressions.evaluateEach('claim', jobs);
    expect(outcomes).toHaveLength(1_000);
    expect(outcomes[998]).toEqual({ value: 'person998!' });
    expect(outcomes[999]).toMatchObject({ kind: 'error' });
    expect(await expressions.evaluateEach('claim', [])).toEqual([]);
    expect(await expressions.evaluate('claim', [], FACTS)).toEqual([]);
  });

  it('let others have their turn in between', async () => {
    const ended: string[] = [];
    const many = expressions.evaluateEach('claim', jobs).then(() => ended.push('many'));
    await outcomeOf('"one"').then(() => ended.push('one'));
    await many;
    expect(ended).toEqual(['one', 'many']);
  });
});

describe('what comes out', () => {
  it('has no member __proto__, wherever it came from', async () => {
    const custom = JSON.parse('{"__proto__": {"polluted": true}, "a": {"__proto__": 1, "b": 2}}') as Record<
      string,
      JsonValue
    >;
    const facts = { ...FACTS, user: { ...FACTS.user, custom } };
    const texts = ['user.custom', `bytes('{"__proto__": 1, "a": {"b": 2}}').json()`, '{"__proto__": 1, "a": {"b": 2}}'];
    for (const outcome of await expressions.evaluate('claim', texts, facts)) {
      expect(JSON.stringify(outcome)).toBe('{"value":{"a":{"b":2}}}');
    }
  });

  it('can stand in a database and in UTF-8', async () => {
    const facts = { ...FACTS, user: { ...FACTS.user, name: 'a\0b', nickname: '\ud83d' } };
    const failure = { failure: 'The result holds NUL or half a character', kind: 'error' };
    expect(await expressions.evaluate('claim', ['user.name', 'user.nickname'], facts)).toEqual([failure, failure]);
  });
});

describe('the check of an expression', () => {
  it.each([
    ['user.emial', 'line 1, column 6: There is no member “emial”'],
    ['user.?emial.orValue("")', 'line 1, column 7: There is no member “emial”'],
    ['has(user.emial)', 'line 1, column 10: There is no member “emial”'],
    ['user["emial"]', 'line 1, column 1: There is no member “emial”'],
    ['"a" +\n user.departments.map(d, d.nmae)[0]', 'line 2, column 28: There is no member “nmae”'],
    ['user.departments[?0].?nmae', 'line 1, column 23: There is no member “nmae”'],
    ['user.departments.exists(d, has(d.nmae))', 'line 1, column 34: There is no member “nmae”'],
    ['users.email', 'line 1, column 1: Unknown variable: users'],
    ['request.address', 'line 1, column 1: Unknown variable: request'],
    ['user.email + 1', 'line 1, column 1: no such overload: string + int'],
    ['user.email.foo()', "line 1, column 1: found no matching overload for 'string.foo()'"],
    ['user.email ==', 'line 1, column 14: The expression ends too early'],
    ['', 'line 1, column 1: The expression ends too early'],
    ['user.email.matches("(")', 'line 1, column 20: The regular expression is none of RE2: missing closing ): `(`'],
    [
      '"a".matches("(?=a)")',
      'line 1, column 13: The regular expression is none of RE2: invalid or unsupported Perl syntax: `(?=`',
    ],
    [
      '"a".matches(r"(a)\\1")',
      'line 1, column 13: The regular expression is none of RE2: invalid escape sequence: `\\1`',
    ],
    ['b"bytes"', 'line 1, column 1: JSON has no form for a bytes'],
    ['[1].map(user, user)', 'line 1, column 9: “user” has a meaning of its own: give the variable another name'],
  ])('says what is wrong, and where: %s', (text, fault) => {
    const { problem, reads } = expressions.check(text, 'claim');
    expect(problem && expressionFault(problem)).toBe(fault);
    expect(reads).toEqual([]);
  });

  it('knows what each use is for', () => {
    const faultOf = (text: string, use: ExpressionUse) => expressions.check(text, use).problem?.message;
    expect(faultOf('user.email', 'access')).toBe('The result must be a bool; it is a string');
    expect(faultOf('user.email_verified', 'subject')).toBe('The result must be a string; it is a bool');
    expect(faultOf('user.?email', 'account')).toBe('The result must be a string; it is a optional<string>');
    expect(faultOf('app.roles.size() > 0 ? "a" : "b"', 'subject')).toBe('There is no member “roles”');
    expect(faultOf('session.acr', 'subject')).toBe('Unknown variable: session');
    expect(faultOf('inNetwork(request.address, "10.0.0.0/33")', 'access')).toBe(
      'The network is neither an IP address nor a network such as 10.0.0.0/8',
    );
  });

  it.each([
    ['user.email', ['user.email']],
    ['user.custom.place + user.custom["floor"]', ['user.custom.floor', 'user.custom.place']],
    ['has(user.email) && user.?phone_number.hasValue()', ['user.email', 'user.phone_number']],
    ['user.departments.map(d, d.name + user.name)', ['user.departments', 'user.name']],
    ['user.departments[0].name', ['user.departments']],
    ['user.custom[app.name]', ['app.name', 'user.custom']],
    ['user.identities["dt"].user_id', ['user.identities.dt.user_id']],
    ['cel.bind(u, user, u.email)', ['user']],
    ['toJson(user)', ['user']],
    ['"constant"', []],
  ])('tells what an expression reads: %s', (text, reads) => {
    expect(expressions.check(text, 'claim')).toEqual({ reads });
  });
});
