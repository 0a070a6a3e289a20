import { h, type VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { CLINCH, CurrentBrand, type Brand } from './brand.js';

/** Turns a page into the document that is sent: the doctype keeps browsers in standards mode, which JSX cannot say. */
export function renderPage(page: VNode, brand: Brand = CLINCH): string {
  return `<!doctype html>${renderToString(h(CurrentBrand.Provider, { value: brand }, page))}`;
}
