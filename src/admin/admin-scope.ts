import { OAuthError } from '../protocol/oauth-error.js';
import { scopeTokens } from '../protocol/scope.js';

/** The scope that opens the whole admin API. */
export const ADMIN_SCOPE = 'clinch:admin';

/** What the scopes of the admin API begin with, and no other scope does. */
export const ADMIN_SCOPE_PREFIX = 'clinch:';

/** The part of the admin API that a path belongs to: its first segment. */
export function areaOf(path: string): string {
  return path.split('/')[0] ?? '';
}

/** What an operation needs: reading and writing are two rights, and neither brings the other. */
export function neededScope(area: string, method: string): string {
  const reads = method.toUpperCase() === 'GET' || method.toUpperCase() === 'HEAD';
  return `${ADMIN_SCOPE_PREFIX}${area}:${reads ? 'read' : 'write'}`;
}

/** Whether these scope-tokens allow what needs that one. */
export function covers(granted: readonly string[], needed: string): boolean {
  return granted.includes(ADMIN_SCOPE) || granted.includes(needed);
}

/** The scope-tokens of the admin API among those of a scope. */
export function adminScopesOf(scope: string): string[] {
  return scopeTokens(scope).filter((token) => token.startsWith(ADMIN_SCOPE_PREFIX));
}

/** RFC 6750 §3.1, insufficient_scope: the answer names the scope that is needed, in words and in the challenge. */
export class AdminScopeError extends OAuthError {
  constructor(
    readonly scope: string,
    description = `the scope ${scope} is needed; ask for it at the token endpoint`,
  ) {
    super('insufficient_scope', description);
  }
}
