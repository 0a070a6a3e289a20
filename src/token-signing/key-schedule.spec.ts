import { describe, expect, it } from 'vitest';
import type { SigningAlgorithm } from '../protocol/signing-algorithm.js';
import { nextChange, scheduleSteps, statesAt, type ScheduledKey } from './key-schedule.js';

const DAY = 86_400_000;
/** Seconds. */
const TIMES = { rotation: 90 * 86_400, announcement: 86_400, keep: 87_000, jwksMaxAge: 300 };
const START = Date.parse('2027-01-01T00:00:00Z');

/** The rows as the store keeps them, with the clock in the test's hand. */
class Rows {
  keys: ScheduledKey[] = [];
  private made = 0;

  /** Does what the schedule has, as the store does it. */
  follow(now: number, times = TIMES): void {
    for (let round = 0; round < 3; round++) {
      for (const step of scheduleSteps(this.keys, times, now)) {
        if (step.kind === 'announce') this.announce(step.algorithm, step.signsFrom, now);
        else this.keys = this.keys.map((key) => (key.kid === step.kid ? { ...key, ...step } : key));
      }
    }
    expect(scheduleSteps(this.keys, times, now)).toEqual([]);
  }

  signing(now: number, algorithm: SigningAlgorithm = 'RS256'): ScheduledKey {
    const found = [...statesAt(this.keys, now)].filter(
      ([key, state]) => state === 'signing' && key.algorithm === algorithm,
    );
    expect(found).toHaveLength(1);
    return found[0]?.[0] as ScheduledKey;
  }

  published(now: number): string[] {
    return [...statesAt(this.keys, now)].filter(([, state]) => state !== 'gone').map(([{ kid }]) => kid);
  }

  revoke(kid: string, now: number): void {
    const at = new Date(now);
    this.keys = this.keys.map((key) => (key.kid === kid ? { ...key, state: 'gone', revokedAt: at, goneAt: at } : key));
  }

  private announce(algorithm: SigningAlgorithm, signsFrom: Date, now: number): void {
    const kid = `${algorithm} ${++this.made}`;
    const times = { createdAt: new Date(now), signsFrom, retiresAt: null, goneAt: null, revokedAt: null };
    this.keys.push({ kid, algorithm, state: 'announced', ...times });
  }
}

describe('the schedule of signing keys', () => {
  it('has a key for each algorithm on the very first start, and all of them sign', () => {
    const rows = new Rows();
    rows.follow(START);
    expect(rows.keys.map(({ algorithm }) => algorithm)).toEqual(['RS256', 'PS256', 'ES256', 'EdDSA']);
    for (const key of rows.keys) expect(rows.signing(START, key.algorithm)).toBe(key);
  });

  it('over two years, looked at now and then, no key signs that was not published for a day, none goes before what it signed', () => {
    const rows = new Rows();
    const publishedSince = new Map<string, number>();
    const signedUntil = new Map<string, number>();
    // Never the same hour of the day, and once a node that was down for a month.
    for (
      let now = START;
      now < START + 730 * DAY;
      now += now > START + 400 * DAY && now < START + 401 * DAY ? 30 * DAY : 70_000_000
    ) {
      rows.follow(now);
      const published = rows.published(now);
      for (const kid of published) publishedSince.set(kid, publishedSince.get(kid) ?? now);
      const { kid, createdAt } = rows.signing(now);
      signedUntil.set(kid, now);
      if (createdAt.getTime() > START) expect(now - (publishedSince.get(kid) ?? now)).toBeGreaterThanOrEqual(DAY);
      const live = [...signedUntil].filter(([, until]) => now - until <= DAY).map(([each]) => each);
      expect(published).toEqual(expect.arrayContaining(live));
      expect(published.length).toBeLessThanOrEqual(8);
    }
    expect(signedUntil.size).toBeGreaterThanOrEqual(8);
    // Those that are gone have been noted, which is when their private half is destroyed.
    expect(rows.keys.filter(({ state }) => state === 'gone').length).toBeGreaterThan(20);
  });

  it('goes on by the planned times while nobody can write', () => {
    const rows = new Rows();
    rows.follow(START);
    const first = rows.signing(START);
    rows.follow(START + 89.5 * DAY);
    expect(rows.signing(START + 89.9 * DAY)).toMatchObject({ kid: first.kid });
    const next = rows.signing(START + 90.6 * DAY);
    expect(next.kid).not.toBe(first.kid);
    expect(nextChange(rows.keys, START + 89.9 * DAY)).toBe(next.signsFrom?.getTime());
    expect(statesAt(rows.keys, START + 90.6 * DAY).get(rows.keys[0] as ScheduledKey)).toBe('retiring');
    expect(statesAt(rows.keys, START + 92 * DAY).get(rows.keys[0] as ScheduledKey)).toBe('gone');
    // However long: the last one is never given up.
    expect(rows.signing(START + 900 * DAY).kid).toBe(next.kid);
  });

  it('says a key’s times before they come, and follows a setting that changes', () => {
    const rows = new Rows();
    rows.follow(START);
    expect(rows.signing(START)).toMatchObject({
      retiresAt: new Date(START + 90 * DAY),
      goneAt: new Date(START + 90 * DAY + 87_000_000),
    });
    rows.follow(START + DAY, { ...TIMES, rotation: 30 * 86_400 });
    expect(rows.signing(START + DAY).retiresAt).toEqual(new Date(START + 30 * DAY));
    // Shorter than the time that has passed: announced all the same.
    rows.follow(START + 20 * DAY, { ...TIMES, rotation: 7 * 86_400 });
    expect(rows.signing(START + 20 * DAY).retiresAt).toEqual(new Date(START + 21 * DAY));
  });

  it('announces the first key of an algorithm that is new to a server', () => {
    const rows = new Rows();
    rows.follow(START);
    rows.keys = rows.keys.filter(({ algorithm }) => algorithm === 'RS256');
    rows.follow(START + 5 * DAY);
    const es256 = rows.keys.find(({ algorithm }) => algorithm === 'ES256');
    // Nodes of the release before, which know RS256 only, take whatever is noted as signing: it is not for a day.
    expect(es256).toMatchObject({ state: 'announced', signsFrom: new Date(START + 6 * DAY) });
    // It is the only one: an app that chooses it at once is served.
    expect(rows.signing(START + 5 * DAY, 'ES256')).toBe(es256);
  });

  it('never lets a key that was retired or revoked sign again, and never is without one', () => {
    const rows = new Rows();
    rows.follow(START);
    rows.follow(START + 89.5 * DAY);
    const now = START + 90.5 * DAY;
    rows.follow(now);
    const [first, second] = rows.keys.filter(({ algorithm }) => algorithm === 'RS256');
    expect([first?.state, second?.state]).toEqual(['retiring', 'signing']);
    rows.revoke(second?.kid ?? '', now);
    rows.follow(now);
    const third = rows.signing(now);
    expect([first?.kid, second?.kid]).not.toContain(third.kid);
    // On a node whose clock is half a minute behind as well.
    expect(rows.signing(now - 30_000).kid).toBe(third.kid);
    expect(rows.published(now)).not.toContain(second?.kid);
  });

  it.each([
    ['noticed at once', 0],
    ['noticed after two days, when the key is noted as signing', 2 * DAY],
  ])('goes on after a node with a clock that is years ahead: %s', (_, noticedAfter) => {
    const rows = new Rows();
    rows.follow(START);
    const now = START + 30 * DAY;
    const ahead = now + 1500 * DAY;
    rows.follow(ahead);
    rows.follow(ahead + noticedAfter);
    const of = () => rows.keys.filter(({ algorithm }) => algorithm === 'RS256');
    expect(of()).toHaveLength(2);
    rows.follow(now + noticedAfter);
    const newest = of().at(-1);
    expect(newest?.signsFrom?.getTime()).toBeLessThanOrEqual(now + noticedAfter + DAY);
    expect(newest?.retiresAt?.getTime()).toBeLessThanOrEqual(now + noticedAfter + 91 * DAY);
    // And the next ones come in their time.
    for (let day = 1; day < 200; day++) rows.follow(now + noticedAfter + day * DAY);
    expect(of().length).toBeGreaterThanOrEqual(4);
  });

  it('makes no key after key where two nodes do not agree on the year', () => {
    const rows = new Rows();
    rows.follow(START);
    const now = START + 30 * DAY;
    for (let second = 0; second < 100; second++) {
      rows.follow(now + 1500 * DAY + second * 1000);
      rows.follow(now + second * 1000);
    }
    expect(rows.keys.filter(({ algorithm }) => algorithm === 'RS256').length).toBeLessThanOrEqual(3);
  });

  it('moves nothing on a node whose clock is before everything that is known', () => {
    const rows = new Rows();
    rows.follow(START);
    for (let day = 1; day <= 120; day++) rows.follow(START + day * DAY);
    const before = rows.keys.map(({ kid, signsFrom }) => [kid, signsFrom]);
    expect(before.length).toBeGreaterThan(4);
    rows.follow(START - 1500 * DAY);
    expect(rows.keys.map(({ kid, signsFrom }) => [kid, signsFrom])).toEqual(before);
  });
});
