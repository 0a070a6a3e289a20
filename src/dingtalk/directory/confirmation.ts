import { DingTalkError } from '../api/dingtalk-error.js';
import type { OrganisationRecord } from '../api/organisation-record.js';
import { Findings } from './findings.js';
import type { RunContext } from './run-context.js';

/** What DingTalk says about one person who was asked for by user id. `unknown`: its answer is of no use. */
export type Confirmation = OrganisationRecord | 'gone' | 'unknown';

/** Calls to DingTalk are tried again by the client, this often. */
const RETRIES = 3;

/**
 * Asks for one person. Nobody is sent away, or let in again, on the word of a list: who moves from one department to
 * another while the lists are read is in none of them, and a list does not tell who is switched off.
 *
 * @throws {DingTalkError} when DingTalk is away or lets nobody in
 */
export async function confirm(
  { client, signal, run, progress }: RunContext,
  findings: Findings,
  userid: string,
): Promise<Confirmation> {
  try {
    const record = await client.user(userid, { signal, retries: RETRIES });
    return record === undefined || record.disable_status === true ? 'gone' : record;
  } catch (error) {
    if (!(error instanceof DingTalkError)) throw error;
    // Outside of what the app may see is outside of what it is here for.
    if (error.fault === 'out_of_range') return 'gone';
    if (error.fault !== 'refused') throw error;
    progress.errors += await findings.fail(run.id, [{ kind: 'person', key: userid, message: error.message }]);
    return 'unknown';
  }
}
