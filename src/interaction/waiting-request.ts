import type { AuthorizationRequest } from '../protocol/authorization-request.js';

/**
 * A page of our own that somebody must be signed in for. It asks for no more than that: any session will do, and no app
 * is waiting for an answer.
 */
export interface PageRequest {
  /** The path below the issuer, with its query. Written by the page's own room, never taken from a request. */
  readonly page: string;
}

/** What waits for its person. It is stored while they sign in, so it is plain JSON. */
export type WaitingRequest = AuthorizationRequest | PageRequest;

export function isForPage(request: WaitingRequest): request is PageRequest {
  return 'page' in request;
}
