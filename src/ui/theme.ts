import { createHash } from 'node:crypto';
import { BLACK, contrast, hex, mixed, rgb, WHITE, type Rgb } from './contrast.js';
import { GROUNDS } from './stylesheet.js';

/** WCAG 2.2 §1.4.3: text on its ground. */
const TEXT = 4.5;
/** WCAG 2.2 §1.4.11: what tells that something is a control. */
const CONTROL = 3;
/** How much of another colour is mixed in at a time while a contrast is looked for. */
const STEP = 0.04;
/** How far a button changes under the pointer. */
const PRESSED = 0.14;

/** The accent in one of the two schemes: everything that the stylesheet makes of the brand's colour. */
export interface AccentTokens {
  readonly accent: Rgb;
  /** The same under the pointer. */
  readonly accentStrong: Rgb;
  /** What is written on both of them. */
  readonly onAccent: Rgb;
  /** The edge of a button that could not be told from the page by its colour. */
  readonly accentLine: Rgb;
  /** The accent where it is written: links, marks, the ring around what has the focus. */
  readonly accentText: Rgb;
  readonly avatar: Rgb;
  readonly avatarText: Rgb;
}

/**
 * What the stylesheet makes of a company's colour. Buttons keep it as it is; whatever has to be read is made lighter or
 * darker until it can be (WCAG 2.2 AA), so that no colour that an operator chooses makes a page that somebody cannot use.
 */
export function accentTokens(accent: Rgb, scheme: 'light' | 'dark'): AccentTokens {
  const grounds = GROUNDS[scheme].map(rgb);
  const [surface = WHITE] = grounds;
  const ink = scheme === 'light' ? BLACK : WHITE;
  const onAccent = contrast(accent, WHITE) >= TEXT ? WHITE : BLACK;
  const accentText = readable(accent, grounds, ink, TEXT);
  const avatar = mixed(surface, accentText, scheme === 'light' ? 0.12 : 0.2);
  return {
    accent,
    accentStrong: pressed(accent, onAccent),
    onAccent,
    accentLine: readable(accent, [surface], ink, CONTROL),
    accentText,
    avatar,
    avatarText: readable(accentText, [avatar], ink, TEXT),
  };
}

/** A second stylesheet, after the first: nothing in it but tokens. @param accentColor `#rrggbb` */
export function themeStylesheet(accentColor: string): string {
  const accent = rgb(accentColor);
  return [
    `:root {\n${declarations(accentTokens(accent, 'light'), 0.2)}}`,
    `@media (prefers-color-scheme: dark) {\n:root {\n${declarations(accentTokens(accent, 'dark'), 0.32)}}\n}\n`,
  ].join('\n');
}

/** Where themes are served. */
export const THEME_ROUTE = '/assets/theme-:name.css';

/** Where this one is: the address says the whole content, so any node can answer, and it may be kept for ever. */
export function themePath(accentColor: string): string {
  const colour = accentColor.slice(1).toLowerCase();
  const hash = createHash('sha256').update(themeStylesheet(accentColor)).digest('hex').slice(0, 10);
  return THEME_ROUTE.replace(':name', `${colour}-${hash}`);
}

/** @returns undefined for a name that is of no theme that this version makes */
export function themeAt(name: string): string | undefined {
  const colour = /^([0-9a-f]{6})-[0-9a-f]{10}$/.exec(name)?.[1];
  if (colour === undefined || themePath(`#${colour}`) !== THEME_ROUTE.replace(':name', name)) return undefined;
  return themeStylesheet(`#${colour}`);
}

// Away from what is written on it, so that its contrast only grows; at the ends of the scale there is only the way back.
function pressed(accent: Rgb, onAccent: Rgb): Rgb {
  const away = onAccent === WHITE ? BLACK : WHITE;
  return contrast(accent, away) > 1.2 ? mixed(accent, away, PRESSED) : mixed(accent, onAccent, PRESSED);
}

/** The colour with as little ink in it as makes it stand out from all of the grounds. */
function readable(colour: Rgb, grounds: readonly Rgb[], ink: Rgb, least: number): Rgb {
  for (let share = 0; share < 1; share += STEP) {
    const candidate = mixed(colour, ink, share);
    if (grounds.every((ground) => contrast(candidate, ground) >= least)) return candidate;
  }
  return ink;
}

function declarations(tokens: AccentTokens, haloOpacity: number): string {
  const lines = {
    accent: hex(tokens.accent),
    'accent-strong': hex(tokens.accentStrong),
    'on-accent': hex(tokens.onAccent),
    'accent-line': hex(tokens.accentLine),
    'accent-text': hex(tokens.accentText),
    halo: `rgba(${tokens.accentText.join(', ')}, ${haloOpacity})`,
    avatar: hex(tokens.avatar),
    'avatar-text': hex(tokens.avatarText),
  };
  return Object.entries(lines)
    .map(([name, value]) => `  --${name}: ${value};\n`)
    .join('');
}
