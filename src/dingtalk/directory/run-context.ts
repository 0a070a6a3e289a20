import type { DingTalkClient } from '../api/dingtalk-client.js';
import type { IdentitySource } from '../source/identity-source.js';
import type { RunProgress, SyncRun } from './sync-run.js';

/** What everybody who works on a run needs. */
export interface RunContext {
  readonly run: SyncRun;
  readonly source: IdentitySource;
  readonly client: DingTalkClient;
  readonly node: string;
  /** Ends when the run is this node's no longer, or the server ends. */
  readonly signal: AbortSignal;
  /** Counted up as the work goes on, and written down with every sign of life. */
  readonly progress: { -readonly [Name in keyof RunProgress]: RunProgress[Name] };
  /** User ids of those whose records were compared, and applied, while others were fetched. */
  readonly settled: Set<string>;
  /** What led to it, for the audit. */
  readonly by: string;
}

/** Something that stops a whole run, in words for an administrator. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
}

/** More people would be disabled than may be without an operator's word. */
export class ApprovalNeeded extends Error {
  override readonly name = 'ApprovalNeeded';
}
