import { ADMIN_SCOPE_PREFIX } from '../admin/admin-scope.js';
import type { FieldProblem } from '../admin/problem.js';
import { resourceFault } from '../protocol/resource-indicator.js';
import { isScopeToken, OPENID_SCOPES } from '../protocol/scope.js';
import type { ApiResourceEntity } from './api-resource.entity.js';

/** Characters: it stands in tokens and on consent pages. */
const LONGEST_SCOPE = 100;

/** What the rules must know of this server. */
export interface ApiRuleContext {
  /** Clinch itself, whose own data its tokens without a resource are for. */
  readonly issuer: string;
  readonly isConfidentialApp: (clientId: string) => Promise<boolean>;
}

/**
 * The rules about an API as a whole. They judge what it would be, not what was asked to be changed.
 *
 * @returns everything that is wrong, under the wire names; nothing when the API is acceptable
 */
export async function apiProblems(api: ApiResourceEntity, context: ApiRuleContext): Promise<FieldProblem[]> {
  return [
    ...identifierProblems(api, context),
    ...(api.name.trim() === '' ? [{ field: 'name', problem: 'is required: people read it' }] : []),
    ...scopeProblems(api),
    ...(await clientProblems(api, context)),
  ];
}

/** A token for Clinch's own userinfo must never be good at an API of somebody else, nor the other way round. */
function identifierProblems({ identifier }: ApiResourceEntity, { issuer }: ApiRuleContext): FieldProblem[] {
  if (identifier === '') return [{ field: 'identifier', problem: 'is required: it is the audience of the tokens' }];
  const isOurs = identifier === issuer || identifier === `${issuer}/`;
  const problem = isOurs ? 'is Clinch itself: take the address of the API' : resourceFault(identifier);
  return problem === undefined ? [] : [{ field: 'identifier', problem }];
}

function scopeProblems({ scopes }: ApiResourceEntity): FieldProblem[] {
  const names = scopes.map(({ name }) => name);
  return names.flatMap((name, index) => {
    const problem = names.indexOf(name) < index ? 'is there twice' : scopeNameFault(name);
    return problem === undefined ? [] : [{ field: `scopes.${index}.name`, problem }];
  });
}

/** What is wrong with the name of a scope of an API (RFC 6749 §3.3). */
export function scopeNameFault(name: string | undefined): string | undefined {
  if (name === undefined || name === '') return 'is required';
  if (name.length > LONGEST_SCOPE || !isScopeToken(name)) {
    return `must be 1 to ${LONGEST_SCOPE} characters of printable ASCII without spaces, double quotes and backslashes`;
  }
  if (OPENID_SCOPES.includes(name)) return 'is a scope of OpenID Connect, which belongs to no API';
  if (name.startsWith(ADMIN_SCOPE_PREFIX)) return `may not begin with ${ADMIN_SCOPE_PREFIX}: that is Clinch’s own`;
  return undefined;
}

async function clientProblems({ clientIds }: ApiResourceEntity, context: ApiRuleContext): Promise<FieldProblem[]> {
  const known = await Promise.all(clientIds.map((clientId) => context.isConfidentialApp(clientId)));
  return clientIds.flatMap((_, index) =>
    known[index] === true
      ? []
      : [{ field: `client_ids.${index}`, problem: 'is no registered app that can prove who it is' }],
  );
}
