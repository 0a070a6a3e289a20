import type { AuthorizationRequest } from '../protocol/authorization-request.js';

/**
 * A page of our own that somebody must be signed in for. It asks for no more than that: any session will do, and no app
 * is waiting for an answer.
 */
export interface PageRequest {
  /** The path below the issuer, with its query. Written by the page's own room, never taken from a request. */
  readonly page: string;
  /** The app that the page is about; the sign-in page shows it. */
  readonly clientId?: string;
  /** The organisation that the person comes from, by the id that its own directory gives it. */
  readonly organisation?: string;
  /** Where the page sends the browser on to at once: the sign-in form must be allowed to end there. */
  readonly leadsTo?: string;
  /** The person chooses how to sign in, even where there is one way only: the last one led nowhere. */
  readonly stay?: boolean;
  /** The person chooses an account, also while somebody is signed in: they asked for another one. */
  readonly select?: boolean;
}

/** What waits for its person. It is stored while they sign in, so it is plain JSON. */
export type WaitingRequest = AuthorizationRequest | PageRequest;

export function isForPage(request: WaitingRequest): request is PageRequest {
  return 'page' in request;
}
