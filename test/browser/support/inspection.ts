import type { Page } from 'playwright-core';
import { faults } from './axe.js';
import { background, FOCUS_IS_VISIBLE, sidewaysScroll, smallTargets } from './look.js';

export const WIDE = { width: 1100, height: 800 };
/** WCAG 2.2 §1.4.10: what a page of 1280 px is at four times its size. */
export const NARROW = { width: 320, height: 640 };

/** WCAG 2.2 §1.4.12, through the object model: a style attribute or element is what the page's policy forbids. */
const SPACE_OUT = `for (const element of document.querySelectorAll('body *')) {
  element.style.lineHeight = '1.5';
  element.style.letterSpacing = '0.12em';
  element.style.wordSpacing = '0.16em';
}`;

/** Text that is cut off: there is more of it than its box shows. */
const CUT_OFF = `[...document.querySelectorAll('body *:not(input)')]
  .filter((element) => ['hidden', 'clip'].includes(getComputedStyle(element).overflowX))
  .filter((element) => !element.closest('[aria-hidden], .visually-hidden') && element.scrollWidth > element.clientWidth + 1)
  .map((element) => element.className + ': ' + element.textContent.trim())`;

/** What still moves for somebody who asked for less motion. */
const MOVES = `[...document.querySelectorAll('body *')]
  .filter((element) => !/^(0s(, )?)+$/.test(getComputedStyle(element).transitionDuration))
  .map((element) => element.tagName + '.' + element.className)`;

/** What can have the focus, in the order of the document. */
const FOCUSABLE = `[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary, iframe')]
  .filter((element) => element.checkVisibility() && element.tabIndex >= 0 && !element.disabled)`;

/** The narrow one is the last, because what follows is asked there. */
export const LOOKS: readonly (readonly [name: string, viewport: typeof WIDE, colours: 'light' | 'dark'])[] = [
  ['wide', WIDE, 'light'],
  ['dark', WIDE, 'dark'],
  ['narrow', NARROW, 'light'],
];

/** Colours are the same in all languages; what differs is how much room words need. */
export const FOR_ANOTHER_LANGUAGE = LOOKS.slice(-1);

/**
 * Holds the page as it is now against WCAG 2.2 AA: axe, light and dark, wide and narrow; then reflow, spaced-out text,
 * and a ring round whatever has the focus. Keeps pictures under this name where somebody wants to see them
 * (CLINCH_TEST_SCREENSHOTS: a folder).
 *
 * @param options.fingers whether it is for telephones too
 * @returns what is wrong, a line each; empty when nothing is
 */
export async function inspected(
  page: Page,
  name: string,
  { fingers = true, looks = LOOKS }: { readonly fingers?: boolean; readonly looks?: typeof LOOKS } = {},
): Promise<string[]> {
  const found: string[] = [];
  for (const [look, viewport, colorScheme] of looks) {
    // Without motion the colours are there at once; half way they are none of ours.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(viewport);
    await keep(page, `${name}-${look}`);
    if (isDark(await background(page)) !== (look === 'dark')) found.push(`${look}: is in the other colours`);
    const about = look === 'dark' ? 'colours' : 'all';
    found.push(...(await faults(page, about)).map((fault) => `${look}: ${fault}`));
  }
  found.push(...(await page.evaluate<string[]>(MOVES)).map((what) => `moves: ${what}`));
  if ((await sidewaysScroll(page)) > 0) found.push('narrow: is wider than the window');
  if (fingers) found.push(...(await smallTargets(page)).map((target) => `narrow: too low for a finger: ${target}`));
  found.push(...(await withoutRing(page)).map((what) => `shows no focus: ${what}`));
  await page.evaluate(SPACE_OUT);
  if ((await sidewaysScroll(page)) > 0) found.push('spaced out: is wider than the window');
  found.push(...(await page.evaluate<string[]>(CUT_OFF)).map((what) => `spaced out: is cut off: ${what}`));
  return found;
}

/** Of `rgb(r, g, b)`. */
function isDark(colour: string): boolean {
  return Number(/\d+/.exec(colour)?.[0] ?? 255) < 128;
}

/** Keeps what the page looks like, where somebody wants to see it. */
async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env['CLINCH_TEST_SCREENSHOTS'];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

/** Goes through the page with Tab: each thing in its turn, and to be seen. */
async function withoutRing(page: Page): Promise<string[]> {
  const found: string[] = [];
  await page.evaluate('document.activeElement?.blur()');
  const count = await page.evaluate<number>(`${FOCUSABLE}.length`);
  const seen = new Set<number>();
  for (let pressed = 0; pressed < count; pressed++) {
    await page.keyboard.press('Tab');
    const [at, what, isVisible] = await page.evaluate<[number, string, boolean]>(
      `[${FOCUSABLE}.indexOf(document.activeElement), document.activeElement.outerHTML.slice(0, 80), ${FOCUS_IS_VISIBLE}]`,
    );
    // A frame of somebody else's takes the focus within itself.
    if (what.startsWith('<iframe')) return found;
    seen.add(at);
    if (at >= 0 && !isVisible) found.push(what);
  }
  if (!seen.has(-1) && seen.size < count) found.push(`Tab reaches ${seen.size} of ${count}`);
  return found;
}
