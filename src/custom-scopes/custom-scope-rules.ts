import { ADMIN_SCOPE_PREFIX } from '../admin/admin-scope.js';
import type { FieldProblem } from '../admin/problem.js';
import { expressionFault, type Expressions } from '../expressions/expressions.js';
import { isScopeToken, OPENID_SCOPES } from '../protocol/scope.js';
import type { CustomScopeEntity } from './custom-scope.entity.js';

/** Characters: it stands in tokens and on consent pages. */
export const LONGEST_SCOPE = 100;

/** Scopes of Clinch's own beside those of OpenID Connect: what they release is not an operator's to choose. */
const OWN_SCOPES = new Set(['roles', 'groups', 'entitlements']);

/** What is wrong with the name of a scope of an operator's own (RFC 6749 §3.3). */
export function scopeNameFault(name: string | undefined): string | undefined {
  if (name === undefined || name === '') return 'is required';
  if (name.length > LONGEST_SCOPE || !isScopeToken(name)) {
    return `must be 1 to ${LONGEST_SCOPE} characters of printable ASCII without spaces, double quotes and backslashes`;
  }
  if (OPENID_SCOPES.includes(name)) return 'is a scope of OpenID Connect, which says itself what it releases';
  if (OWN_SCOPES.has(name)) return 'is a scope of Clinch’s own, which says itself what it releases';
  if (name.startsWith(ADMIN_SCOPE_PREFIX)) return `may not begin with ${ADMIN_SCOPE_PREFIX}: that is the admin API’s`;
  return undefined;
}

/**
 * The rules about a scope as a whole. They judge what it would be.
 *
 * @returns everything that is wrong, under the wire names; nothing when the scope is acceptable
 */
export function scopeProblems(scope: CustomScopeEntity, expressions: Pick<Expressions, 'check'>): FieldProblem[] {
  const nameFault = scopeNameFault(scope.name);
  return [
    ...(nameFault === undefined ? [] : [{ field: 'name', problem: nameFault }]),
    ...wordsProblems('zh-CN', scope.descriptionZhCn),
    ...wordsProblems('en', scope.descriptionEn),
    ...claimProblems(scope, expressions),
  ];
}

function wordsProblems(language: string, words: string): FieldProblem[] {
  if (words.trim() !== '') return [];
  return [{ field: `description.${language}`, problem: 'is required: people read it when they are asked' }];
}

function claimProblems({ claims }: CustomScopeEntity, expressions: Pick<Expressions, 'check'>): FieldProblem[] {
  const names = claims.map(({ name }) => name);
  return claims.flatMap(({ name, value }, index) => {
    const field = `claims.${index}`;
    const { problem } = value === '' ? {} : expressions.check(value, 'claim');
    return [
      ...(name === '' ? [{ field: `${field}.name`, problem: 'is required' }] : []),
      ...(name !== '' && names.indexOf(name) < index ? [{ field: `${field}.name`, problem: 'is there twice' }] : []),
      ...(value === '' ? [{ field: `${field}.value`, problem: 'is required' }] : []),
      ...(problem === undefined ? [] : [{ field: `${field}.value`, problem: expressionFault(problem) }]),
    ];
  });
}
