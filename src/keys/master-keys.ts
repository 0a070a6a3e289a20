import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { Database } from '../database/database.js';
import { sealedTablesOf, type SealedTableColumn } from '../database/sealed-tables.js';
import { Keyring } from '../keyring/keyring.js';
import { liveDigests, SHORT_LIVED } from './live-digests.js';
import { MasterKeyEntity } from './master-key.entity.js';

/** Milliseconds: nodes note so often which key they seal with. */
export const NOTED_EVERY_MS = 60_000;

/** One master key, as far as it is known here. */
export interface MasterKeyState {
  readonly id: string;
  readonly current: boolean;
  /** Whether this node has it. */
  readonly atHand: boolean;
  readonly currentSince: Date | undefined;
  /** Values that are sealed under it. */
  readonly sealed: number;
  /** Why it cannot be dropped; empty: it can. */
  readonly neededFor: readonly string[];
}

export interface MasterKeyStatus {
  readonly keys: readonly MasterKeyState[];
  /** Values that are still sealed under another key than the current one. */
  readonly remaining: number;
}

/** What is under which master key, and the work of bringing all of it under the current one. */
@Injectable()
export class MasterKeys {
  readonly columns: readonly SealedTableColumn[];

  constructor(
    private readonly database: Database,
    private readonly keyring: Keyring,
    private readonly audit: AuditLog,
  ) {
    this.columns = sealedTablesOf(database);
  }

  /** Notes which keys are at hand, and since when the current one is. To be called at every start. */
  async note(): Promise<void> {
    const now = new Date();
    const { currentKeyId, keyIds } = this.keyring;
    await this.database.dataSource.transaction(async (manager) => {
      for (const id of keyIds) {
        const row = { id, firstSeenAt: now, currentSince: null, lastSeenAt: now };
        await manager.createQueryBuilder().insert().into(MasterKeyEntity).values(row).orIgnore().execute();
        await manager.update(MasterKeyEntity, { id }, { lastSeenAt: now });
      }
      await manager.update(MasterKeyEntity, { id: currentKeyId }, { lastCurrentAt: now });
      const known = await manager.find(MasterKeyEntity);
      const previous = known.find(({ id, currentSince }) => currentSince !== null && id !== currentKeyId);
      if (known.find(({ id }) => id === currentKeyId)?.currentSince !== null) return;
      await manager.update(MasterKeyEntity, { id: currentKeyId }, { currentSince: now });
      if (previous === undefined) return;
      await manager.update(MasterKeyEntity, { id: previous.id }, { currentSince: null });
      const details = { from: previous.id, to: currentKeyId };
      await this.audit.recordIn(manager, 'master_key.changed', {}, details);
    });
  }

  /** That this node runs and seals with its first key. To be called every minute: while one does, the others are needed. */
  async noteCurrent(): Promise<void> {
    const own = { id: this.keyring.currentKeyId };
    await this.database.dataSource.getRepository(MasterKeyEntity).update(own, { lastCurrentAt: new Date() });
  }

  /** How many values are sealed under each key. */
  async sealed(): Promise<ReadonlyMap<string, number>> {
    const sums = new Map<string, number>();
    for (const column of this.columns) {
      for (const [id, count] of await column.count()) sums.set(id, (sums.get(id) ?? 0) + count);
    }
    return sums;
  }

  async status(): Promise<MasterKeyStatus> {
    const { currentKeyId, keyIds } = this.keyring;
    const sealed = await this.sealed();
    const known = await this.database.dataSource.getRepository(MasterKeyEntity).find();
    const ids = [...new Set([...keyIds, ...sealed.keys(), ...known.map(({ id }) => id)])];
    const digests = ids.length > 1 ? await this.digests(soleSince(known, currentKeyId)) : [];
    const keys = ids.map((id) => ({
      id,
      current: id === currentKeyId,
      atHand: keyIds.includes(id),
      currentSince: known.find((each) => each.id === id)?.currentSince ?? undefined,
      sealed: sealed.get(id) ?? 0,
      neededFor: id === currentKeyId ? ['sealing'] : [...sealedReason(sealed.get(id)), ...digests],
    }));
    return { keys, remaining: keys.reduce((sum, key) => sum + (key.current ? 0 : key.sealed), 0) };
  }

  /**
   * Brings everything under the current key, in small steps.
   *
   * @param pause asked between two steps: false to stop, and go on another time
   * @returns how many values were sealed anew, and those that no key at hand opens
   */
  async reencrypt(
    pause: () => Promise<boolean>,
  ): Promise<{ readonly resealed: number; readonly unreadable: readonly string[] }> {
    let resealed = 0;
    const unreadable: string[] = [];
    for (const column of this.columns) {
      let after: string | undefined = '';
      while (after !== undefined && (await pause())) {
        const step = await column.reseal(after, this.keyring);
        resealed += step.resealed;
        unreadable.push(...step.unreadable.map((id) => `${column.name} of ${id}`));
        after = step.last;
      }
    }
    if (resealed > 0) this.audit.record('master_key.reencrypted', {}, { to: this.keyring.currentKeyId, resealed });
    return { resealed, unreadable };
  }

  private async digests(since: Date): Promise<string[]> {
    const now = Date.now();
    const counts = await liveDigests(this.database, { now, since: since.getTime(), keyId: this.keyring.currentKeyId });
    const reasons = Object.entries(counts).filter(([, count]) => count > 0);
    const young = now - since.getTime() < SHORT_LIVED * 1000 ? ['sign-ins and codes of the last day'] : [];
    return [...young, ...reasons.map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`)];
  }
}

/** Since when no node makes digests with another key than the current one. */
function soleSince(known: readonly MasterKeyEntity[], currentKeyId: string): Date {
  const since = known.find(({ id }) => id === currentKeyId)?.currentSince?.getTime() ?? 0;
  // A node that ran a minute ago may run yet, and the clocks of nodes may differ by as much.
  const others = known.flatMap(({ id, lastCurrentAt }) =>
    id === currentKeyId || lastCurrentAt === null ? [] : [lastCurrentAt.getTime() + 2 * NOTED_EVERY_MS],
  );
  return new Date(Math.min(Date.now(), Math.max(since, ...others)));
}

function sealedReason(sealed = 0): string[] {
  return sealed === 0 ? [] : [`${sealed} sealed values`];
}
