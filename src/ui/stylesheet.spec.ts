import { describe, expect, it } from 'vitest';
import { STYLESHEET, STYLESHEET_PATH } from './stylesheet.js';

type Rgb = readonly [number, number, number];

/** The colour tokens of both themes, read from the stylesheet itself. */
function tokens(theme: 'light' | 'dark'): Map<string, string> {
  const blocks = [...STYLESHEET.matchAll(/:root \{([^}]*)\}/g)].map((match) => match[1] ?? '');
  const block = blocks[theme === 'light' ? 0 : 1] ?? '';
  return new Map([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1] ?? '', match[2] ?? '']));
}

function rgb(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

// WCAG 2.2, definition of relative luminance.
function luminance(hex: string): number {
  const [r, g, b] = rgb(hex).map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
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
  const between = (one: string, other: string) => contrast(colours.get(one) ?? '', colours.get(other) ?? '');

  it.each(TEXT_PAIRS)('WCAG 1.4.3: %s on %s has a contrast of 4.5 at least', (text, ground) => {
    expect(between(text, ground)).toBeGreaterThanOrEqual(4.5);
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
    for (const tone of tones) expect(contrast('#ffffff', tone)).toBeGreaterThanOrEqual(4.5);
  });

  it('fetches nothing from anywhere', () => {
    expect(STYLESHEET).not.toMatch(/url\(|@import|@font-face/);
  });

  it('has a path that names its content', () => {
    expect(STYLESHEET_PATH).toMatch(/^\/assets\/clinch-[0-9a-f]{10}\.css$/);
  });
});
