import type { FieldProblem } from '../admin/problem.js';
import { ADMIN_API_ID, type ApiResource } from '../api-resource/api-resource.js';
import { resourceFault } from '../protocol/resource-indicator.js';
import { isScopeText, scopeTokens } from '../protocol/scope.js';
import type { ApiAccess } from './client.entity.js';

/**
 * What is wrong with the APIs that an app is given access to. Judged when they are sent, and then all of them: an app
 * keeps what an API has lost since, which is worth nothing, and can be changed in other ways meanwhile.
 *
 * @param find the API of an identifier
 */
export async function apiAccessProblems(
  access: readonly Partial<ApiAccess>[],
  find: (identifier: string) => Promise<ApiResource | undefined>,
): Promise<FieldProblem[]> {
  const resources = access.map(({ resource }) => resource);
  const problems = await Promise.all(
    access.map(async ({ resource, scope }, index): Promise<FieldProblem[]> => {
      const field = `api_access.${index}`;
      if (resource === undefined || resource === '') return [{ field: `${field}.resource`, problem: 'is required' }];
      if (resources.indexOf(resource) < index) return [{ field: `${field}.resource`, problem: 'is there twice' }];
      const api = await find(resource);
      const fault = resourceProblem(resource, api);
      if (api === undefined || fault !== undefined) {
        return fault === undefined ? [] : [{ field: `${field}.resource`, problem: fault }];
      }
      const scopeFault = scopeProblem(scope, api);
      return scopeFault === undefined ? [] : [{ field: `${field}.scope`, problem: scopeFault }];
    }),
  );
  return problems.flat();
}

function resourceProblem(resource: string, api: ApiResource | undefined): string | undefined {
  const fault = resourceFault(resource);
  if (fault !== undefined) return fault;
  if (api === undefined) return 'is no registered API';
  return api.id === ADMIN_API_ID
    ? 'is the admin API: its scopes, which begin with clinch:, go into the app’s own scope'
    : undefined;
}

function scopeProblem(scope: string | undefined, api: ApiResource): string | undefined {
  if (scope === undefined) return 'is required; it may be empty';
  if (!isScopeText(scope)) return 'must be scope values of printable ASCII, separated by single spaces';
  const tokens = scopeTokens(scope);
  if (new Set(tokens).size < tokens.length) return 'holds a value twice';
  const known = api.scopes.map(({ name }) => name);
  const unknown = tokens.filter((token) => !known.includes(token));
  if (unknown.length === 0) return undefined;
  return `holds ${unknown.join(', ')}; this API has ${known.length === 0 ? 'no scopes' : known.join(', ')}`;
}
