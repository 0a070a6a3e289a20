import axe from 'axe-core';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Frame, Page } from 'playwright-core';

/** WCAG 2.2 A and AA with all that is older, and what is good practice beside them. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * Has axe look at what is on the page now. The browser's own debugger brings it in, so that the page's
 * Content-Security-Policy stays as it is.
 *
 * @returns a line for each fault: the rule, where, and what is wrong. Empty when there is none.
 */
export async function faults(page: Page | Frame): Promise<string[]> {
  const options: RunOptions = {
    runOnly: { type: 'tag', values: TAGS },
    // It would fetch the stylesheets once more, which the page's policy forbids.
    preload: false,
    resultTypes: ['violations'],
    iframes: false,
  };
  await page.evaluate<unknown>(`${axe.source}; undefined`);
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary?.replace(/\s+/g, ' ')}`),
  );
}
