import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestApp } from '../support/builders.js';
import {
  aMember,
  connectDingTalk,
  standing,
  storedEvents,
  untilEvents,
  untilOut,
  type Connected,
} from '../support/dingtalk-events.js';
import { aRefreshingApp } from '../support/refresh.js';
import { startClinch, type TestClinch } from '../support/start-clinch.js';
import { countRows } from '../support/rows.js';
import { DataSource } from 'typeorm';

describe('the HTTP callback of DingTalk', () => {
  let clinch: TestClinch;
  let connected: Connected;
  let app: TestApp;

  beforeEach(async () => {
    clinch = await startClinch();
    connected = await connectDingTalk(clinch, { callback: true });
    app = await aRefreshingApp(clinch, { backchannelLogoutUri: 'https://app.example/logout' });
  });
  afterEach(async () => {
    await clinch.stop();
    await connected.dingtalk.stop();
  });

  it('answers the handshake when the address is saved', async () => {
    const { dingtalk } = connected;
    expect(await dingtalk.events.verifyCallback(dingtalk.app)).toBe('success');
    for (const signatureNames of ['signature', 'msg_signature'] as const) {
      dingtalk.faults.switches.signatureNames = signatureNames;
      expect(await dingtalk.events.verifyCallback(dingtalk.app)).toBe('success');
    }
    expect(await storedEvents(clinch)).toEqual([]);
  });

  it('puts a leaver out of every app: refresh refused, session gone, introspection inactive', async () => {
    const { dingtalk } = connected;
    const member = await aMember(connected, app, 'u010');
    expect(await standing(connected, member)).toEqual({ session: true, active: true });
    dingtalk.company.leave('u010');
    const took = await untilOut(connected, member);
    expect(took).toBeLessThan(5_000);
    await dingtalk.events.settled();
    expect(dingtalk.events.sent().map(({ state, attempts }) => [state, attempts.length])).toEqual([['delivered', 1]]);
    const [event] = await untilEvents(clinch, 1);
    expect(event).toMatchObject({ type: 'user_leave_org', subject: 'u010', outcome: 'departed', via: 'callback' });
    expect(await countRows(clinch.app.get(DataSource), 'logout_notices', `account_id = '${member.accountId}'`)).toBe(1);
  });
});
