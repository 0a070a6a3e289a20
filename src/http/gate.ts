import { Injectable } from '@nestjs/common';
import type { NextFunction, Response } from 'express';
import { randomUUID } from 'node:crypto';
import { ClinchConfig } from '../config/clinch-config.js';
import { OAuthError } from '../protocol/oauth-error.js';
import type { ClinchRequest } from './clinch-request.js';
import { CrossOriginAnswers } from './cross-origin.js';
import { PageSender } from './page-sender.js';
import { sendRefusal } from './plain-refusal.js';
import { RequestWatch } from './request-watch.js';
import { RouteTable, type Route } from './route-table.js';

/** Paths that a load balancer or a monitor asks directly, behind whatever ends TLS. */
const PLAIN_HTTP_PATHS = new Set(['/livez', '/readyz', '/metrics']);

/** RFC 8414 §3.1: the issuer's path comes after the well-known part. */
const WELL_KNOWN = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];

/** Node would quietly drop those beyond two thousand; an honest request has about thirty. */
const MOST_HEADERS = 100;

/**
 * What every request passes first: trace id, log line, the issuer's path, https, methods, CORS. One function, read
 * from top to bottom, in front of every route.
 */
@Injectable()
export class Gate {
  constructor(
    private readonly config: ClinchConfig,
    private readonly routes: RouteTable,
    private readonly crossOrigin: CrossOriginAnswers,
    private readonly pages: PageSender,
    private readonly watch: RequestWatch,
  ) {}

  async pass(request: ClinchRequest, response: Response, next: NextFunction): Promise<void> {
    this.begin(request, response);
    if (request.rawHeaders.length > 2 * MOST_HEADERS) {
      response.status(431).set('Cache-Control', 'no-store');
      response.json({ error: 'invalid_request', error_description: 'the request has too many headers' });
      return;
    }
    request.url = this.withoutBasePath(request.url);
    const { path } = request;
    if (this.config.secure && !request.secure && !PLAIN_HTTP_PATHS.has(path)) {
      this.refusePlainHttp(request, response);
      return;
    }
    const route = this.routes.at(path);
    if (route !== undefined) request.routePath = route.path;
    if (route !== undefined && !(await this.mayGoOn(route, request, response))) return;
    next();
  }

  private begin(request: ClinchRequest, response: Response): void {
    request.traceId = randomUUID();
    response.setHeader('X-Request-Id', request.traceId);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    this.watch.begin(request, response);
  }

  private withoutBasePath(url: string): string {
    const { basePath } = this.config;
    if (basePath === '') return url;
    for (const prefix of WELL_KNOWN) if (url === prefix + basePath) return prefix;
    return url.startsWith(`${basePath}/`) ? url.slice(basePath.length) : url;
  }

  /** False when the answer is given already: a preflight, or a method that the path does not take. */
  private async mayGoOn(route: Route, request: ClinchRequest, response: Response): Promise<boolean> {
    const { method } = request;
    if (route.crossOrigin !== undefined && request.headers.origin !== undefined) {
      if (method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
        await this.crossOrigin.preflight(route.crossOrigin, route.methods, request, response);
        return false;
      }
      await this.crossOrigin.allow(route.crossOrigin, request, response);
    }
    if (route.methods.has(method)) return true;
    response.set('Allow', [...route.methods].join(', '));
    const body = { error: 'invalid_request', error_description: 'this path does not take that method' };
    sendRefusal(request, response, 405, body);
    return false;
  }

  /** RFC 6749 §3.1 and §3.2: TLS, always. A token that came in the clear would have to be thought of as stolen. */
  private refusePlainHttp(request: ClinchRequest, response: Response): void {
    const hint =
      'came over plain http; if a proxy ends TLS, name its address in CLINCH_TRUST_PROXY and let it send X-Forwarded-Proto';
    this.watch.warn(request, hint);
    this.pages.sendError(request, response, new OAuthError('invalid_request', undefined, { hint }));
  }
}
