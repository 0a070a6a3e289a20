import { Injectable } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { partOf } from './admin-part.js';
import { ADMIN_SCOPE, neededScope } from './admin-scope.js';

/** A scope of the admin API, in words. */
export interface AdminScope {
  readonly name: string;
  readonly description: string;
}

/** The scopes that the admin API has, as its parts are found at start: a new part brings its own. */
@Injectable()
export class AdminScopes {
  private scopes: readonly AdminScope[] | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
  ) {}

  all(): readonly AdminScope[] {
    this.scopes ??= [{ name: ADMIN_SCOPE, description: 'Everything in this API' }, ...this.ofParts()];
    return this.scopes;
  }

  private ofParts(): AdminScope[] {
    const tags = new Map<string, Set<string>>();
    for (const { metatype } of this.discovery.getControllers()) {
      const part = typeof metatype === 'function' ? partOf(this.reflector, metatype) : undefined;
      if (part !== undefined) tags.set(part.area, (tags.get(part.area) ?? new Set()).add(part.tag));
    }
    return [...tags.keys()].toSorted().flatMap((area) => {
      const words = [...(tags.get(area) ?? [])].toSorted().join(', ');
      return [
        { name: neededScope(area, 'GET'), description: `${words}: read` },
        { name: neededScope(area, 'POST'), description: `${words}: make, change and delete` },
      ];
    });
  }
}
