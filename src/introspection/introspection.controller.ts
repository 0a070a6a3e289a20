import { Controller, Header, HttpCode, Post, Req, UseFilters } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ClientAuthentication } from '../app-registry/client-authentication.js';
import type { Client } from '../app-registry/client.js';
import { Direct } from '../http/direct-routes.js';
import { OAuthErrorFilter } from '../http/oauth-error.filter.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { readForm } from '../http/read-form.js';
import { OAuthError } from '../protocol/oauth-error.js';
import { INACTIVE, Introspection, type IntrospectionResponse } from './introspection.js';

/** Texts that are no token of ours, which one client may send within a minute: more is somebody trying things out. */
const NONSENSE = 300;
/** Seconds. */
const NONSENSE_WINDOW = 60;

/** POST /oidc/introspect (RFC 7662). Who may see which token is in `introspection.ts`. */
@Controller()
@UseFilters(OAuthErrorFilter)
export class IntrospectionController {
  private readonly nonsense = new RateLimiterMemory({ points: NONSENSE, duration: NONSENSE_WINDOW });

  constructor(
    private readonly authentication: ClientAuthentication,
    private readonly introspection: Introspection,
  ) {}

  @Direct()
  @Post('/oidc/introspect')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  async introspect(@Req() request: ClinchRequest): Promise<IntrospectionResponse> {
    const parameters = (await readForm(request)).refuseRepeats();
    const client = await this.authentication.authenticate(request, parameters);
    // RFC 7662 §2.1: without a proof of who asks, anybody could try tokens out here.
    if (client.isPublic)
      throw new OAuthError('invalid_client', 'introspection is for apps that can prove who they are');
    const token = parameters.get('token');
    if (token === undefined) throw new OAuthError('invalid_request', 'token is missing');
    const answer = await this.introspection.of(token, client);
    if (answer !== undefined) return answer;
    await this.countNonsense(client);
    return INACTIVE;
  }

  /** RFC 7662 §4: token scanning. Real tokens are answered all the same, so a flood of false ones stops no API. */
  private async countNonsense(client: Client): Promise<void> {
    const { consumedPoints, msBeforeNext } = await this.nonsense.penalty(client.id);
    if (consumedPoints <= NONSENSE) return;
    throw new OAuthError('invalid_request', 'too many texts that are no tokens', {
      status: 429,
      retryAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)),
    });
  }
}
