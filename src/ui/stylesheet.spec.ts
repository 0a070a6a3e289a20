import { describe, expect, it } from 'vitest';
import { contrast, rgb } from './contrast.js';
import { GROUNDS, STYLESHEET, STYLESHEET_PATH } from './stylesheet.js';

/** The colour tokens of both themes, read from the stylesheet itself. */
function tokens(theme: 'light' | 'dark'): Map<string, string> {
  const blocks = [...STYLESHEET.matchAll(/:root \{([^}]*)\}/g)].map((match) => match[1] ?? '');
  const block = blocks[theme === 'light' ? 0 : 1] ?? '';
  return new Map([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1] ?? '', match[2] ?? '']));
}

const TEXT_PAIRS = [
  ['text', 'surface'],
  ['text', 'sunken'],
  ['muted', 'surface'],
  ['muted', 'sunken'],
  ['muted', 'bg'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['danger', 'surface'],
  ['danger', 'danger-soft'],
  ['avatar-text', 'avatar'],
] as const;

const CONTROL_PAIRS = [
  ['control-line', 'surface'],
  ['accent-text', 'surface'],
  ['accent', 'surface'],
] as const;

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  const colours = tokens(theme);
  const between = (one: string, other: string) => contrast(rgb(colours.get(one) ?? ''), rgb(colours.get(other) ?? ''));

  it.each(TEXT_PAIRS)('WCAG 1.4.3: %s on %s has a contrast of 4.5 at least', (text, ground) => {
    expect(between(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it('tells a theme which grounds there are', () => {
    expect(GROUNDS[theme]).toEqual(['surface', 'bg', 'sunken'].map((ground) => colours.get(ground)));
  });

  it.each(CONTROL_PAIRS)('WCAG 1.4.11: %s on %s has a contrast of 3 at least', (line, ground) => {
    expect(between(line, ground)).toBeGreaterThanOrEqual(3);
  });
});

describe('the stylesheet', () => {
  it('writes white on every tile with a contrast of 4.5 at least', () => {
    const tones = [...STYLESHEET.matchAll(/\.tone-\d \{ background: (#[0-9a-f]{6}); \}/g)].map(
      (match) => match[1] ?? '',
    );
    expect(tones).toHaveLength(6);
    for (const tone of tones) expect(contrast(rgb('#ffffff'), rgb(tone))).toBeGreaterThanOrEqual(4.5);
  });

  it('fetches nothing from anywhere', () => {
    expect(STYLESHEET).not.toMatch(/url\(|@import|@font-face/);
  });

  it('has a path that names its content', () => {
    expect(STYLESHEET_PATH).toMatch(/^\/assets\/clinch-[0-9a-f]{10}\.css$/);
  });
});
