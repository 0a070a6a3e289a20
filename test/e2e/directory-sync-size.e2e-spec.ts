import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bigCompany } from '../../src/dingtalk-simulator/big-company.js';
import { aSyncedSource, KnownHere, type SyncedSource } from '../support/directory-sync.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';

const PEOPLE = 2_000;
const DEPARTMENTS = 100;
/** Each API is called once for a department, and takes 20 calls in a second. */
const FLOOR_MS = (DEPARTMENTS / 20) * 1_000;
/** On a machine that does other work as well; `bench/sync.mjs` measures. */
const LONGEST_MS = 4 * FLOOR_MS;

let clinch: TestClinch;
let synced: SyncedSource;

beforeAll(async () => {
  clinch = await startClinch();
  synced = await aSyncedSource(clinch, { company: bigCompany(PEOPLE, DEPARTMENTS) });
});
afterAll(async () => {
  await synced.dingtalk.stop();
  await clinch.stop();
});

describe('a larger organisation', () => {
  it('is read at the pace that DingTalk allows, by all APIs at once, and a second time without a write', async () => {
    const { syncs, source, dingtalk } = synced;
    const begun = performance.now();
    expect(await syncs.run()).toMatchObject({ state: 'done', progress: { people_applied: PEOPLE, errors: 0 } });
    expect(performance.now() - begun).toBeLessThan(LONGEST_MS);
    // Of each kind once for a department: nothing is asked twice, and the limit of 20 is never run into.
    for (const path of ['v2/user/list', 'v2/department/listsub', 'v2/department/get']) {
      expect(dingtalk.calls(`/oapi/topapi/${path}`), path).toHaveLength(DEPARTMENTS);
    }
    const here = new KnownHere(clinch, source.id);
    const before = await here.fingerprint();
    expect((await syncs.run()).progress).toMatchObject({ people_applied: 0, differences: 0 });
    expect(await here.fingerprint()).toBe(before);
  });
});
