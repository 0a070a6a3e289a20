import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** Turns a page into the document that is sent: the doctype keeps browsers in standards mode, which JSX cannot say. */
export function renderPage(page: VNode): string {
  return `<!doctype html>${renderToString(page)}`;
}
