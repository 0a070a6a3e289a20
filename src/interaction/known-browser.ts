import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Cookies } from '../http/cookies.js';
import { Keyring } from '../keyring/keyring.js';

const COOKIE = 'known';

/** Seconds: half a year. */
const LIFETIME = 180 * 24 * 3600;

/**
 * Remembers in the browser that a person has signed in with it, by a keyed digest that says so and nothing else. It
 * opens no door; it only spares its owner the slowness that strangers cause (the "device cookie" of OWASP).
 */
@Injectable()
export class KnownBrowser {
  constructor(
    private readonly cookies: Cookies,
    private readonly keyring: Keyring,
  ) {}

  isKnown(request: Request, usernameKey: string): boolean {
    const value = this.cookies.read(request, COOKIE);
    return value !== undefined && this.keyring.digests('known-browser', usernameKey).includes(value);
  }

  remember(response: Response, usernameKey: string): void {
    this.cookies.write(response, COOKIE, this.keyring.digest('known-browser', usernameKey), LIFETIME);
  }
}
