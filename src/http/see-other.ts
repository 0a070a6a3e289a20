import type { Response } from 'express';

/**
 * Sends the browser on. 303, never 307, which would repeat the form with the person's password (RFC 9700 §4.12). The
 * address may hold a code, so it is kept out of caches and referrers, and not repeated on a page of its own; and it is
 * sent byte for byte, as the app registered it.
 */
export function seeOther(response: Response, address: string): void {
  response.status(303).set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
  response.setHeader('Location', address);
  response.end();
}
