import { Injectable, SetMetadata } from '@nestjs/common';
import type { Request, Response } from 'express';

/** any: public documents. registered: endpoints that the scripts of a registered public app may call. */
export type CrossOriginPolicy = 'any' | 'registered';

export const CROSS_ORIGIN = Symbol('cross-origin');

/** Lets scripts of other origins call this handler (Fetch standard, CORS). Without it a path answers no such script. */
export const CrossOrigin = (policy: CrossOriginPolicy) => SetMetadata(CROSS_ORIGIN, policy);

const ALLOWED_HEADERS = ['authorization', 'content-type'];

/** Seconds that a browser may remember the answer to a preflight. */
const PREFLIGHT_MAX_AGE = '600';

type OriginCheck = (origin: string) => Promise<boolean>;

/** Answers the CORS protocol for the paths that take part in it. Never with credentials: those paths take none. */
@Injectable()
export class CrossOriginAnswers {
  private isRegistered: OriginCheck = async () => false;

  /** Called once by the room that knows the registered apps. */
  trust(check: OriginCheck): void {
    this.isRegistered = check;
  }

  /** Sets the header that lets the calling script read the answer, if it may. */
  async allow(policy: CrossOriginPolicy, request: Request, response: Response): Promise<boolean> {
    if (policy === 'any') {
      response.set('Access-Control-Allow-Origin', '*');
      return true;
    }
    response.vary('Origin');
    const { origin } = request.headers;
    if (origin === undefined || origin === 'null' || !(await this.isRegistered(origin))) return false;
    response.set('Access-Control-Allow-Origin', origin);
    response.set('Access-Control-Expose-Headers', 'WWW-Authenticate, Retry-After');
    return true;
  }

  /** The answer to a preflight: 204, and leave only for methods and headers that the path really takes. */
  async preflight(
    policy: CrossOriginPolicy,
    methods: ReadonlySet<string>,
    request: Request,
    response: Response,
  ): Promise<void> {
    const wanted = request.headers['access-control-request-method'] ?? '';
    const headers = (request.headers['access-control-request-headers'] ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== '');
    const takes = methods.has(wanted) && headers.every((name) => ALLOWED_HEADERS.includes(name));
    if (takes && (await this.allow(policy, request, response))) {
      response.set('Access-Control-Allow-Methods', [...methods].join(', '));
      response.set('Access-Control-Allow-Headers', ALLOWED_HEADERS.join(', '));
      response.set('Access-Control-Max-Age', PREFLIGHT_MAX_AGE);
    }
    response.status(204).end();
  }
}
