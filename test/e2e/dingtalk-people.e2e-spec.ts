import { DataSource } from 'typeorm';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AccountStore } from '../../src/accounts/account-store.js';
import { FederatedIdentityEntity } from '../../src/accounts/federated-identity.entity.js';
import { Departures } from '../../src/departures/departures.js';
import type { OrganisationRecord } from '../../src/dingtalk/api/organisation-record.js';
import { IdentityStore } from '../../src/dingtalk/people/identity-store.js';
import { People, type Admission } from '../../src/dingtalk/people/people.js';
import { DEFAULT_MAPPING } from '../../src/dingtalk/people/profile-mapping.js';
import type { IdentitySource } from '../../src/dingtalk/source/identity-source.js';
import { IdentitySources } from '../../src/dingtalk/source/identity-sources.js';
import { AdminApi } from '../support/admin-api.js';
import { anIdentitySource, type SourceOfTest } from '../support/identity-source.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

let clinch: TestClinch;
let admin: AdminApi;
let people: People;
let accounts: AccountStore;
let numbered = 0;

beforeAll(async () => {
  clinch = await startClinch();
  admin = await AdminApi.of(clinch);
  people = clinch.app.get(People);
  accounts = clinch.app.get(AccountStore);
});
afterAll(() => clinch.stop());

/** An organisation of its own, so that tests do not meet each other. */
async function organisation(settings: SourceOfTest = {}): Promise<IdentitySource> {
  numbered += 1;
  const { id } = await anIdentitySource(clinch, { id: `org-${numbered}`, corpId: `dingcorp${numbered}`, ...settings });
  const source = await clinch.app.get(IdentitySources).find(id);
  if (source === undefined) throw new Error('no source');
  return source;
}

/** Where an organisation wishes phone numbers to be known. */
const WITH_PHONE = { mapping: { ...DEFAULT_MAPPING, phone_number: ['mobile'] } };

function someone(userid: string, given: Partial<OrganisationRecord> = {}): OrganisationRecord {
  return { userid, unionid: `union-${userid}`, name: `人 ${userid}`, ...given };
}

function admitted(admission: Admission) {
  if ('refused' in admission) throw new Error(`refused: ${admission.refused}`);
  return admission;
}

const claimsOf = async (id: string) => (await accounts.find(id))?.claims ?? {};

describe('somebody new', () => {
  it('gets an account with the profile of the organisation', async () => {
    const source = await organisation(WITH_PHONE);
    const { account, outcome } = admitted(
      await people.admit(
        source,
        someone('n1', {
          org_email: 'n1@corp.example',
          mobile: '+8613800000001',
          title: '工程师',
          avatar: 'https://a.example/1.png',
        }),
        'test',
      ),
    );
    expect(outcome).toBe('created');
    expect(account).toMatchObject({ username: 'n1', status: 'active' });
    expect(account.claims).toMatchObject({
      name: '人 n1',
      email: 'n1@corp.example',
      email_verified: true,
      phone_number: '+8613800000001',
      phone_number_verified: true,
      picture: 'https://a.example/1.png',
    });
    const { body } = await admin.call('GET', `users/${account.id}`);
    expect(body).toMatchObject({ custom: { title: '工程师' } });
  });

  it('is refused where the source makes nobody', async () => {
    const source = await organisation({ newPeople: 'refuse' });
    expect(await people.admit(source, someone('n2'), 'test')).toEqual({ refused: 'new_people_refused' });
  });

  it('is the same person the second time, and nothing is written', async () => {
    const source = await organisation();
    const first = admitted(await people.admit(source, someone('n3'), 'test'));
    const second = admitted(await people.admit(source, someone('n3'), 'test'));
    expect(second.account.id).toBe(first.account.id);
    expect(second.outcome).toBe('unchanged');
    expect(second.account.claims['updated_at']).toBe(first.account.claims['updated_at']);
  });

  it('gets another user name where theirs is taken', async () => {
    const [one, other] = [await organisation(), await organisation()];
    const first = admitted(await people.admit(one, someone('same'), 'test'));
    const second = admitted(await people.admit(other, someone('same'), 'test'));
    expect(second.account.id).not.toBe(first.account.id);
    expect(second.account.username).toBe(`same-${other.id}`);
  });

  it('is made once, however many ask at once', async () => {
    const source = await organisation();
    const admissions = await Promise.all(
      Array.from({ length: 20 }, () => people.admit(source, someone('race'), 'test')),
    );
    expect(new Set(admissions.map((each) => admitted(each).account.id)).size).toBe(1);
  });

  it('whom DingTalk has disabled is refused', async () => {
    const source = await organisation();
    const refused = { refused: 'disabled_in_dingtalk' };
    expect(await people.admit(source, someone('n4', { disable_status: true }), 'test')).toEqual(refused);
    const { account } = admitted(await people.admit(source, someone('n4'), 'test'));
    expect(await people.admit(source, someone('n4', { disable_status: true }), 'test')).toEqual(refused);
    expect((await accounts.find(account.id))?.status).toBe('disabled');
  });
});

describe('many at once', () => {
  it('makes those who are new, updates the others, and lets nobody stop the rest', async () => {
    const source = await organisation();
    await people.admit(source, someone('m0', { title: 'old' }), 'test');
    const records = Array.from({ length: 250 }, (_, index) => someone(`m${index}`, { title: 'new' }));
    const twice = { ...someone('m-other'), unionid: 'union-m7' };
    const results = await people.admitMany(
      source,
      [...records, twice, someone('m-out', { disable_status: true })],
      'test',
    );
    const counts: Record<string, number> = {};
    for (const outcome of results.values()) counts[outcome] = (counts[outcome] ?? 0) + 1;
    // Two user ids of one union id are one person, whoever is read last.
    expect(counts).toEqual({ created: 249, updated: 2, disabled_in_dingtalk: 1 });
    expect((await people.present(source)).size).toBe(250);
  });

  it('matches one by one where the source matches', async () => {
    const source = await organisation({ matchBy: ['email'] });
    const local = await admin.made('users', {
      username: 'many-local',
      email: 'many@corp.example',
      email_verified: true,
    });
    const results = await people.admitMany(
      source,
      [someone('mm1', { org_email: 'many@corp.example' }), someone('mm2')],
      'test',
    );
    expect(Object.fromEntries(results)).toEqual({ mm1: 'matched', mm2: 'created' });
    expect((await people.present(source)).get('mm1')?.accountId).toBe(local['id']);
  });
});

describe('what is believed of a profile', () => {
  it('takes the mail of the organisation, and trusts it as the source says', async () => {
    const trusting = await organisation({ ...WITH_PHONE, trustedEmail: 'org_email_or_email' });
    const wary = await organisation({ ...WITH_PHONE, trustedEmail: 'org_email' });
    const deaf = await organisation({ ...WITH_PHONE, trustedEmail: 'none', trustedPhone: false });
    const record = someone('p1', { email: 'own@mail.example', mobile: '+8613800000002' });
    const verified = async (source: IdentitySource, given: OrganisationRecord) => {
      const { account } = admitted(await people.admit(source, given, 'test'));
      return [account.claims['email_verified'], account.claims['phone_number_verified']];
    };
    expect(await verified(trusting, record)).toEqual([true, true]);
    expect(await verified(wary, record)).toEqual([false, true]);
    expect(await verified(deaf, { ...record, org_email: 'p1@corp.example' })).toEqual([false, false]);
  });

  it('never loses a value because the field did not come', async () => {
    const source = await organisation(WITH_PHONE);
    const full = someone('p2', { org_email: 'p2@corp.example', mobile: '+8613800000003', title: 'CTO' });
    const { account } = admitted(await people.admit(source, full, 'test'));
    admitted(await people.admit(source, someone('p2', { name: '新名' }), 'test'));
    expect(await claimsOf(account.id)).toMatchObject({
      name: '新名',
      email: 'p2@corp.example',
      email_verified: true,
      phone_number: '+8613800000003',
    });
  });

  it('takes a value away that came empty', async () => {
    const source = await organisation();
    const { account } = admitted(await people.admit(source, someone('p3', { org_email: 'p3@corp.example' }), 'test'));
    admitted(await people.admit(source, someone('p3', { org_email: '' }), 'test'));
    expect(await claimsOf(account.id)).not.toHaveProperty('email');
  });

  it('leaves out what is no value of its claim', async () => {
    const source = await organisation(WITH_PHONE);
    const record = someone('p4', { org_email: 'no address', mobile: '12', avatar: 'javascript:alert(1)' });
    const { account } = admitted(await people.admit(source, record, 'test'));
    for (const claim of ['email', 'phone_number', 'picture']) expect(account.claims).not.toHaveProperty(claim);
  });

  it('goes by the mapping of the source, also for people who are there already', async () => {
    const source = await organisation();
    const record = someone('p5', { title: 'CEO', extension: { 花名: '风清扬' } });
    const { account } = admitted(await people.admit(source, record, 'test'));
    const mapping = { name: ['name'], nickname: ['extension.花名'], 'custom.level': ['title'] };
    const mapped = Object.assign(Object.create(source) as IdentitySource, {
      settings: { ...source.settings, mapping },
    });
    admitted(await people.admit(mapped, record, 'test'));
    expect(await claimsOf(account.id)).toMatchObject({ nickname: '风清扬' });
    expect((await admin.call('GET', `users/${account.id}`)).body).toMatchObject({ custom: { level: 'CEO' } });
  });

  it('LINK-08: a mail that becomes an administrator’s changes the claim, and not who one is', async () => {
    const source = await organisation({ matchBy: ['email'] });
    const boss = await admin.made('users', { username: 'boss-8', email: 'boss8@corp.example', email_verified: true });
    const { account } = admitted(await people.admit(source, someone('p8', { org_email: 'p8@corp.example' }), 'test'));
    const later = admitted(await people.admit(source, someone('p8', { org_email: 'boss8@corp.example' }), 'test'));
    expect(later.account.id).toBe(account.id);
    expect(later.account.id).not.toBe(boss['id']);
    expect(later.account.claims['email']).toBe('boss8@corp.example');
  });
});

describe('a phone number', () => {
  const PHONES = { mobile: '+8613800000077', telephone: '8077' };
  const kept = async (accountId: string) => {
    const repository = clinch.app.get(DataSource).getRepository(FederatedIdentityEntity);
    const { record, recordDigest } = await repository.findOneByOrFail({ accountId });
    return { record: record ?? '', recordDigest };
  };

  it('is neither taken nor kept unless the source maps it', async () => {
    const source = await organisation();
    const record = someone('t1', { ...PHONES, title: '工程师' });
    const { account } = admitted(await people.admit(source, record, 'test'));
    expect(account.claims).not.toHaveProperty('phone_number');
    const before = await kept(account.id);
    expect(before.record).toContain('工程师');
    expect(before.record).not.toMatch(/mobile|telephone|8077|0077/);
    expect(admitted(await people.admit(source, { ...record, mobile: '+8613800000078' }, 'test')).outcome).toBe(
      'unchanged',
    );
    expect(await kept(account.id)).toEqual(before);
  });

  it('is kept as far as the source maps it', async () => {
    const mapping = { name: ['name'], 'custom.desk': ['telephone'] };
    const source = await organisation({ mapping });
    const { account } = admitted(await people.admit(source, someone('t2', PHONES), 'test'));
    expect((await kept(account.id)).record).toContain('8077');
    expect((await kept(account.id)).record).not.toContain('mobile');
  });

  it('goes out of the record once the source maps it no more, and stays in the account', async () => {
    const source = await organisation(WITH_PHONE);
    const { account } = admitted(await people.admit(source, someone('t3', PHONES), 'test'));
    expect((await kept(account.id)).record).toContain('0077');
    const unmapped = Object.assign(Object.create(source) as IdentitySource, {
      settings: { ...source.settings, mapping: null },
    });
    expect(admitted(await people.admit(unmapped, someone('t3', PHONES), 'test')).outcome).toBe('updated');
    expect((await kept(account.id)).record).not.toContain('0077');
    expect(await claimsOf(account.id)).toMatchObject({ phone_number: PHONES.mobile });
    expect(admitted(await people.admit(unmapped, someone('t3', PHONES), 'test')).outcome).toBe('unchanged');
  });

  it('is compared, and not kept, where the source matches by it', async () => {
    const source = await organisation({ matchBy: ['phone_number'] });
    const mine = { phone_number: '+8613800000079', phone_number_verified: true };
    const { id } = await admin.made('users', { username: 'by-phone', ...mine });
    const record = someone('t4', { mobile: mine.phone_number });
    expect(admitted(await people.admit(source, record, 'test'))).toMatchObject({ outcome: 'matched', account: { id } });
    expect((await kept(String(id))).record).not.toContain('0079');
    const wary = await organisation({ matchBy: ['phone_number'], trustedPhone: false });
    expect(admitted(await people.admit(wary, someone('t5', { mobile: mine.phone_number }), 'test')).outcome).toBe(
      'created',
    );
  });
});

describe('matching to an account that is there', () => {
  it('binds by a value that is verified on both sides', async () => {
    const source = await organisation({ matchBy: ['phone_number', 'email'] });
    const local = await admin.made('users', {
      username: 'match-1',
      email: 'match1@corp.example',
      email_verified: true,
    });
    // The first part of an address may tell cases apart, but nobody's does; what is stored in small letters fits any.
    const exact = admitted(await people.admit(source, someone('a2', { org_email: 'Match1@corp.example' }), 'test'));
    expect(exact).toMatchObject({ outcome: 'matched', account: { id: local['id'], username: 'match-1' } });
  });

  it('LINK-01, LINK-02: binds nobody by an unverified value, here or there', async () => {
    const source = await organisation({ matchBy: ['email'], trustedEmail: 'org_email' });
    const planted = await admin.made('users', {
      username: 'plant',
      email: 'victim@corp.example',
      password: 'attackers-own-1',
    });
    const victim = admitted(await people.admit(source, someone('a3', { org_email: 'victim@corp.example' }), 'test'));
    expect(victim.account.id).not.toBe(planted['id']);
    await admin.made('users', { username: 'proven', email: 'own@corp.example', email_verified: true });
    const personal = admitted(await people.admit(source, someone('a4', { email: 'own@corp.example' }), 'test'));
    expect(personal.outcome).toBe('created');
  });

  it('binds nobody where it is ambiguous, and makes nobody either', async () => {
    const source = await organisation({ matchBy: ['email', 'phone_number'] });
    await admin.made('users', { username: 'twin-1', email: 'twin@corp.example', email_verified: true });
    await admin.made('users', { username: 'twin-2', phone_number: '+8613900000001', phone_number_verified: true });
    const record = someone('a5', { org_email: 'twin@corp.example', mobile: '+8613900000001' });
    expect(await people.admit(source, record, 'test')).toEqual({ refused: 'ambiguous_match' });
    expect((await people.present(source)).size).toBe(0);
  });

  it('LINK-04: never takes an account that is somebody of the organisation already', async () => {
    const source = await organisation({ matchBy: ['email'] });
    const first = admitted(await people.admit(source, someone('a6', { org_email: 'shared@corp.example' }), 'test'));
    const second = admitted(await people.admit(source, someone('a7', { org_email: 'shared@corp.example' }), 'test'));
    expect(second.account.id).not.toBe(first.account.id);
  });

  it('LINK-04: gives an account to one of two who are matched to it at the same time', async () => {
    const source = await organisation({ matchBy: ['email'] });
    const mail = { email: 'both@corp.example', email_verified: true };
    const { id } = await admin.made('users', { username: 'both', ...mail });
    const store = clinch.app.get(IdentityStore);
    const insert = store.insert.bind(store);
    let first: Admission | undefined;
    vi.spyOn(store, 'insert').mockImplementationOnce(async (...row) => {
      first = await people.admit(source, someone('a8', { org_email: mail.email }), 'test');
      await insert(...row);
    });
    const second = admitted(await people.admit(source, someone('a9', { org_email: mail.email }), 'test'));
    expect(first).toMatchObject({ outcome: 'matched', account: { id } });
    expect(second.outcome).toBe('created');
    expect(second.account.id).not.toBe(id);
  });
});

describe('leaving and coming back', () => {
  it('closes the account, and opens it when the person returns', async () => {
    const source = await organisation();
    const { account } = admitted(await people.admit(source, someone('l1'), 'test'));
    expect(await people.depart(source, 'l1', 'test')).toBe(true);
    expect(await people.depart(source, 'l1', 'test')).toBe(false);
    expect((await accounts.find(account.id))?.status).toBe('disabled');
    const back = admitted(await people.admit(source, someone('l1'), 'test'));
    expect(back).toMatchObject({ outcome: 'returned', account: { id: account.id, status: 'active' } });
    // What came of sign-ins before is not worth anything again.
    expect(back.account.signInsValidFrom?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('knows a person by the union id who returns with another user id', async () => {
    const source = await organisation();
    const { account } = admitted(await people.admit(source, someone('l2'), 'test'));
    await people.depart(source, 'l2', 'test');
    const back = admitted(await people.admit(source, { ...someone('l2-new'), unionid: 'union-l2' }, 'test'));
    expect(back.account.id).toBe(account.id);
    expect([...(await people.present(source)).keys()]).toEqual(['l2-new']);
  });

  it('LINK-09: a user id that is given to somebody else is a new person', async () => {
    const source = await organisation();
    const old = admitted(await people.admit(source, someone('l3'), 'test'));
    const young = admitted(await people.admit(source, { ...someone('l3'), unionid: 'union-young' }, 'test'));
    expect(young.account.id).not.toBe(old.account.id);
    expect((await accounts.find(old.account.id))?.status).toBe('disabled');
    const { body } = await admin.call('GET', `users/${old.account.id}/identities`);
    expect(body['items']).toMatchObject([{ user_id: 'l3', current: false }]);
    // And the event that the old one has left comes late: it is about the user id, which is somebody else's now.
    expect((await accounts.find(young.account.id))?.status).toBe('active');
  });

  it('opens no account that an administrator has closed', async () => {
    const source = await organisation();
    const { account } = admitted(await people.admit(source, someone('l4'), 'test'));
    await admin.call('PATCH', `users/${account.id}`, { status: 'disabled' });
    expect(await people.admit(source, someone('l4'), 'test')).toEqual({ refused: 'account_disabled' });
    await people.depart(source, 'l4', 'test');
    expect(await people.admit(source, someone('l4'), 'test')).toEqual({ refused: 'account_disabled' });
    await admin.call('PATCH', `users/${account.id}`, { status: 'active' });
    expect(admitted(await people.admit(source, someone('l4'), 'test')).account.id).toBe(account.id);
  });

  it('is a departure still after an administrator has corrected something else', async () => {
    const source = await organisation();
    const { account } = admitted(await people.admit(source, someone('l11'), 'test'));
    await people.depart(source, 'l11', 'test');
    expect((await admin.call('PATCH', `users/${account.id}`, { zoneinfo: 'Asia/Shanghai' })).status).toBe(200);
    expect(admitted(await people.admit(source, someone('l11'), 'test')).outcome).toBe('returned');
  });

  it('stays a departure when the person is replaced without a word about the status', async () => {
    const source = await organisation();
    const { account } = admitted(await people.admit(source, someone('l4b'), 'test'));
    await people.depart(source, 'l4b', 'test');
    expect((await admin.call('PUT', `users/${account.id}`, { username: 'l4b', name: 'x' })).body['status']).toBe(
      'disabled',
    );
    expect(admitted(await people.admit(source, someone('l4b'), 'test')).account.id).toBe(account.id);
    await people.depart(source, 'l4b', 'test');
    const opened = await admin.call('PUT', `users/${account.id}`, { username: 'l4b', status: 'active' });
    expect(opened.body['status']).toBe('active');
  });

  it('goes by the newest: what was read before somebody left does not bring them back', async () => {
    const source = await organisation();
    const before = new Date(Date.now() - 1_000);
    const { account } = admitted(await people.admit(source, someone('l5'), 'test'));
    await people.depart(source, 'l5', 'event');
    expect(await people.admit(source, someone('l5'), 'sync', before)).toEqual({ refused: 'left_meanwhile' });
    expect((await accounts.find(account.id))?.status).toBe('disabled');
  });

  it('goes by the newest, also when the departure comes while the record is worked on', async () => {
    const source = await organisation();
    const { account } = admitted(await people.admit(source, someone('l10'), 'test'));
    const store = clinch.app.get(IdentityStore);
    const find = store.findByUnion.bind(store);
    // Half of the departure is there already when the account is read, and the rest comes before it is written.
    const spy = vi.spyOn(store, 'findByUnion').mockImplementationOnce(async (...asked) => {
      const found = await find(...asked);
      await delay(5);
      await people.depart(source, 'l10', 'event');
      return found;
    });
    const refused = { refused: 'account_disabled' };
    expect(await people.admit(source, someone('l10', { title: 'new' }), 'sign_in')).toEqual(refused);
    spy.mockRestore();
    expect(await accounts.find(account.id)).toMatchObject({ status: 'disabled' });
    expect(await store.findByUser(source, 'l10')).toMatchObject({ leftAt: expect.any(Date) as Date });
    await delay(5);
    const back = admitted(await people.admit(source, someone('l10'), 'test'));
    expect([back.account.id, back.outcome]).toEqual([account.id, 'returned']);
  });

  it('goes by the newest: what was read before somebody was seen does not send them away', async () => {
    const source = await organisation();
    const before = new Date(Date.now() - 1_000);
    const { account } = admitted(await people.admit(source, someone('l6'), 'sign_in'));
    expect(await people.depart(source, 'l6', 'sync', before)).toBe(false);
    expect((await accounts.find(account.id))?.status).toBe('active');
  });

  it('keeps the account of somebody who is in another organisation as well', async () => {
    const [one, other] = [await organisation({ matchBy: ['email'] }), await organisation({ matchBy: ['email'] })];
    const record = someone('l7', { org_email: 'l7@corp.example' });
    const { account } = admitted(await people.admit(one, record, 'test'));
    expect(admitted(await people.admit(other, record, 'test')).account.id).toBe(account.id);
    await people.depart(one, 'l7', 'test');
    expect((await accounts.find(account.id))?.status).toBe('active');
    await people.depart(other, 'l7', 'test');
    expect((await accounts.find(account.id))?.status).toBe('disabled');
  });

  it('keeps no account for an organisation that is switched off, or gone', async () => {
    for (const end of ['switched off', 'gone'] as const) {
      const [one, other] = [await organisation(), await organisation({ matchBy: ['email'] })];
      const record = someone(`l12-${end}`.replace(' ', '-'), { org_email: `${other.id}@corp.example` });
      const { account } = admitted(await people.admit(one, record, 'test'));
      expect(admitted(await people.admit(other, record, 'test')).account.id).toBe(account.id);
      if (end === 'gone') {
        // What a sync of it wrote while it was deleted.
        await clinch.app.get(DataSource).query(`DELETE FROM identity_sources WHERE id = '${other.id}'`);
      } else await admin.call('PATCH', `identity-sources/${other.id}`, { enabled: false });
      await people.depart(one, record.userid, 'test');
      expect((await accounts.find(account.id))?.status, end).toBe('disabled');
    }
  });

  it('begins anew with somebody whose account an administrator has deleted', async () => {
    const source = await organisation();
    const { account } = admitted(await people.admit(source, someone('l8'), 'test'));
    await admin.call('DELETE', `users/${account.id}`);
    expect((await people.present(source)).size).toBe(0);
    expect(admitted(await people.admit(source, someone('l8'), 'test')).account.id).not.toBe(account.id);
  });

  it('may be told the same departure again and again', async () => {
    const departures = clinch.app.get(Departures);
    const source = await organisation();
    const { account } = admitted(await people.admit(source, someone('l9'), 'test'));
    const cause = { source: source.id, by: 'test' };
    const times = await Promise.all(Array.from({ length: 10 }, () => departures.depart(account.id, cause)));
    expect(times.filter(Boolean)).toHaveLength(1);
  });
});

describe('identities in the admin API', () => {
  it('lists and unlinks them', async () => {
    const source = await organisation();
    const { account, identityId } = admitted(await people.admit(source, someone('i1'), 'test'));
    const path = `users/${account.id}/identities`;
    const listed = {
      id: identityId,
      source: source.id,
      user_id: 'i1',
      union_id: 'union-i1',
      current: true,
      left_at: null,
    };
    expect((await admin.call('GET', path)).body).toEqual({ items: [listed], next_cursor: null });
    expect((await admin.call('DELETE', `${path}/${identityId}`)).status).toBe(204);
    expect((await admin.call('DELETE', `${path}/${identityId}`)).status).toBe(404);
    expect((await admin.call('GET', 'users/nobody/identities')).status).toBe(404);
  });

  it('refuses what cannot be linked', async () => {
    const source = await organisation();
    const { account } = admitted(await people.admit(source, someone('i2'), 'test'));
    const path = `users/${account.id}/identities`;
    expect((await admin.call('POST', path, { source: 'none', user_id: 'x' })).status).toBe(400);
    expect((await admin.call('POST', path, { source: source.id, user_id: 'x' })).status).toBe(409);
    expect((await admin.call('POST', path, { source: source.id, user_id: ' ' })).status).toBe(400);
  });
});

it('is the same person whether or not a field of the answer was of no use', async () => {
  const source = await organisation();
  admitted(await people.admit(source, someone('k0'), 'test'));
  expect(admitted(await people.admit(source, someone('k0', { dropped: ['mobile'] }), 'test')).outcome).toBe(
    'unchanged',
  );
});

it('keeps nothing of a person in a second place', async () => {
  // Places and roles are the directory's; in the record they would change its digest whenever a list is read.
  const source = await organisation();
  await people.admit(source, someone('k1', { departments: [{ id: 1 }], roles: [{ id: 2, name: 'r' }] }), 'test');
  const rows: { record: string }[] = await clinch.app
    .get(DataSource)
    .query("SELECT record FROM federated_identities WHERE user_id = 'k1'");
  expect(JSON.parse(rows[0]?.record ?? '')).toEqual({ userid: 'k1', unionid: 'union-k1', name: '人 k1' });
});
