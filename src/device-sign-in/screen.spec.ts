import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import qrcode from 'qrcode';
import { describe, expect, it } from 'vitest';
import { Screen, printable } from './screen.js';

const ADDRESS = 'http://localhost:3000/device?user_code=WDJB-MJHT';

/** A screen, and what was written to it. */
function aScreen(terminal: { isTTY: boolean; columns?: number; colours?: boolean }): {
  screen: Screen;
  text: () => string;
} {
  const out = Object.assign(new PassThrough({ encoding: 'utf8' }), {
    isTTY: terminal.isTTY,
    columns: terminal.columns,
    hasColors: () => terminal.colours ?? terminal.isTTY,
  });
  return {
    screen: new Screen(out as unknown as WriteStream & { fd: 1 }),
    text: () => String(out.read() ?? ''),
  };
}

/** Reads the dark modules off the screen again, as a camera would. */
function modulesOf(text: string, dark: { top: string; bottom: string }): string {
  const rows = text.split('\n').flatMap((line) => {
    const characters = Array.from(line.replace(/\u001b\[[\d;]*m/g, '').slice(2));
    const row = (set: string) => characters.map((character) => (set.includes(character) ? '1' : '0')).join('');
    return characters.length === 0 ? [] : [row(dark.top), row(dark.bottom)];
  });
  const size = Number(rows[0]?.length) - 4;
  return rows
    .slice(2, size + 2)
    .map((row) => row.slice(2, -2))
    .join('');
}

describe('the QR code', () => {
  const expected = [...qrcode.create(ADDRESS, { errorCorrectionLevel: 'L' }).modules.data].map((dark) =>
    dark ? 1 : 0,
  );

  it('is black on white on a terminal with colours, whatever its theme', () => {
    const { screen, text } = aScreen({ isTTY: true, columns: 80 });
    screen.qrCode(ADDRESS);
    const shown = text();
    expect(shown).toContain('\u001b[38;5;16;48;5;231m');
    expect(modulesOf(shown, { top: '▀█', bottom: '▄█' })).toBe(expected.join(''));
  });

  it('takes the light characters for white where there are no colours', () => {
    const { screen, text } = aScreen({ isTTY: false });
    screen.qrCode(ADDRESS);
    const shown = text();
    expect(shown).not.toContain('\u001b');
    expect(modulesOf(shown, { top: '▄ ', bottom: '▀ ' })).toBe(expected.join(''));
  });

  it('is left out where it does not fit', () => {
    const { screen, text } = aScreen({ isTTY: true, columns: 30 });
    screen.qrCode(ADDRESS);
    expect(text()).toBe('');
  });
});

describe('text of others', () => {
  it('cannot command the terminal', () => {
    expect(printable('李\u001b[2J\u0007\r华\u202e!')).toBe('李[2J华!');
  });

  it('looks as it should in a table, and brings no looks of its own', () => {
    const { screen, text } = aScreen({ isTTY: true });
    screen.table([['Code', 'WDJB\u001b[31m', 'strong']]);
    expect(text()).toBe('    \u001b[2mCode   \u001b[22m\u001b[1mWDJB[31m\u001b[22m\n');
  });

  it('stands in a table without colours where nobody sees them', () => {
    const { screen, text } = aScreen({ isTTY: false });
    screen.table([
      ['Name', 'Ann\n'],
      ['Email', undefined],
      ['Verified', true],
    ]);
    expect(text()).toBe('    Name       Ann\n    Verified   true\n');
  });
});
