import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { timingSafeEqual } from 'node:crypto';
import { ClinchConfig } from '../config/clinch-config.js';
import { Keyring } from '../keyring/keyring.js';
import { isOpaqueToken, newOpaqueToken } from '../protocol/opaque-token.js';
import { Cookies } from './cookies.js';
import { PageError } from './page-error.js';

const BROWSER = 'browser';

/**
 * Ties forms to the browser that they were shown in. The browser has a random cookie before anybody signs in; a form
 * carries a keyed digest of that cookie and of what the form is about, so a token of another browser, or of another
 * form, is worth nothing.
 */
@Injectable()
export class Csrf {
  private readonly origin: string;

  constructor(
    private readonly cookies: Cookies,
    private readonly keyring: Keyring,
    config: ClinchConfig,
  ) {
    this.origin = new URL(config.issuer).origin;
  }

  /** The browser's cookie, if it has one. */
  browser(request: Request): string | undefined {
    const value = this.cookies.read(request, BROWSER);
    return value !== undefined && isOpaqueToken(value) ? value : undefined;
  }

  /** The browser's cookie, made now if it has none. */
  ensureBrowser(request: Request, response: Response): string {
    const known = this.browser(request);
    if (known !== undefined) return known;
    const fresh = newOpaqueToken();
    this.cookies.write(response, BROWSER, fresh);
    return fresh;
  }

  token(browser: string, subject: string): string {
    return this.keyring.digest('csrf', `${browser} ${subject}`);
  }

  /** @throws {PageError} 403 unless the form came from our own page in this very browser */
  check(request: Request, subject: string, token: string | undefined): void {
    this.checkOrigin(request);
    const browser = this.browser(request);
    if (browser === undefined || token === undefined)
      throw new PageError('form_not_ours', { hint: 'no token or no cookie' });
    const given = Buffer.from(token);
    const fits = this.keyring.digests('csrf', `${browser} ${subject}`).some((digest) => {
      const expected = Buffer.from(digest);
      return expected.length === given.length && timingSafeEqual(expected, given);
    });
    if (!fits) throw new PageError('form_not_ours', { hint: 'the token belongs to another form or browser' });
  }

  /**
   * Browsers say where a form was shown; programs that say nothing are held by the cookie and the token alone. `check`
   * asks this too.
   *
   * @throws {PageError} 403 when the form was shown by another site
   */
  checkOrigin(request: Request): void {
    const { origin } = request.headers;
    const site = request.headers['sec-fetch-site'];
    if (origin !== undefined && origin !== this.origin)
      throw new PageError('form_not_ours', { hint: 'foreign Origin' });
    if (site !== undefined && site !== 'same-origin')
      throw new PageError('form_not_ours', { hint: 'foreign Sec-Fetch-Site' });
  }
}
