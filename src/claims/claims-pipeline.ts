import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { CLAIMS_SOURCE, type Claims, type ClaimsContext, type ClaimsSource, type ClaimsUse } from './claims-source.js';

/** Bytes that a person's claims may fill in a token: apps put tokens into headers, which servers limit to 8 kB. */
const MOST_IN_TOKEN = 4_096;

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
    return use === 'userinfo' ? claims : withinToken(claims);
  }
}

/** Those that fit, in their order. None has to be there (OpenID Connect Core 1.0 §5.5.1), and userinfo has them all. */
function withinToken(claims: Claims): Claims {
  let bytes = 0;
  const fitting = Object.entries(claims).filter(([name, value]) => {
    const size = Buffer.byteLength(name) + Buffer.byteLength(JSON.stringify(value) ?? '');
    if (bytes + size > MOST_IN_TOKEN) return false;
    bytes += size;
    return true;
  });
  return Object.fromEntries(fitting);
}
