import { tagged } from '../admin/entity-tag.js';
import type { ExtendedClaim } from '../app-registry/client.entity.js';
import type { Scope, ScopeChanges, ScopeClaimFields } from './custom-scope.dto.js';
import { CustomScopeEntity } from './custom-scope.entity.js';

/** A scope of which nothing was said but its name. */
export function newScope(name: string): CustomScopeEntity {
  const now = new Date();
  return Object.assign(new CustomScopeEntity(), {
    name,
    descriptionZhCn: '',
    descriptionEn: '',
    claims: [],
    consentSince: now,
    createdAt: now,
    updatedAt: now,
  });
}

/** The columns that the sent fields change, but for the name, which never changes. */
export function columnsOf({ description, claims }: ScopeChanges): Partial<CustomScopeEntity> {
  return {
    ...(description === undefined
      ? {}
      : { descriptionZhCn: description['zh-CN'] ?? '', descriptionEn: description.en ?? '' }),
    ...(claims === undefined ? {} : { claims: claims.map((claim) => claimOf(claim)) }),
  };
}

function claimOf({ name, value, in: places, on_error }: ScopeClaimFields): ExtendedClaim {
  return { name: name ?? '', value: value ?? '', in: places ?? ['userinfo'], on_error: on_error ?? 'omit' };
}

/** The scope as it is read. */
export function toScope(scope: CustomScopeEntity): Scope {
  const answer: Scope = {
    name: scope.name,
    description: { 'zh-CN': scope.descriptionZhCn, en: scope.descriptionEn },
    claims: scope.claims.map((claim) => ({ ...claim, in: [...claim.in] })),
    created_at: scope.createdAt.toISOString(),
    updated_at: scope.updatedAt.toISOString(),
  };
  return tagged(answer, scope);
}
