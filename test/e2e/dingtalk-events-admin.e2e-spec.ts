import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventChannels } from '../../src/dingtalk/events/event-channels.js';
import { Streams } from '../../src/dingtalk/events/streams.js';
import { AdminApi, type Json } from '../support/admin-api.js';
import { connectDingTalk, untilEvents, type Connected } from '../support/dingtalk-events.js';
import { captureLog, type CapturedLog } from '../security/support/b-log.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

describe('the events of a source in the admin API', () => {
  let clinch: TestClinch;
  let connected: Connected;
  let admin: AdminApi;
  let log: CapturedLog;

  beforeAll(async () => {
    clinch = await startClinch({ CLINCH_LOG_LEVEL: 'info' });
    log = captureLog(clinch.app);
    admin = await AdminApi.of(clinch);
    connected = await connectDingTalk(clinch, { callback: true, stream: true });
    await clinch.app.get(Streams).look();
    const { company } = connected.dingtalk;
    company.change('u010', { title: '经理' });
    company.leave('u011');
    company.renameDepartment(212, '研发一部');
    await connected.dingtalk.events.settled();
    await untilEvents(clinch, 3);
  });
  afterAll(async () => {
    await clinch.stop();
    await connected.dingtalk.stop();
  });

  const list = async (query = '') => {
    const { status, body } = await admin.call('GET', `identity-sources/acme/events${query}`);
    expect(status, JSON.stringify(body)).toBe(200);
    return body as { items: Json[]; next_cursor: string | null };
  };

  it('are listed, the newest first, page by page', async () => {
    const { items } = await list();
    expect(items.map(({ type, subject, state }) => [type, subject, state])).toEqual(
      expect.arrayContaining([
        ['org_dept_modify', '212', 'done'],
        ['user_leave_org', 'u011', 'done'],
        ['user_modify_org', 'u010', 'done'],
      ]),
    );
    const times = items.map(({ received_at: at }) => String(at));
    expect(times).toEqual(times.toSorted().toReversed());
    const paged: Json[] = [];
    for (let cursor: string | null = '', pages = 0; cursor !== null && pages < 10; pages++) {
      const page = await list(`?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
      paged.push(...page.items);
      cursor = page.next_cursor;
    }
    expect(paged).toEqual(items);
  });

  it('are filtered by state and type', async () => {
    expect((await list('?type=user_leave_org')).items).toMatchObject([{ subject: 'u011' }]);
    expect((await list('?state=done')).items).toHaveLength(3);
    expect((await list('?state=failed&type=user_leave_org')).items).toEqual([]);
    for (const query of ['state=over', 'type=%00', 'type=', 'limit=0', 'cursor=bm90aGluZw', 'kind=x']) {
      expect((await admin.call('GET', `identity-sources/acme/events?${query}`)).status, query).toBe(400);
    }
  });

  it('are read one by one', async () => {
    const [event] = (await list('?type=user_modify_org')).items;
    const { status, body } = await admin.call('GET', `identity-sources/acme/events/${String(event?.['id'])}`);
    expect(status).toBe(200);
    expect(body).toEqual(event);
    expect(body).toMatchObject({ subject_kind: 'person', outcome: 'updated', attempts: 0, error: null });
    expect(body['born_at']).toMatch(/Z$/);
  });

  it('can be tried again', async () => {
    const [event] = (await list('?type=user_modify_org')).items;
    const path = `identity-sources/acme/events/${String(event?.['id'])}`;
    connected.dingtalk.company.change('u010', { title: '总监' }, { silent: true });
    log.clear();
    const answer = await admin.call('POST', `${path}/retry`);
    expect(answer.status).toBe(200);
    expect(answer.body['finished_at']).toBeNull();
    await expect.poll(async () => (await admin.call('GET', path)).body['outcome'], { timeout: 5_000 }).toBe('updated');
    expect(log.audit('directory.event_received')).toMatchObject([
      { via: 'retry', by: `event ${String(event?.['event_id'])}` },
    ]);
  });

  it('cannot be tried again while they are being worked on', async () => {
    const [event] = (await list('?type=user_modify_org')).items;
    const id = String(event?.['id']);
    const set = (state: string) =>
      clinch.app.get(DataSource).query(`UPDATE directory_events SET state = '${state}' WHERE id = '${id}'`);
    await set('working');
    expect((await admin.call('POST', `identity-sources/acme/events/${id}/retry`)).status).toBe(409);
    await set('done');
  });

  it('are nowhere but at their source', async () => {
    const [event] = (await list()).items;
    const id = String(event?.['id']);
    for (const path of [
      `nobody/events`,
      `nobody/events/${id}`,
      'acme/events/nothing',
      'acme/events/%00',
      'nobody/event-channels',
    ]) {
      expect((await admin.call('GET', `identity-sources/${path}`)).status, path).toBe(404);
    }
    expect((await admin.call('POST', 'identity-sources/acme/events/nothing/retry')).status).toBe(404);
  });

  it('come by channels whose state is shown', async () => {
    await clinch.app.get(EventChannels).note();
    const { status, body } = await admin.call('GET', 'identity-sources/acme/event-channels');
    expect(status).toBe(200);
    const channels = body['items'] as Json[];
    expect(new Set(channels.map(({ kind }) => kind))).toEqual(new Set(['callback', 'stream']));
    expect(channels).toHaveLength(2);
    for (const channel of channels) {
      expect(channel).toMatchObject({ events: 3, failures: 0, last_failure: null });
      expect(channel['last_seen_at']).toMatch(/Z$/);
    }
    expect(channels.find(({ kind }) => kind === 'stream')?.['connected_since']).toMatch(/Z$/);
  });
});
