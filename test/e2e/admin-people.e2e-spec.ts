import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminApi, fieldsOf, type Json } from '../support/admin-api.js';
import { anApp } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, UserAgent } from '../support/user-agent.js';

let clinch: TestClinch;
let admin: AdminApi;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
});
afterAll(() => clinch.stop());

const EVERYTHING = {
  username: 'lin.xiaoyu',
  status: 'active',
  name: '林小雨',
  given_name: '小雨',
  family_name: '林',
  middle_name: 'Rain',
  nickname: '小雨',
  preferred_username: 'xiaoyu',
  profile: 'https://staff.example.com/lin.xiaoyu',
  picture: 'https://staff.example.com/lin.xiaoyu.png',
  website: 'https://xiaoyu.example.com/',
  gender: 'female',
  birthdate: '1991-05-17',
  zoneinfo: 'Asia/Shanghai',
  locale: 'zh-CN',
  email: 'lin.xiaoyu@example.com',
  email_verified: true,
  phone_number: '+8613800138000',
  phone_number_verified: true,
  address: { formatted: '西湖区文三路 1 号\n杭州', locality: '杭州', country: '中国' },
  custom: { staff_number: '10086', tags: ['a', { b: null }] },
};

const PASSWORD = 'amber-canyon-lantern-42';

/** Whether the person can sign in to an app by name and password. */
async function canSignIn(username: string, password: string): Promise<boolean> {
  const app = await anApp(clinch);
  const agent = new UserAgent(clinch.url);
  const page = await agent.follow(await agent.get(authorizeUrl(clinch.url, app, { scope: 'openid' })));
  const after = await agent.signIn(page, { username, password });
  return after.headers.get('location')?.includes('code=') === true;
}

describe('OpenID Connect Core 1.0 §5.1: people', () => {
  it('keeps every standard claim, and gives it back as it was', async () => {
    const user = await admin.made('users', EVERYTHING);
    const { id, has_password: hasPassword, created_at: createdAt, updated_at: updatedAt, ...fields } = user;
    expect(fields).toEqual(EVERYTHING);
    expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(hasPassword).toBe(false);
    expect(new Date(String(createdAt)).toISOString()).toBe(createdAt);
    expect(new Date(String(updatedAt)).toISOString()).toBe(updatedAt);
    expect((await admin.call('GET', `users/${String(id)}`)).body).toEqual(user);
  });

  it.each<[string, Json, string]>([
    ['no user name', { username: undefined }, 'username'],
    ['an empty user name', { username: '' }, 'username'],
    ['a blank user name', { username: ' \u3000 ' }, 'username'],
    ['a user name with a line', { username: 'a\nb' }, 'username'],
    ['a user name that is long when it is compared', { username: '\ufdfa'.repeat(50) }, 'username'],
    ['a number as a name', { name: 1 }, 'name'],
    ['a long name', { name: 'x'.repeat(201) }, 'name'],
    ['a text for a boolean', { email_verified: 'true' }, 'email_verified'],
    ['null for a boolean', { phone_number_verified: null }, 'phone_number_verified'],
    ['no e-mail address', { email: 'nobody' }, 'email'],
    ['another status', { status: 'deleted' }, 'status'],
    ['an address of another shape', { address: { street: 'x' } }, 'address.street'],
    ['an address that is a text', { address: 'Hangzhou' }, 'address'],
    ['a list as address', { address: [] }, 'address'],
    ['a list as custom', { custom: [] }, 'custom'],
    ['a deep custom', { custom: { a: { b: { c: { d: {} } } } } }, 'custom'],
    ['a script as profile', { profile: 'javascript:alert(1)' }, 'profile'],
    ['an id', { id: 'x' }, 'id'],
    ['a time of change', { updated_at: '2020-01-01T00:00:00Z' }, 'updated_at'],
    ['a hash', { password_hash: 'x' }, 'password_hash'],
    ['an object for a column', { 'status[role]': 'admin' }, 'status[role]'],
    ['a short password', { password: '1234567' }, 'password'],
    ['a long password', { password: 'ab'.repeat(129) }, 'password'],
    ['the user name as password', { password: 'REFUSED-Person' }, 'password'],
    ['a common password', { password: 'Password123' }, 'password'],
    ['a password that is no text', { password: 12_345_678 }, 'password'],
  ])('refuses %s', async (_, differences, field) => {
    const answer = await admin.call('POST', 'users', { username: 'refused-person', ...differences });
    expect(answer.status).toBe(400);
    expect([...new Set(fieldsOf(answer))]).toEqual([field]);
  });

  it('takes a user name once, whatever its case and width', async () => {
    await admin.made('users', { username: 'Wang.Fang' });
    for (const username of ['wang.fang', 'WANG.FANG', 'ｗａｎｇ.fang', ' wang.fang ']) {
      const answer = await admin.call('POST', 'users', { username });
      expect(answer, username).toMatchObject({ status: 409, body: { type: 'urn:clinch:problem:conflict' } });
      expect(fieldsOf(answer)).toEqual(['username']);
    }
    const other = await admin.made('users', { username: 'other.fang' });
    expect((await admin.call('PATCH', `users/${String(other['id'])}`, { username: 'wang.FANG' })).status).toBe(409);
  });

  it('lets one of many who want the same name at once have it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => admin.call('POST', 'users', { username: 'popular' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  });

  it('changes what was sent, takes away what is null, and replaces as a whole', async () => {
    const user = await admin.made('users', { ...EVERYTHING, username: 'changing' });
    const path = `users/${String(user['id'])}`;
    const changed = await admin.call('PATCH', path, { nickname: null, address: { country: 'China' }, custom: {} });
    expect(changed.body).toMatchObject({ name: '林小雨', nickname: null, custom: {} });
    expect(changed.body['address']).toEqual({ country: 'China' });
    const replaced = await admin.call('PUT', path, { username: 'changed' });
    expect(replaced.body).toMatchObject({ id: user['id'], username: 'changed', name: null, email: null, custom: {} });
    expect(replaced.body).toMatchObject({ address: null, email_verified: false, created_at: user['created_at'] });
    expect(fieldsOf(await admin.call('PUT', path, { name: 'x' }))).toEqual(['username']);
    expect((await admin.call('GET', path)).body).toEqual(replaced.body);
  });

  it('takes another address for unproven, unless the same request says otherwise', async () => {
    const user = await admin.made('users', { ...EVERYTHING, username: 'proven' });
    const path = `users/${String(user['id'])}`;
    const same = await admin.call('PATCH', path, { email: EVERYTHING.email, phone_number: '+8613800138009' });
    expect(same.body).toMatchObject({ email_verified: true, phone_number_verified: false });
    const other = await admin.call('PATCH', path, { email: 'b@example.com', email_verified: true });
    expect(other.body).toMatchObject({ email_verified: true });
  });

  it('changes nothing when one field is wrong', async () => {
    const user = await admin.made('users', { username: 'whole', name: 'Before' });
    const path = `users/${String(user['id'])}`;
    expect((await admin.call('PATCH', path, { name: 'After', password: 'short' })).status).toBe(400);
    expect((await admin.call('GET', path)).body).toEqual(user);
  });

  it('deletes', async () => {
    const path = `users/${String((await admin.made('users', { username: 'leaving' }))['id'])}`;
    expect((await admin.call('DELETE', path)).status).toBe(204);
    const answers = [
      await admin.call('DELETE', path),
      await admin.call('GET', path),
      await admin.call('PATCH', path, { name: 'x' }),
      await admin.call('PUT', `${path}/password`, { password: PASSWORD }),
      await admin.call('GET', 'users/%00'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    await admin.made('users', { username: 'leaving' });
  });
});

describe('passwords', () => {
  it('are only ever written, and let the person in', async () => {
    const user = await admin.made('users', { username: 'zhao.min', password: PASSWORD });
    const path = `users/${String(user['id'])}`;
    expect(user['has_password']).toBe(true);
    for (const { body } of [
      { body: user },
      await admin.call('GET', path),
      await admin.call('GET', 'users?limit=200'),
    ]) {
      expect(JSON.stringify(body)).not.toMatch(/argon2|amber-canyon|password_hash/);
    }
    expect(await canSignIn('zhao.min', PASSWORD)).toBe(true);
    expect((await admin.call('PUT', `${path}/password`, { password: 'copper-meadow-violet-17' })).status).toBe(204);
    expect(await canSignIn('zhao.min', PASSWORD)).toBe(false);
    expect(await canSignIn('zhao.min', 'copper-meadow-violet-17')).toBe(true);
    await admin.call('PATCH', path, { status: 'disabled' });
    expect(await canSignIn('zhao.min', 'copper-meadow-violet-17')).toBe(false);
  });

  it('stay through a replacement that does not send them', async () => {
    const user = await admin.made('users', { username: 'staying', password: PASSWORD });
    const { body } = await admin.call('PUT', `users/${String(user['id'])}`, { username: 'staying' });
    expect(body['has_password']).toBe(true);
  });

  it('are judged against the name that the person would have', async () => {
    const user = await admin.made('users', { username: 'somebody-else' });
    const path = `users/${String(user['id'])}`;
    const both = await admin.call('PATCH', path, { username: 'new-name-here', password: 'new-name-here' });
    expect(fieldsOf(both)).toEqual(['password']);
    expect(fieldsOf(await admin.call('PUT', `${path}/password`, { password: 'Somebody-Else' }))).toEqual(['password']);
    expect(fieldsOf(await admin.call('PUT', `${path}/password`))).toEqual(['password']);
    expect(fieldsOf(await admin.call('PUT', `${path}/password`, { password: PASSWORD, x: 1 }))).toEqual(['x']);
  });
});
