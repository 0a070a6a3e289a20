import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import {
  IDENTITY_PROVIDER,
  type IdentityProvider,
  type IdentityProviderOptions,
  type SignInContext,
  type SignInWay,
} from './identity-provider.js';

/** The identity providers that exist, as they were found at start. */
@Injectable()
export class IdentityProviders implements OnModuleInit {
  private readonly providers = new Map<string, IdentityProvider>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
  ) {}

  /** @throws {Error} when two providers claim one id */
  onModuleInit(): void {
    for (const { instance, metatype } of this.discovery.getProviders()) {
      if (typeof metatype !== 'function') continue;
      const options = this.reflector.get<IdentityProviderOptions | undefined>(IDENTITY_PROVIDER, metatype);
      if (options === undefined) continue;
      if (this.providers.has(options.id)) throw new Error(`two identity providers claim the id ${options.id}`);
      this.providers.set(options.id, instance as IdentityProvider);
    }
  }

  async ways(context: SignInContext): Promise<readonly SignInWay[]> {
    const found = await Promise.all([...this.providers.values()].map((provider) => provider.ways(context)));
    return found.flat();
  }
}
