import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ClinchConfig } from '../config/clinch-config.js';

/** No cookie of ours is longer (characters). */
const LONGEST_VALUE = 512;

/**
 * Our cookies: `__Host-` on https (RFC 6265bis §4.1.3.2: Secure, no Domain, Path=/), HttpOnly, SameSite=Lax.
 */
@Injectable()
export class Cookies {
  private readonly prefix: string;
  private readonly attributes: string;

  constructor(config: ClinchConfig) {
    this.prefix = config.secure ? '__Host-clinch_' : 'clinch_';
    this.attributes = `; Path=/; HttpOnly; SameSite=Lax${config.secure ? '; Secure' : ''}`;
  }

  /** The cookie's value. Two cookies of one name mean that somebody else set one of them: then there is none. */
  read(request: Request, name: string): string | undefined {
    const wanted = `${this.prefix}${name}=`;
    const found = (request.headers.cookie ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(wanted));
    const value = found.length === 1 ? found[0]?.slice(wanted.length) : undefined;
    return value !== undefined && value.length > 0 && value.length <= LONGEST_VALUE ? value : undefined;
  }

  /** @param maxAge seconds; absent: until the browser is closed */
  write(response: Response, name: string, value: string, maxAge?: number): void {
    const age = maxAge === undefined ? '' : `; Max-Age=${maxAge}`;
    response.append('Set-Cookie', `${this.prefix}${name}=${value}${this.attributes}${age}`);
  }

  /** Takes the cookie out of the browser (RFC 6265 §3.1). */
  clear(response: Response, name: string): void {
    this.write(response, name, '', 0);
  }
}
