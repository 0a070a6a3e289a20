import { createHash } from 'node:crypto';
import type { ClientEntity } from '../app-registry/client.entity.js';

/**
 * What a rule is called on the names that it made and that are kept. Another expression is another rule.
 *
 * @returns undefined where nothing is kept: people's own user names are each somebody's alone already
 */
export function keptRule({
  accountRule,
  accountExpression,
}: Pick<ClientEntity, 'accountRule' | 'accountExpression'>): string | undefined {
  if (accountRule === 'none' || accountRule === 'username') return undefined;
  if (accountRule !== 'expression') return accountRule;
  return `expression:${createHash('sha256')
    .update(accountExpression ?? '')
    .digest('base64url')}`;
}
