import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DirectorySyncs } from '../../src/dingtalk/directory/directory-syncs.js';
import { DirectoryUpdates } from '../../src/dingtalk/directory/directory-updates.js';
import { EventChannels } from '../../src/dingtalk/events/event-channels.js';
import { EventStore } from '../../src/dingtalk/events/event-store.js';
import { Streams } from '../../src/dingtalk/events/streams.js';
import { IdentitySourceEntity } from '../../src/dingtalk/source/identity-source.entity.js';
import { IdentitySources } from '../../src/dingtalk/source/identity-sources.js';
import {
  aMember,
  connectDingTalk,
  storedEvents,
  untilEvents,
  untilOut,
  type Connected,
  type Connection,
} from '../support/dingtalk-events.js';
import { aRefreshingApp } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

const QUICK = { streamAckMs: 500, streamCloseMs: 600, streamPingMs: 200 };

describe('the Stream mode of DingTalk', () => {
  let clinch: TestClinch;
  let connected: Connected;

  beforeEach(async () => {
    clinch = await startClinch();
  });
  afterEach(async () => {
    await clinch.stop();
    await connected.dingtalk.stop();
  });

  const connections = () => connected.dingtalk.events.stream.connections();
  const untilConnections = (count: number, within = 10_000) =>
    expect.poll(() => connections().filter(({ isLeaving }) => !isLeaving).length, { timeout: within }).toBe(count);

  /** A source with a connection that stands. */
  async function connect(connection: Connection = {}): Promise<void> {
    connected = await connectDingTalk(clinch, { stream: true, timings: QUICK, ...connection });
    await clinch.app.get(Streams).look();
    await untilConnections(1);
  }

  async function change(settings: Partial<IdentitySourceEntity>): Promise<void> {
    await clinch.app.get(DataSource).getRepository(IdentitySourceEntity).update({ id: 'acme' }, settings);
    clinch.app.get(IdentitySources).forget();
  }

  const delivered = () => connected.dingtalk.events.sent().map(({ state }) => state);
  const attempts = () => connected.dingtalk.events.sent().map((sent) => sent.attempts.map(({ outcome }) => outcome));

  it('puts a leaver out of every app: refresh refused, session gone, introspection inactive', async () => {
    await connect();
    const member = await aMember(connected, await aRefreshingApp(clinch), 'u010');
    connected.dingtalk.company.leave('u010');
    expect(await untilOut(connected, member)).toBeLessThan(5_000);
    const [event] = await untilEvents(clinch, 1);
    expect(event).toMatchObject({ type: 'user_leave_org', subject: 'u010', outcome: 'departed', via: 'stream' });
    await connected.dingtalk.events.settled();
    expect(attempts()).toEqual([['success']]);
  });

  it('answers pings, and stays connected', async () => {
    await connect();
    await expect.poll(() => connections()[0]?.pongs, { timeout: 5_000 }).toBeGreaterThan(2);
    expect(connections()).toHaveLength(1);
  });

  it('brings an event once that comes by the callback too', async () => {
    await connect({ callback: true });
    const refreshed = vi.spyOn(clinch.app.get(DirectoryUpdates), 'refreshPerson');
    connected.dingtalk.company.change('u010', { title: '经理' });
    await connected.dingtalk.events.settled();
    expect(delivered()).toEqual(['delivered', 'delivered']);
    await untilEvents(clinch, 1);
    expect(await storedEvents(clinch)).toHaveLength(1);
    expect(refreshed).toHaveBeenCalledTimes(1);
  });

  it('DING-10 says LATER as long as an event is not stored, and it comes again', async () => {
    await connect();
    const store = clinch.app.get(EventStore);
    const failing = vi.spyOn(store, 'insert').mockRejectedValue(new Error('disk full'));
    connected.dingtalk.company.change('u010', { title: '经理' });
    await expect.poll(() => attempts()[0]?.length, { timeout: 5_000 }).toBeGreaterThan(0);
    expect(await storedEvents(clinch)).toEqual([]);
    failing.mockRestore();
    await connected.dingtalk.events.settled();
    expect(attempts()[0]?.[0]).toBe('later');
    expect(attempts()[0]?.at(-1)).toBe('success');
    await untilEvents(clinch, 1);
  });

  it('DING-10 acknowledges only after the event is stored', async () => {
    await connect();
    const store = clinch.app.get(EventStore);
    const insert = store.insert.bind(store);
    let letGo = (): void => undefined;
    const gate = new Promise<void>((done) => (letGo = done));
    vi.spyOn(store, 'insert').mockImplementation(async (rows) => {
      await gate;
      return insert(rows);
    });
    connected.dingtalk.company.change('u010', { title: '经理' });
    await expect.poll(() => attempts()[0]?.[0], { timeout: 5_000 }).toBe('no answer');
    letGo();
    await connected.dingtalk.events.settled();
    expect(attempts()[0]?.at(-1)).toBe('success');
    expect(await untilEvents(clinch, 1)).toHaveLength(1);
  });

  it('DING-11 connects again when the socket is cut, and misses nothing', async () => {
    await connect();
    connected.dingtalk.events.stream.dropAll();
    connected.dingtalk.company.change('u010', { title: '经理' });
    await untilConnections(1);
    await connected.dingtalk.events.settled();
    expect(delivered()).toEqual(['delivered']);
    await untilEvents(clinch, 1);
  });

  it('opens the next connection at once when it is asked to leave, and goes on with the old one until it ends', async () => {
    await connect();
    connected.dingtalk.events.stream.disconnectAll();
    await expect.poll(() => connections().length, { timeout: 400, interval: 10 }).toBe(2);
    connected.dingtalk.company.change('u010', { title: '经理' });
    await connected.dingtalk.events.settled();
    expect(delivered()).toEqual(['delivered']);
    await expect.poll(() => connections().length, { timeout: 5_000 }).toBe(1);
    await untilConnections(1);
  });

  it('DING-11 gives up a connection that looks open and is silent', async () => {
    Object.assign(clinch.app.get(Streams).timings, { idle: 600 });
    await connect();
    connected.dingtalk.faults.switches.streamSilent = true;
    connected.dingtalk.company.change('u010', { title: '经理' });
    await expect.poll(() => openedConnections(), { timeout: 10_000 }).toBeGreaterThan(1);
    connected.dingtalk.faults.switches.streamSilent = false;
    await connected.dingtalk.events.settled(20_000);
    expect(delivered()).toEqual(['delivered']);
    await untilEvents(clinch, 1);
  });

  const openedConnections = () => connected.dingtalk.calls('/api/v1.0/gateway/connections/open').length;

  it('waits longer and longer while DingTalk refuses, and connects when it does not', async () => {
    Object.assign(clinch.app.get(Streams).timings, { firstWait: 50 });
    connected = await connectDingTalk(clinch, { stream: true, timings: QUICK, app: { published: false } });
    await clinch.app.get(Streams).look();
    await expect.poll(openedConnections, { timeout: 10_000 }).toBeGreaterThan(3);
    const times = connected.dingtalk.calls('/api/v1.0/gateway/connections/open').map(({ at }) => at);
    const waits = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(waits.at(2)).toBeGreaterThan((waits.at(0) ?? 0) * 1.5);
    connected.dingtalk.app.published = true;
    await untilConnections(1);
  });

  it('closes the connection of a source that is switched off, and opens another when its secret is another', async () => {
    await connect();
    await change({ streamEvents: false });
    await clinch.app.get(Streams).look();
    await untilConnections(0);
    await change({ streamEvents: true });
    await clinch.app.get(Streams).look();
    await untilConnections(1);
    const before = openedConnections();
    await change({ name: 'Another name' });
    await clinch.app.get(Streams).look();
    expect(openedConnections()).toBe(before);
    const { clientSecret } = connected.source.settings;
    await change({ clientSecret: `${clientSecret}x` });
    await clinch.app.get(Streams).look();
    await untilConnections(0);
    await change({ clientSecret });
    await clinch.app.get(Streams).look();
    await untilConnections(1);
    expect(openedConnections()).toBe(before + 1);
  });

  it('takes an event of another organisation and does nothing with it', async () => {
    await connect();
    const { dingtalk } = connected;
    const event = dingtalk.events.pushRaw(dingtalk.app.corpId, 'org_change', {});
    await untilEvents(clinch, 1);
    await dingtalk.events.stream.deliver(dingtalk.app, { ...event, corpId: 'dingcorp0002', eventId: 'foreign' });
    expect(attempts()).toEqual([['success'], ['success']]);
    expect(await storedEvents(clinch)).toHaveLength(1);
  });

  it('asks for a full sync after an outage of more than a minute, and after none that was shorter', async () => {
    const reconcile = vi.spyOn(clinch.app.get(DirectorySyncs), 'reconcileSoon').mockResolvedValue();
    await connect();
    connected.dingtalk.events.stream.dropAll();
    await untilConnections(0);
    await untilConnections(1);
    expect(reconcile).not.toHaveBeenCalled();
    await change({ streamEvents: false });
    await clinch.app.get(Streams).look();
    const channels = clinch.app.get(EventChannels);
    await channels.note();
    await clinch.app.get(DataSource).query(`UPDATE dingtalk_event_channels SET last_seen_at = ${Date.now() - 61_000}`);
    await change({ streamEvents: true });
    await clinch.app.get(Streams).look();
    await expect
      .poll(() => reconcile.mock.calls.map(([{ id }, by]) => [id, by]), { timeout: 5_000 })
      .toEqual([['acme', 'stream reconnected']]);
  });
});
