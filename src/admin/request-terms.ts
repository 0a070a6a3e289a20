import type { EntityManager } from 'typeorm';
import type { Actor } from '../audit/audit-log.js';
import { AdminActor } from './admin-actor.js';
import { Precondition } from './precondition.js';

/** What a change is asked for under. People on their own pages ask under nothing. */
export function preconditionOf(actor: Actor): Precondition {
  return actor instanceof AdminActor ? actor.precondition : Precondition.NONE;
}

/**
 * To be called in the transaction that creates what was asked for: the key of the request, if it has one, is used up with
 * it, or nothing is created.
 *
 * @throws {Problem} 409 when another request has taken the key over meanwhile
 */
export async function useKey(manager: EntityManager, actor: Actor): Promise<void> {
  if (actor instanceof AdminActor) await actor.key?.use(manager);
}
