import { describe, expect, it } from 'vitest';
import { contrast, hex, rgb, type Rgb } from './contrast.js';
import { GROUNDS, STYLESHEET } from './stylesheet.js';
import { accentTokens, themeAt, themePath, themeStylesheet } from './theme.js';

const EXTREMES = [
  '#000000',
  '#ffffff',
  '#ff0000',
  '#00ff00',
  '#0000ff',
  '#ffff00',
  '#00ffff',
  '#ff00ff',
  '#808080',
  '#010101',
  '#fefefe',
  '#767676',
  '#14171d',
];

/** The same colours at every run (a linear congruential generator). */
function colours(count: number): string[] {
  let state = 20_261_122;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return `#${(state >>> 8).toString(16).padStart(6, '0')}`;
  });
}

describe.each(['light', 'dark'] as const)('WCAG 2.2 AA, whatever colour an operator chooses, %s', (scheme) => {
  const grounds = GROUNDS[scheme].map(rgb);
  const surface = grounds[0] as Rgb;

  it.each(EXTREMES)('%s', (colour) => legible(colour));

  it('six hundred others', () => {
    for (const colour of colours(600)) legible(colour);
  });

  function legible(colour: string): void {
    const tokens = accentTokens(rgb(colour), scheme);
    // §1.4.3: text.
    expect(contrast(tokens.onAccent, tokens.accent), colour).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens.onAccent, tokens.accentStrong)).toBeGreaterThanOrEqual(4.5);
    for (const ground of grounds) expect(contrast(tokens.accentText, ground)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens.avatarText, tokens.avatar)).toBeGreaterThanOrEqual(4.5);
    // §1.4.11: the edge of a button.
    expect(contrast(tokens.accentLine, surface)).toBeGreaterThanOrEqual(3);
    // What is under the pointer looks different.
    expect(tokens.accentStrong).not.toEqual(tokens.accent);
    // The brand's colour stays what it is.
    expect(hex(tokens.accent)).toBe(colour);
  }
});

describe('the theme as a stylesheet', () => {
  it('sets tokens that the stylesheet knows, and nothing else', () => {
    const names = [...themeStylesheet('#c8102e').matchAll(/--([a-z-]+):/g)].map((match) => match[1] ?? '');
    expect(names).toHaveLength(16);
    for (const name of names) expect(STYLESHEET).toContain(`var(--${name})`);
    expect(themeStylesheet('#c8102e').replace(/--[a-z-]+: [^;{}]+;/g, '')).toMatch(
      /^\s*:root \{\s*\}\s*@media \(prefers-color-scheme: dark\) \{\s*:root \{\s*\}\s*\}\s*$/,
    );
  });

  it('keeps a colour as it is where it can be read', () => {
    expect(themeStylesheet('#0b5d3b')).toContain('--accent-text: #0b5d3b;');
  });

  it('has a path that names its content, and one for a colour however it is written', () => {
    expect(themePath('#C8102E')).toMatch(/^\/assets\/theme-c8102e-[0-9a-f]{10}\.css$/);
    expect(themePath('#C8102E')).toBe(themePath('#c8102e'));
    expect(themePath('#c8102e')).not.toBe(themePath('#c8102f'));
  });

  it('is found by that name, and by no other', () => {
    const name = /theme-(.+)\.css$/.exec(themePath('#c8102e'))?.[1] ?? '';
    expect(themeAt(name)).toBe(themeStylesheet('#c8102e'));
    for (const other of ['c8102e', 'c8102e-0000000000', name.replace('c8102e', 'c8102f'), '../secrets', '']) {
      expect(themeAt(other)).toBeUndefined();
    }
  });
});
