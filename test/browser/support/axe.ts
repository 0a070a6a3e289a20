import axe from 'axe-core';
import type { RunOptions } from 'axe-core';
import type { Frame, Page } from 'playwright-core';

/** WCAG 2.2 A and AA with all that is older, and what is good practice beside them. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Those of the rules that other colours can break; all others find the same in the dark. */
const ABOUT_COLOURS = ['color-contrast', 'link-in-text-block'];

/** Only what is wrong is sent back: what is right is many times as much. */
const FAULTS = `.then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(
  ({ target, failureSummary }) => id + ': ' + target.join(' ') + ': ' + (failureSummary ?? '').replace(/\\s+/g, ' '))))`;

/**
 * Has axe look at what is on the page now. The browser's own debugger brings it in, so that the page's
 * Content-Security-Policy stays as it is.
 *
 * @param about `colours`: only what other colours can break, on a page that was looked at in some
 * @returns a line for each fault: the rule, where, and what is wrong. Empty when there is none.
 */
export async function faults(page: Page | Frame, about: 'all' | 'colours' = 'all'): Promise<string[]> {
  const options: RunOptions = {
    runOnly: about === 'all' ? { type: 'tag', values: TAGS } : { type: 'rule', values: ABOUT_COLOURS },
    // It would fetch the stylesheets once more, which the page's policy forbids.
    preload: false,
    resultTypes: ['violations'],
    iframes: false,
  };
  // Reading it in takes as long as a look at a page.
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate<unknown>(`${axe.source}; undefined`);
  return page.evaluate<string[]>(`axe.run(document, ${JSON.stringify(options)})${FAULTS}`);
}
