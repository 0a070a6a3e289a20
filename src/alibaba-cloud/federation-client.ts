import { Injectable } from '@nestjs/common';
import { FederationError } from '../app-templates/federation-error.js';
import { OutboundHttp } from '../outbound/outbound-http.js';
import type { TicketType } from './alibaba-cloud-settings.dto.js';
import { ask, passingCause, readAnswer, secretOf, successOf, type Reading } from './answers.js';
import type { RoleCredentials } from './sts-client.js';

const LEG = 'signin';
/** Milliseconds. */
const TIMEOUT_MS = 900;

/** What becomes a session in the browser. */
export interface SigninRequest {
  /** The endpoint. */
  readonly url: string;
  readonly credentials: RoleCredentials;
  readonly ticketType: TicketType;
  /** Where Alibaba Cloud sends people whose session has ended. */
  readonly loginUrl: string;
  /** The page that the session opens at. */
  readonly destination: string;
  readonly signal: AbortSignal;
}

export interface Signin {
  /** Holds a ticket that is good for one browser within 30 seconds. */
  readonly location: string;
  readonly requestId: string | undefined;
}

/** Alibaba Cloud's sign-in service: credentials of a role for a session in the console. */
@Injectable()
export class FederationClient {
  constructor(private readonly http: OutboundHttp) {}

  /**
   * GetSigninToken, and the address for the browser. The documentation asks for parameters in the form of
   * x-www-form-urlencoded and shows a query. Here they are in a body, where credentials belong, as two public programs send
   * them; that the service takes them from there is unproved, since nobody tried it from here.
   *
   * @throws {FederationError}
   */
  async signIn(request: SigninRequest): Promise<Signin> {
    const { url, credentials, ticketType, signal } = request;
    const form = {
      Action: 'GetSigninToken',
      AccessKeyId: credentials.accessKeyId,
      AccessKeySecret: credentials.accessKeySecret,
      SecurityToken: credentials.securityToken,
      TicketType: ticketType,
    };
    const reading = readAnswer(await ask(this.http, { leg: LEG, url, form, timeoutMs: TIMEOUT_MS, signal }));
    const ticket = secretOf(successOf(reading)?.['SigninToken']);
    const { code, requestId } = reading;
    if (ticket === undefined) throw new FederationError(refusalCause(reading), { leg: LEG, code, requestId });
    return { location: loginAddress(request, ticket), requestId };
  }
}

function loginAddress({ url, loginUrl, destination }: SigninRequest, ticket: string): string {
  const parameters = { Action: 'Login', LoginUrl: loginUrl, Destination: destination, SigninToken: ticket };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${url}?${query.join('&')}`;
}

function refusalCause(reading: Reading): 'session_refused' | 'unexpected' | 'throttled' | 'unreachable' {
  const passing = passingCause(reading);
  if (passing === 'throttled' || passing === 'unreachable') return passing;
  return reading.code !== undefined && reading.status >= 400 ? 'session_refused' : 'unexpected';
}
