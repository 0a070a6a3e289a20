import { Injectable } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { partOf } from './admin-part.js';
import { ADMIN_SCOPE, neededScope } from './admin-scope.js';

/** A scope of the admin API, in words. */
export interface AdminScope {
  readonly name: string;
  readonly description: string;
}

/** The scopes that the admin API has, as its parts are found at start: a new part brings its own. In their order. */
@Injectable()
export class AdminScopes {
  private scopes: readonly AdminScope[] | undefined;
  private readonly declared: AdminScope[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
  ) {}

  /** A right that no path names, because it is beside the operations' own. To be called when the application is made. */
  declare(scope: AdminScope): void {
    this.declared.push(scope);
  }

  all(): readonly AdminScope[] {
    const found = () => [...this.ofParts(), ...this.declared].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.scopes ??= [{ name: ADMIN_SCOPE, description: 'Everything in this API' }, ...found()];
    return this.scopes;
  }

  private ofParts(): AdminScope[] {
    const tags = new Map<string, Set<string>>();
    for (const { metatype } of this.discovery.getControllers()) {
      const part = typeof metatype === 'function' ? partOf(this.reflector, metatype) : undefined;
      if (part !== undefined) tags.set(part.area, (tags.get(part.area) ?? new Set()).add(part.tag));
    }
    return [...tags.keys()].flatMap((area) => {
      const words = [...(tags.get(area) ?? [])].toSorted().join(', ');
      return [
        { name: neededScope(area, 'GET'), description: `${words}: read` },
        { name: neededScope(area, 'POST'), description: `${words}: make, change and delete` },
      ];
    });
  }
}
