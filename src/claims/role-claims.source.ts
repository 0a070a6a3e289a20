import {
  ContributesClaims,
  type ClaimsContext,
  type ClaimsSource,
  type ClaimsUse,
  type Contribution,
} from './claims-source.js';
import { MEMBERSHIP_SCOPES, wantedOf } from './standard-claims.js';

/**
 * What somebody may do in the app, and the groups they are in, as lists of texts (RFC 9068 §2.2.3.1 and §7.2.1.1). Each
 * has a scope of its own name; a list without entries is there too, so that it can be told from one that was left out.
 */
@ContributesClaims({ order: 30 })
export class RoleClaimsSource implements ClaimsSource {
  async contribute(context: ClaimsContext, use: ClaimsUse): Promise<readonly Contribution[]> {
    const { account, client, scope, requestedClaims } = context;
    if (account === undefined) return [];
    const wanted = wantedOf(requestedClaims, use);
    const found: Contribution[] = [];
    for (const name of MEMBERSHIP_SCOPES) {
      if (!client.scope.includes(name)) continue;
      const granted = scope.includes(name);
      if (!granted && !wanted.includes(name)) continue;
      const source = granted ? `scope ${name}` : 'the claims parameter';
      found.push({ name, source, value: await listOf(name, context) });
    }
    return found;
  }
}

async function listOf(name: (typeof MEMBERSHIP_SCOPES)[number], context: ClaimsContext): Promise<readonly string[]> {
  if (name === 'groups') return ((await context.facts()).groups ?? []).map((group) => group.name);
  const { roles, permissions } = await context.inApp();
  return name === 'roles' ? roles : permissions;
}
