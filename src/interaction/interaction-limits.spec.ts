import { describe, expect, it } from 'vitest';
import { InteractionLimits } from './interaction-limits.js';

const ORDINARY = 700;
const LARGE = 16_000;

/** How many of that size an address has stored before it is refused, and how. */
async function storedUntilRefused(limits: InteractionLimits, address: string, bytes: number) {
  for (let count = 0; ; count++) {
    try {
      await limits.begin(address, bytes);
    } catch (refusal) {
      return { count, refusal };
    }
  }
}

describe('what strangers can have stored', () => {
  it('is counted by its bytes: large requests are fewer', async () => {
    const limits = new InteractionLimits();
    const ordinary = await storedUntilRefused(limits, '192.0.2.1', ORDINARY);
    expect(ordinary.count).toBe(1_200);
    expect(ordinary.refusal).toMatchObject({ situation: 'too_many_requests', status: 429 });
    const large = await storedUntilRefused(limits, '192.0.2.2', LARGE);
    expect(large.count * LARGE).toBeLessThanOrEqual(1_200 * 1_024);
    expect(large.count).toBe(75);
  });

  it('has a ceiling over all addresses, which those that are refused already do not use up', async () => {
    const limits = new InteractionLimits();
    await storedUntilRefused(limits, '192.0.2.1', ORDINARY);
    for (let count = 0; count < 2_000; count++) await limits.begin('192.0.2.1', LARGE).catch(() => undefined);
    const left = (30_000 - 1_200) / 16;
    for (let address = 0; address < left; address++) await limits.begin(`2001:db8::${address.toString(16)}`, LARGE);
    const { count, refusal } = await storedUntilRefused(limits, '192.0.2.3', ORDINARY);
    expect(count).toBe(0);
    expect(refusal).toMatchObject({ code: 'temporarily_unavailable', status: 503 });
    expect(refusal).toHaveProperty('retryAfter', expect.any(Number));
  });
});
