import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { ClaimExpressions } from './claim-expressions.js';
import {
  CLAIMS_SOURCE,
  type ClaimsContext,
  type ClaimsSource,
  type ClaimsUse,
  type Contribution,
} from './claims-source.js';
import { composeClaims, type ComposedClaims } from './composed-claims.js';

/** The one authority on what tokens and userinfo say about a person: asks every source, in their declared order. */
@Injectable()
export class ClaimsPipeline implements OnModuleInit {
  private sources: readonly ClaimsSource[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    private readonly expressions: ClaimExpressions,
  ) {}

  onModuleInit(): void {
    const found = this.discovery.getProviders().flatMap(({ instance, metatype }) => {
      if (typeof metatype !== 'function') return [];
      const options = this.reflector.get<{ order: number } | undefined>(CLAIMS_SOURCE, metatype);
      return options === undefined ? [] : [{ order: options.order, source: instance as ClaimsSource }];
    });
    this.sources = found.sort((a, b) => a.order - b.order).map(({ source }) => source);
  }

  /**
   * The claims of everything that one answer brings, in the order of the uses. The expressions of them all are evaluated
   * together, each text once.
   */
  async compose(context: ClaimsContext, uses: readonly ClaimsUse[]): Promise<ComposedClaims[]> {
    const contributed: (readonly Contribution[])[] = [];
    for (const use of uses) contributed.push(await this.contributions(context, use));
    const evaluated = await this.expressions.evaluate(context, contributed.flat());
    return uses.map((use, index) => composeClaims(use, contributed[index] ?? [], evaluated));
  }

  private async contributions(context: ClaimsContext, use: ClaimsUse): Promise<Contribution[]> {
    const found: Contribution[] = [];
    for (const source of this.sources) found.push(...(await source.contribute(context, use)));
    return found;
  }
}
