import type { Page } from 'playwright-core';

/** How wide the page is beyond its window (px): more than 0 makes people scroll sideways. */
export async function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** What can be pressed or filled in, and is lower than a finger needs (40 px). */
export async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('a, button, input, select')]
    .map((target) => [target, target.getBoundingClientRect()])
    .filter(([target, { width, height }]) =>
      width > 0 && height > 0 && height < 40 && target.checkVisibility({ visibilityProperty: true }))
    .map(([target, { height }]) => target.innerText + ': ' + height + ' px')`);
}

/** What has the focus, once something has: a field by its name, anything else by its text. */
export async function focused(page: Page): Promise<string> {
  await page.locator(':focus').waitFor();
  return page.evaluate<string>(`document.activeElement.matches('input, select')
    ? document.activeElement.name : document.activeElement.textContent.trim()`);
}

/** For `evaluate`: does a ring or an outline show where the focus is? */
export const FOCUS_IS_VISIBLE = `(() => {
  const { boxShadow, outlineStyle, outlineWidth, outlineColor } = getComputedStyle(document.activeElement);
  const outline = outlineStyle !== 'none' && outlineWidth !== '0px' && !/^rgba.*, 0\\)$/.test(outlineColor);
  return boxShadow !== 'none' || outline;
})()`;

export async function focusIsVisible(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(FOCUS_IS_VISIBLE);
}

/** The text elsewhere on the page that a screen reader reads out with this field. */
export async function description(page: Page, field: string): Promise<string | undefined> {
  const id = await page.locator(`[name=${field}]`).getAttribute('aria-describedby');
  return id === null ? undefined : (await page.locator(`[id="${id}"]`).innerText()).trim();
}

/** The colour behind the page, as the browser paints it. */
export async function background(page: Page): Promise<string> {
  return page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
}
