import { describe, expect, it } from 'vitest';
import type { AuditRecord } from './audit-log.js';
import { StrangerLimits } from './stranger-limits.js';

const MINUTE = 60_000;
const NOON = 1_763_726_400_000;

function failure(address: string, subject?: string, at = NOON): AuditRecord {
  return {
    event: 'sign_in.failed',
    actor: { address },
    details: subject === undefined ? {} : { subject },
    at: new Date(at),
  };
}

function allowed(limits: StrangerLimits, records: readonly AuditRecord[]): number {
  return records.filter((record) => limits.allows(record)).length;
}

const times = (count: number, make: (each: number) => AuditRecord) =>
  Array.from({ length: count }, (_, each) => make(each));

describe('what strangers can bring into the trail', () => {
  it('is enough for one network in a minute, and begins again with the next', () => {
    const limits = new StrangerLimits();
    expect(
      allowed(
        limits,
        times(500, () => failure('192.0.2.1')),
      ),
    ).toBe(120);
    expect(limits.allows(failure('192.0.2.2'))).toBe(true);
    expect(limits.allows(failure('192.0.2.1', undefined, NOON + MINUTE))).toBe(true);
  });

  it('leaves room for what happens to an account behind the same address', () => {
    const limits = new StrangerLimits();
    allowed(
      limits,
      times(500, () => failure('192.0.2.1')),
    );
    expect(
      allowed(
        limits,
        times(50, () => failure('192.0.2.1', 'victim')),
      ),
    ).toBe(10);
  });

  it('ends for all networks together', () => {
    const limits = new StrangerLimits();
    expect(
      allowed(
        limits,
        times(10_000, (each) => failure(`net-${each}`)),
      ),
    ).toBe(6_000);
  });

  it('is counted where it is left out, once the minute is over', () => {
    const limits = new StrangerLimits();
    allowed(
      limits,
      times(150, () => failure('192.0.2.1')),
    );
    expect(limits.more(NOON + MINUTE - 1)).toEqual([]);
    expect(limits.more(NOON + MINUTE)).toEqual([
      {
        event: 'sign_in.failed',
        actor: { address: '192.0.2.1' },
        details: { more: 30, networks: 1 },
        at: new Date(NOON + MINUTE - 1),
      },
    ]);
    expect(limits.more(NOON + 2 * MINUTE)).toEqual([]);
  });

  it('is everything of those who have proven something', () => {
    const record = { ...failure('192.0.2.1'), event: 'token.issued' } as const;
    expect(
      allowed(
        new StrangerLimits(),
        times(500, () => record),
      ),
    ).toBe(500);
  });
});
