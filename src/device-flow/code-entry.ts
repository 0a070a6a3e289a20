import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { DeviceCodeStore, type PendingDevice } from './device-code-store.js';
import { readUserCode } from './user-code.js';
import { WrongCodes, type Enterer } from './wrong-codes.js';

/** What became of a code that was entered. */
export type Entry =
  | { readonly outcome: 'found'; readonly device: PendingDevice }
  | { readonly outcome: 'unknown' }
  /** @property retryAfter seconds */
  | { readonly outcome: 'stopped'; readonly retryAfter: number };

/** Somebody who is signed in enters a user code: one by one, and not too often. */
@Injectable()
export class CodeEntry {
  constructor(
    private readonly codes: DeviceCodeStore,
    private readonly wrong: WrongCodes,
    private readonly audit: AuditLog,
  ) {}

  /** @param byForm a link that is followed, or opened again, is nobody's guess: it costs no device its code */
  async enter(typed: string, actor: Enterer & { readonly traceId: string }, byForm: boolean): Promise<Entry> {
    const userCode = readUserCode(typed);
    const retryAfter = await this.wrong.begin(actor);
    if (retryAfter > 0) {
      // Who has been wrong that often and is right now has guessed. The device's owner gets a new code in a moment.
      const guessed = byForm && userCode !== undefined && (await this.codes.decide(userCode, 'deny'));
      this.audit.record('device.code_refused', actor, { stopped: true, guessed });
      return { outcome: 'stopped', retryAfter };
    }
    const device = userCode === undefined ? undefined : await this.codes.findPending(userCode);
    if (device === undefined) {
      this.audit.record('device.code_refused', actor);
      return { outcome: 'unknown' };
    }
    await this.wrong.wasRight(actor);
    return { outcome: 'found', device };
  }
}
