import { describe, expect, it } from 'vitest';
import { exactTime } from './moment.js';

const at = new Date('2026-01-31T20:05:00Z');

describe('exactTime', () => {
  it('is in the zone of the profile, by its name', () => {
    expect(exactTime({ at, locale: 'en', zone: 'America/New_York' })).toContain('15:05');
    expect(exactTime({ at, locale: 'en', zone: 'America/New_York' })).toMatch(/GMT-5|EST/);
    expect(exactTime({ at, locale: 'zh-CN', zone: 'UTC' })).toContain('20:05');
  });

  it.each([undefined, 'Mars/Base', ''])(
    'has a zone of its own for a profile with %s, whatever the server’s is',
    (zone) => {
      const server = process.env['TZ'];
      try {
        for (const its of ['America/New_York', 'Asia/Tokyo', 'UTC']) {
          process.env['TZ'] = its;
          expect(exactTime({ at, locale: 'en', zone })).toMatch(/31 Jan 2026.*20:05 UTC/);
          expect(exactTime({ at, locale: 'zh-CN', zone })).toMatch(/2月1日.*04:05/);
          expect(exactTime({ at, locale: 'zh-CN', zone })).toMatch(/GMT\+8/);
        }
      } finally {
        if (server === undefined) delete process.env['TZ'];
        else process.env['TZ'] = server;
      }
    },
  );
});
