import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { CLAIMS_SOURCE, type Claims, type ClaimsContext, type ClaimsSource, type ClaimsUse } from './claims-source.js';

/** The one authority on what tokens and userinfo say about a person: asks every source, in their declared order. */
@Injectable()
export class ClaimsPipeline implements OnModuleInit {
  private sources: readonly ClaimsSource[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const found = this.discovery.getProviders().flatMap(({ instance, metatype }) => {
      if (typeof metatype !== 'function') return [];
      const options = this.reflector.get<{ order: number } | undefined>(CLAIMS_SOURCE, metatype);
      return options === undefined ? [] : [{ order: options.order, source: instance as ClaimsSource }];
    });
    this.sources = found.sort((a, b) => a.order - b.order).map(({ source }) => source);
  }

  async claims(context: ClaimsContext, use: ClaimsUse): Promise<Claims> {
    const claims: Claims = {};
    for (const source of this.sources) Object.assign(claims, await source.contribute(context, use));
    return claims;
  }
}
