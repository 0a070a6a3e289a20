import { Injectable } from '@nestjs/common';
import type { Client } from '../app-registry/client.js';
import { ServerLog } from '../audit/server-log.js';
import { MOST_IN_TOKEN, type ComposedClaims, type RefusedClaim } from './composed-claims.js';

/** Milliseconds: how often a line is written of an app whose claims do not fit into its tokens. */
const TOO_LARGE_EVERY_MS = 3_600_000;
/** Apps that are remembered for it. */
const REMEMBERED = 5_000;

/** Tells operators which claims were left out: by name, never with a value. */
@Injectable()
export class ClaimsLog {
  private readonly toldAt = new Map<string, number>();

  constructor(private readonly log: ServerLog) {}

  note({ id: clientId }: Client, composed: readonly ComposedClaims[]): void {
    for (const { use, refused } of composed) {
      if (refused.length === 0) continue;
      const large = refused.filter(({ refusal }) => refusal === 'too_large');
      if (large.length > 0) this.noteTooLarge(clientId, use, large);
      const failed = refused.filter(({ rule, refusal }) => rule !== undefined && refusal !== 'too_large');
      if (failed.length === 0 || !this.log.isOn('info')) continue;
      const claims = failed.map(({ name, refusal }) => ({ name, refusal }));
      this.log.info({ kind: 'claims', clientId, use, claims }, 'claims were left out: their expressions have no value');
    }
  }

  private noteTooLarge(clientId: string, use: string, large: readonly RefusedClaim[]): void {
    const now = Date.now();
    if (now - (this.toldAt.get(clientId) ?? -Infinity) < TOO_LARGE_EVERY_MS) return;
    this.toldAt.delete(clientId);
    this.toldAt.set(clientId, now);
    if (this.toldAt.size > REMEMBERED) this.toldAt.delete(this.toldAt.keys().next().value ?? '');
    const claims = large.map(({ name }) => name);
    this.log.warning(
      { kind: 'claims', clientId, use, claims, bytes: MOST_IN_TOKEN },
      'claims did not fit into a token',
    );
  }
}
