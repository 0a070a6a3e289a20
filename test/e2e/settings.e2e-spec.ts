import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.js';
import { SettingsEntity } from '../../src/settings/settings.entity.js';
import { AdminApi, fieldsOf } from '../support/admin-api.js';
import { anApp, aPerson, type TestApp } from '../support/builders.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { authorizeUrl, responseParameters, UserAgent } from '../support/user-agent.js';

const DEFAULTS = {
  session_absolute_lifetime: 36_000,
  session_idle_lifetime: 7_200,
  portal_app_initiated: 'show',
  company_name: null,
  logo_uri: null,
  privacy_notice_uri: null,
  accent_color: null,
  signing_key_rotation: 7_776_000,
  signing_key_announcement: 86_400,
  audit_retention_days: 180,
};

const ALL = {
  session_absolute_lifetime: 28_800,
  session_idle_lifetime: 1_800,
  portal_app_initiated: 'hide',
  company_name: '杭州样例科技有限公司',
  logo_uri: 'https://static.example.com/logo.svg',
  privacy_notice_uri: 'https://www.example.com/privacy#cookies',
  accent_color: '#0B57d0',
  signing_key_rotation: 2_592_000,
  signing_key_announcement: 172_800,
  audit_retention_days: 365,
};

describe('/admin/api/v1/settings', () => {
  let clinch: TestClinch;
  let admin: AdminApi;
  let app: TestApp;

  beforeAll(async () => {
    clinch = await startClinch();
    admin = await AdminApi.of(clinch);
    app = await anApp(clinch);
  });
  afterAll(() => clinch.stop());

  const read = async () => (await admin.call('GET', 'settings')).body;
  const reset = () => admin.call('PATCH', 'settings', Object.fromEntries(Object.keys(DEFAULTS).map((k) => [k, null])));

  it('has a value for everything before anybody has set one', async () => {
    expect(await admin.call('GET', 'settings')).toMatchObject({ status: 200, body: DEFAULTS });
    expect(await clinch.app.get(DataSource).getRepository(SettingsEntity).count()).toBe(0);
  });

  it('changes what was sent, leaves the rest, and brings back what comes by default for null', async () => {
    const record = vi.spyOn(clinch.app.get(AuditLog), 'recordIn');
    const colour = await admin.call('PATCH', 'settings', { accent_color: '#123456' });
    expect(colour).toMatchObject({ status: 200, body: { ...DEFAULTS, accent_color: '#123456' } });
    expect(await admin.call('PATCH', 'settings', ALL)).toMatchObject({ status: 200, body: ALL });
    expect(await read()).toEqual(ALL);
    const some = await admin.call('PATCH', 'settings', { company_name: null, session_idle_lifetime: null });
    expect(some.body).toEqual({ ...ALL, company_name: null, session_idle_lifetime: 7_200 });
    expect((await reset()).body).toEqual(DEFAULTS);
    const events = record.mock.calls.map(([, event, , details]) => [event, details]);
    expect(events.slice(0, 2)).toMatchObject([
      [
        'settings.changed',
        { fields: ['accent_color'], before: { accent_color: null }, after: { accent_color: '#123456' } },
      ],
      ['settings.changed', { fields: Object.keys(ALL) }],
    ]);
  });

  it('changes nothing, and says nothing, for an empty change', async () => {
    const record = vi.spyOn(clinch.app.get(AuditLog), 'recordIn');
    record.mockClear();
    expect(await admin.call('PATCH', 'settings', {})).toMatchObject({ status: 200, body: DEFAULTS });
    expect(record).not.toHaveBeenCalled();
  });

  it.each([
    [{ session_absolute_lifetime: 599 }, 'session_absolute_lifetime'],
    [{ session_absolute_lifetime: 30 * 24 * 3600 + 1 }, 'session_absolute_lifetime'],
    [{ session_absolute_lifetime: '36000' }, 'session_absolute_lifetime'],
    [{ session_idle_lifetime: 299 }, 'session_idle_lifetime'],
    [{ session_idle_lifetime: 300.5 }, 'session_idle_lifetime'],
    [{ session_idle_lifetime: 36_001 }, 'session_idle_lifetime'],
    [{ session_absolute_lifetime: 3_600 }, 'session_idle_lifetime'],
    [{ session_absolute_lifetime: 3_600, session_idle_lifetime: 3_601 }, 'session_idle_lifetime'],
    [{ portal_app_initiated: 'maybe' }, 'portal_app_initiated'],
    [{ company_name: '' }, 'company_name'],
    [{ company_name: '  ' }, 'company_name'],
    [{ company_name: 'x'.repeat(101) }, 'company_name'],
    [{ company_name: 'a\u0000b' }, 'company_name'],
    [{ company_name: 'a\u202eb' }, 'company_name'],
    [{ logo_uri: 'http://static.example.com/logo.svg' }, 'logo_uri'],
    [{ logo_uri: 'javascript:alert(1)' }, 'logo_uri'],
    [{ logo_uri: 'data:image/svg+xml,<svg/>' }, 'logo_uri'],
    [{ logo_uri: 'https://a.example/; script-src *' }, 'logo_uri'],
    [{ privacy_notice_uri: 'ftp://example.com/' }, 'privacy_notice_uri'],
    [{ privacy_notice_uri: '/privacy' }, 'privacy_notice_uri'],
    [{ accent_color: 'red' }, 'accent_color'],
    [{ accent_color: '#fff' }, 'accent_color'],
    [{ accent_color: '#12345g' }, 'accent_color'],
    [{ accent_color: '#123456\n' }, 'accent_color'],
    [{ signing_key_rotation: 6 * 86_400 }, 'signing_key_rotation'],
    [{ signing_key_announcement: 86_399 }, 'signing_key_announcement'],
    [{ theme: 'dark' }, 'theme'],
    [{ updated_at: 'now' }, 'updated_at'],
  ])('refuses %j, and leaves all as it was', async (change: object, field: string) => {
    const answer = await admin.call('PATCH', 'settings', { portal_app_initiated: 'hide', ...change });
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toEqual([field]);
    expect(await read()).toEqual(DEFAULTS);
  });

  it('takes http for a logo on a loopback address', async () => {
    const logo_uri = 'http://localhost:8080/logo.png';
    expect((await admin.call('PATCH', 'settings', { logo_uri })).body).toMatchObject({ logo_uri });
    await reset();
  });

  it('keeps what two operators change at the same time, each a field of their own', async () => {
    for (let round = 0; round < 5; round++) {
      await reset();
      const [company_name, accent_color] = [`Company ${round}`, `#00000${round}`];
      await Promise.all([
        admin.call('PATCH', 'settings', { company_name }),
        admin.call('PATCH', 'settings', { accent_color }),
        admin.call('PATCH', 'settings', { portal_app_initiated: 'hide' }),
      ]);
      expect(await read()).toEqual({ ...DEFAULTS, company_name, accent_color, portal_app_initiated: 'hide' });
    }
    await reset();
  });

  it('SESS-05: shorter lifetimes count for those who are signed in already, and at once', async () => {
    const agent = new UserAgent(clinch.url);
    await agent.authorize(authorizeUrl(clinch.url, app), await aPerson(clinch));
    const silently = async () => responseParameters(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'none' })));
    // So that the admin API's token, which is younger than the session, is still good.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1_000_000 });
    try {
      expect((await silently()).has('code')).toBe(true);
      await admin.call('PATCH', 'settings', { session_idle_lifetime: 600, session_absolute_lifetime: 900 });
      expect((await silently()).get('error')).toBe('login_required');
      await admin.call('PATCH', 'settings', { session_absolute_lifetime: 1_200 });
      expect((await silently()).has('code')).toBe(true);
      vi.setSystemTime(Date.now() + 199_000);
      expect((await silently()).has('code')).toBe(true);
      vi.setSystemTime(Date.now() + 2_000);
      expect((await silently()).get('error')).toBe('login_required');
    } finally {
      vi.useRealTimers();
      await reset();
    }
  });

  it('SESS-05: a shorter idle lifetime counts from the last use', async () => {
    const agent = new UserAgent(clinch.url);
    await agent.authorize(authorizeUrl(clinch.url, app), await aPerson(clinch));
    const silently = async () => responseParameters(await agent.get(authorizeUrl(clinch.url, app, { prompt: 'none' })));
    await admin.call('PATCH', 'settings', { session_idle_lifetime: 600 });
    try {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 595_000 });
      expect((await silently()).has('code')).toBe(true);
      vi.setSystemTime(Date.now() + 595_000);
      expect((await silently()).has('code')).toBe(true);
      vi.setSystemTime(Date.now() + 601_000);
      expect((await silently()).get('error')).toBe('login_required');
    } finally {
      vi.useRealTimers();
      await reset();
    }
  });
});
