import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { getMetadataStorage } from 'class-validator';
import { GrantTypes } from '../app-registry/grant-types.js';
import { GRANT, type GrantHandler, type GrantOptions } from './grant-handler.js';

export interface RegisteredGrant extends GrantOptions {
  readonly handler: GrantHandler;
  /** The wire names that the params class declares. */
  readonly parameterNames: readonly string[];
}

/** The grants that exist, as they were found at start. What is here is what the token endpoint takes and discovery says. */
@Injectable()
export class GrantRegistry implements OnModuleInit {
  private readonly grants = new Map<string, RegisteredGrant>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    private readonly grantTypes: GrantTypes,
  ) {}

  /** @throws {Error} when two grants claim one type: the house would not know which one to ask */
  onModuleInit(): void {
    // The registry of apps stands above this room and cannot ask by itself.
    this.grantTypes.declare(() => this.all());
    for (const { instance, metatype } of this.discovery.getProviders()) {
      if (typeof metatype !== 'function') continue;
      const options = this.reflector.get<GrantOptions | undefined>(GRANT, metatype);
      if (options === undefined) continue;
      if (this.grants.has(options.type)) throw new Error(`two grants claim the type ${options.type}`);
      const parameterNames = validatedProperties(options.params);
      this.grants.set(options.type, { ...options, handler: instance as GrantHandler, parameterNames });
    }
  }

  find(grantType: string): RegisteredGrant | undefined {
    return this.grants.get(grantType);
  }

  all(): readonly RegisteredGrant[] {
    return [...this.grants.values()];
  }
}

function validatedProperties(params: new () => object): string[] {
  const metadata = getMetadataStorage().getTargetValidationMetadatas(params, '', false, false);
  return [...new Set(metadata.map(({ propertyName }) => propertyName))];
}
