import { Injectable } from '@nestjs/common';
import { IdentitySources } from '../source/identity-sources.js';
import { IdentityStore } from './identity-store.js';
import { DEFAULT_MAPPING } from './profile-mapping.js';

/** Where the claims of people come from. */
@Injectable()
export class ProfileSources {
  constructor(
    private readonly identities: IdentityStore,
    private readonly sources: IdentitySources,
  ) {}

  /** The claims of an account that an organisation's directory writes: nobody else's change of them would last. */
  async mappedClaimsOf(accountId: string): Promise<ReadonlySet<string>> {
    const claims = new Set<string>();
    for (const { sourceId, leftAt } of await this.identities.allOf(accountId)) {
      const source = leftAt === undefined ? await this.sources.findEnabled(sourceId) : undefined;
      if (source === undefined) continue;
      const mapping = Object.entries(source.settings.mapping ?? DEFAULT_MAPPING);
      for (const [claim, fields] of mapping) if (fields.length > 0) claims.add(claim);
    }
    return claims;
  }
}
