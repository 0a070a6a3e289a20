import { createHash } from 'node:crypto';
import type { Actor } from '../audit/audit-log.js';
import { clientAddress, loggedUserAgent, type ClinchRequest } from './clinch-request.js';

/**
 * Notes what the request is a part of, so that the events of one sign-in are found together. What is noted is a digest:
 * the id of an interaction is worth something in its browser.
 *
 * @param interactionId as it came, good or not
 */
export function noteFlow(request: object, interactionId: string): void {
  (request as ClinchRequest).flowId = createHash('sha256').update(interactionId).digest('base64url').slice(0, 22);
}

/** Whoever is at the other end of a browser's request, for the audit. */
export function visitorOf(request: ClinchRequest): Actor & { readonly address: string; readonly traceId: string } {
  return {
    address: clientAddress(request),
    userAgent: loggedUserAgent(request),
    traceId: request.traceId,
    flowId: request.flowId,
  };
}
