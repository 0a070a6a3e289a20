import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DirectoryUpdates } from '../../src/dingtalk/directory/directory-updates.js';
import { EventInbox } from '../../src/dingtalk/events/event-inbox.js';
import { Leases } from '../../src/database/leases.js';
import { Streams } from '../../src/dingtalk/events/streams.js';
import { IdentitySources } from '../../src/dingtalk/source/identity-sources.js';
import { startNode, type Node } from '../security/support/b-server.js';
import { connectDingTalk, untilEvents, type Connected } from '../support/dingtalk-events.js';
import { testDatabaseKind } from '../support/postgres.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

// One embedded database has one node.
describe.runIf(testDatabaseKind() === 'postgres')('the events of a source on two nodes', () => {
  let clinch: TestClinch;
  let other: Node;
  let connected: Connected;

  beforeEach(async () => {
    clinch = await startClinch();
    other = await startNode({ url: clinch.databaseUrl });
    connected = await connectDingTalk(clinch, { stream: true });
    other.app.get(IdentitySources).forget();
  });
  afterEach(async () => {
    await other.stop();
    await clinch.stop();
    await connected.dingtalk.stop();
  });

  const nodes = () => [clinch.app, other.app];
  const connections = () => connected.dingtalk.events.stream.connections().length;

  it('of one person are never worked on by both at a time', async () => {
    let [running, most] = [0, 0];
    for (const app of nodes()) {
      vi.spyOn(app.get(DirectoryUpdates), 'refreshPerson').mockImplementation(async () => {
        most = Math.max(most, ++running);
        await new Promise((done) => setTimeout(done, 30));
        running--;
        return 'updated';
      });
    }
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        nodes().map((app, index) => {
          const event = { eventId: `${round}-${index}`, type: 'user_modify_org', payload: { userId: ['u001'] } };
          return app.get(EventInbox).put(connected.source, { ...event, via: 'stream', bornAt: undefined }, 5_000);
        }),
      );
    }
    await untilEvents(clinch, 20, ['done'], 20_000);
    expect(most).toBe(1);
  });

  it('DING-12 come by one Stream connection, and are handled once', async () => {
    await Promise.all(nodes().map((app) => app.get(Streams).look()));
    await expect.poll(connections, { timeout: 5_000 }).toBe(1);
    await Promise.all(nodes().map((app) => app.get(Streams).look()));
    await new Promise((done) => setTimeout(done, 500));
    expect(connections()).toBe(1);
    const handled = nodes().map((app) => vi.spyOn(app.get(DirectoryUpdates), 'refreshPerson'));
    const event = connected.dingtalk.events.pushRaw(connected.source.corpId, 'user_modify_org', { userId: ['u010'] });
    connected.dingtalk.events.send(event);
    await connected.dingtalk.events.settled();
    await untilEvents(clinch, 1);
    expect(handled.flatMap(({ mock }) => mock.calls)).toHaveLength(1);
  });

  it('lets one of all who want a lease at once have it, until it is given back or over', async () => {
    const [one, two] = nodes().map((app) => app.get(Leases));
    if (one === undefined || two === undefined) throw new Error('there are two');
    const wanted = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).acquire('a', 60_000, `h${index}`)),
    );
    expect(wanted.filter(Boolean)).toHaveLength(1);
    await one.acquire('b', 60_000);
    expect(await two.acquire('b', 60_000)).toBe(false);
    expect(await one.acquire('b', 60_000)).toBe(true);
    await two.release('b');
    expect(await two.acquire('b', 60_000)).toBe(false);
    await one.release('b');
    expect(await two.acquire('b', 1)).toBe(true);
    await new Promise((done) => setTimeout(done, 5));
    expect(await one.acquire('b', 60_000)).toBe(true);
  });
});
