import { Injectable } from '@nestjs/common';
import { confirm } from './confirmation.js';
import { DepartedPeople } from './departed-people.js';
import { DirectoryUpdates } from './directory-updates.js';
import { Findings } from './findings.js';
import { inParallel } from './in-parallel.js';
import { KnownPeople } from './known-people.js';
import type { RunContext } from './run-context.js';
import { Staging } from './staging.js';

/** People who are asked for at the same time, and before it is written down that they are done. */
const AT_ONCE = 25;
const PART = 100;

/** Reads people one by one, for what no list says: their manager, their positions, whether they are switched off. */
@Injectable()
export class PersonDetails {
  constructor(
    private readonly staging: Staging,
    private readonly updates: DirectoryUpdates,
    private readonly departed: DepartedPeople,
    private readonly known: KnownPeople,
    private readonly findings: Findings,
  ) {}

  /**
   * @throws {DingTalkError} when DingTalk is away or lets nobody in
   * @throws {ApprovalNeeded} when more people turn out to be gone than may be disabled
   */
  async read(context: RunContext): Promise<void> {
    const { run, source, progress, signal, by } = context;
    for (;;) {
      signal.throwIfAborted();
      const userids = await this.staging.wantedDetails(run.id, PART);
      if (userids.length === 0) return;
      const accounts = await this.known.accountsOf(source, userids);
      await inParallel(userids, AT_ONCE, async (userid) => {
        const readAt = new Date();
        const found = await confirm(context, this.findings, userid);
        if (found === 'gone') await this.departed.disable(context, userid, accounts.get(userid));
        else if (found !== 'unknown') await this.updates.apply(source, found, by, readAt);
        progress.details_read += 1;
      });
      await this.staging.detailsDone(run.id, userids);
    }
  }
}
