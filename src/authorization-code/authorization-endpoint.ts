import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import type { Client } from '../app-registry/client.js';
import { AuditLog } from '../audit/audit-log.js';
import { ServerLog } from '../audit/server-log.js';
import type { ClinchRequest } from '../http/clinch-request.js';
import { asOAuthError } from '../http/failure.js';
import { logFailure } from '../http/log-failure.js';
import { PageError } from '../http/page-error.js';
import { visitorOf } from '../http/visitor.js';
import type { AnswerAddress, AuthorizationRequest } from '../protocol/authorization-request.js';
import { SessionClients } from '../session/session-clients.js';
import type { SignedIn } from '../session/session-store.js';
import { AuthorizationCodeStore } from './authorization-code-store.js';
import { AuthorizationResponse } from './authorization-response.js';

/** The two ways in which an authorization request ends at the app: a code, or an error. */
@Injectable()
export class AuthorizationEndpoint {
  constructor(
    private readonly codes: AuthorizationCodeStore,
    private readonly sessionClients: SessionClients,
    private readonly responses: AuthorizationResponse,
    private readonly audit: AuditLog,
    private readonly log: ServerLog,
  ) {}

  /** RFC 6749 §4.1.2. */
  async sendCode(
    request: ClinchRequest,
    response: Response,
    authorizationRequest: AuthorizationRequest,
    client: Client,
    { session, appAccountId }: Pick<SignedIn, 'session'> & { readonly appAccountId: string | undefined },
  ): Promise<void> {
    const { authorizationCodeLifetime: lifetime } = client.metadata;
    const [code] = await Promise.all([
      this.codes.issue(authorizationRequest, session, lifetime, appAccountId),
      this.sessionClients.note(session, client),
    ]);
    this.audit.record('code.issued', {
      clientId: client.id,
      accountId: session.accountId,
      ...visitorOf(request),
    });
    this.responses.send(request, response, authorizationRequest, { code });
  }

  /**
   * RFC 6749 §4.1.2.1: what went wrong, to an address that is proven. What is wrong with our own pages stays with us.
   *
   * @throws {PageError} the error itself, when it is one for a page
   */
  sendError(request: ClinchRequest, response: Response, address: AnswerAddress, client: Client, thrown: unknown): void {
    if (thrown instanceof PageError) throw thrown;
    const error = asOAuthError(thrown);
    logFailure(this.log, request, error);
    const { code: reason, description, hint } = error;
    this.audit.record(
      'authorization.refused',
      { clientId: client.id, ...visitorOf(request) },
      { reason, description, hint },
    );
    this.responses.send(request, response, address, error.toParameters());
  }
}
