import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditLog, type Actor } from '../audit/audit-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { sealedPlace } from '../database/sealed.js';
import { withStartLock } from '../database/start-lock.js';
import { Keyring } from '../keyring/keyring.js';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../protocol/signing-algorithm.js';
import { Settings } from '../settings/settings.js';
import { generateKey } from './key-algorithms.js';
import { scheduleSteps, statesAt, type ScheduleStep } from './key-schedule.js';
import { keyTimes, type KeyTimes } from './key-times.js';
import { assertOwnMasterKey } from './sealed-private-key.js';
import { SigningKeyEntity } from './signing-key.entity.js';

/** Milliseconds. Every node reads the rows once a second: after this, all of them publish a key that was just made. */
export const KNOWN_EVERYWHERE_MS = 1_500;

/** What was done to the keys by hand. */
export interface KeyChange {
  /** The keys that sign from then on, one for each algorithm that was meant. */
  readonly successors: readonly SigningKeyEntity[];
}

type NextKey = Pick<SigningKeyEntity, 'kid' | 'algorithm' | 'signsFrom' | 'createdAt'>;

/** There is no such key, or it is gone already. */
export class KeyIsGoneError extends Error {
  override readonly name = 'KeyIsGoneError';
}

/**
 * The rows of the signing keys and all that changes them. Changes are made by one process at a time, under the lock of the
 * first start: nodes, their jobs and the command line alike, whatever their clocks say.
 */
@Injectable()
export class SigningKeyRows {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keyring: Keyring,
    private readonly config: ClinchConfig,
    private readonly audit: AuditLog,
    private readonly settings: Settings,
  ) {}

  get times(): KeyTimes {
    return keyTimes(this.settings.current, this.config);
  }

  /** All that there ever were, oldest first. */
  async all(): Promise<SigningKeyEntity[]> {
    return this.dataSource.getRepository(SigningKeyEntity).find({ order: { createdAt: 'ASC', kid: 'ASC' } });
  }

  /** Does what the schedule has for this moment; nothing where another node has done it. */
  async follow(): Promise<void> {
    await this.alone(() => this.apply(Date.now()));
  }

  /**
   * Gives each algorithm its next key now: announced first, unless it is to be immediately. A key that is announced
   * already is that next key.
   */
  async rotate(
    algorithms: readonly SigningAlgorithm[],
    { immediately }: { readonly immediately: boolean },
    actor: Actor,
  ): Promise<KeyChange> {
    return this.alone(async () => {
      this.assertMaySeal(await this.all());
      const next = await Promise.all(algorithms.map((algorithm) => this.nextOf(algorithm)));
      if (immediately) await this.knownEverywhere(next);
      await this.dataSource.transaction(async (manager) => {
        for (const key of next) await this.bringForward(manager, key, immediately);
        for (const { kid, algorithm } of next)
          await this.audit.recordIn(manager, 'signing_key.rotated', actor, { kid, algorithm, immediately });
      });
      await this.apply(Date.now());
      const kids = new Set(next.map(({ kid }) => kid));
      return { successors: (await this.all()).filter(({ kid }) => kids.has(kid)) };
    });
  }

  /**
   * Takes a key out of use before its time. What it signed is not good any more; if it was the one that signs, the next
   * one signs from then on, and if there was none it is made, and known to all nodes, before.
   *
   * @throws {KeyIsGoneError}
   */
  async revoke(kid: string, actor: Actor): Promise<KeyChange> {
    return this.alone(async () => {
      const keys = await this.all();
      const key = keys.find((each) => each.kid === kid);
      const state = key && statesAt(keys, Date.now()).get(key);
      this.assertMaySeal(keys);
      if (key === undefined || state === undefined || state === 'gone') throw new KeyIsGoneError(`${kid} is gone`);
      const next = state === 'signing' ? [await this.nextOf(key.algorithm)] : [];
      await this.knownEverywhere(next);
      await this.dataSource.transaction(async (manager) => {
        const now = new Date();
        const gone = { state: 'gone', revokedAt: now, goneAt: now, sealedPrivateJwk: '' } as const;
        await manager.update(SigningKeyEntity, { kid }, { ...gone, retiresAt: earlier(key.retiresAt, now) });
        for (const each of next) await this.bringForward(manager, each, true);
        const details = { kid, algorithm: key.algorithm, successor: next[0]?.kid ?? null };
        await this.audit.recordIn(manager, 'signing_key.revoked', actor, details);
      });
      await this.apply(Date.now());
      return { successors: (await this.all()).filter((each) => each.kid === next[0]?.kid) };
    });
  }

  private alone<T>(change: () => Promise<T>): Promise<T> {
    return withStartLock(this.config.database, change);
  }

  private async apply(now: number): Promise<void> {
    const keys = await this.all();
    const steps = scheduleSteps(keys, this.times, now);
    // On the very first start all of them at once: two RSA keys are made at the same time.
    const announcing = steps.filter((step) => step.kind === 'announce');
    if (announcing.length > 0) this.assertMaySeal(keys);
    const made = await Promise.all(announcing.map(async ({ algorithm }) => generateKey(algorithm)));
    if (steps.length === 0) return;
    await this.dataSource.transaction(async (manager) => {
      for (const step of steps.filter((each) => each.kind !== 'announce')) await this.take(manager, step);
      for (const [index, { signsFrom }] of announcing.entries()) {
        const key = made[index];
        if (key !== undefined) await this.insert(manager, key, signsFrom, keys.length === 0 ? 'signing' : 'announced');
      }
    });
    // What was announced or moved gives the others their times.
    if (steps.some(({ kind }) => kind === 'announce' || kind === 'move')) await this.apply(now);
  }

  private async take(manager: EntityManager, step: Exclude<ScheduleStep, { kind: 'announce' }>): Promise<void> {
    const { kid } = step;
    if (step.kind === 'plan') {
      const { retiresAt, goneAt } = step;
      await manager.update(SigningKeyEntity, { kid }, { retiresAt, goneAt });
      return;
    }
    if (step.kind === 'move') {
      await manager.update(SigningKeyEntity, { kid }, { signsFrom: step.signsFrom });
      return;
    }
    const { state } = step;
    await manager.update(SigningKeyEntity, { kid }, { state, ...(state === 'gone' ? { sealedPrivateJwk: '' } : {}) });
    await this.audit.recordIn(manager, `signing_key.${state}`, {}, { kid });
  }

  private async insert(
    manager: EntityManager,
    { kid, algorithm, publicJwk, privateJwk }: Awaited<ReturnType<typeof generateKey>>,
    signsFrom: Date,
    state: 'announced' | 'signing',
  ): Promise<void> {
    await manager.insert(SigningKeyEntity, {
      kid,
      algorithm,
      state,
      publicJwk: JSON.stringify(publicJwk),
      sealedPrivateJwk: this.keyring.seal(
        sealedPlace(SigningKeyEntity, 'sealedPrivateJwk', kid),
        JSON.stringify(privateJwk),
      ),
      createdAt: new Date(),
      signsFrom,
      retiresAt: null,
      goneAt: null,
      revokedAt: null,
    });
    const details = { kid, algorithm, signsFrom: signsFrom.toISOString() };
    await this.audit.recordIn(manager, `signing_key.${state}`, {}, details);
  }

  private async announced(algorithm: SigningAlgorithm, now: number): Promise<SigningKeyEntity | undefined> {
    const states = statesAt(await this.all(), now);
    return [...states].find(([key, state]) => key.algorithm === algorithm && state === 'announced')?.[0];
  }

  /** The key that is announced already, or one that is from now on. */
  private async nextOf(algorithm: SigningAlgorithm): Promise<NextKey> {
    const announced = await this.announced(algorithm, Date.now());
    if (announced !== undefined) return announced;
    // Made before the transaction: an RSA key can take a second, and others wait for the connection of SQLite.
    const fresh = await generateKey(algorithm);
    const signsFrom = new Date(Date.now() + this.times.announcement * 1000);
    await this.dataSource.transaction((manager) => this.insert(manager, fresh, signsFrom, 'announced'));
    return { kid: fresh.kid, algorithm, signsFrom, createdAt: new Date() };
  }

  /** Waits until all nodes publish the keys. Counted from when they were there to be read, not from when they were planned. */
  private async knownEverywhere(keys: readonly NextKey[]): Promise<void> {
    const isYoung = ({ createdAt }: NextKey) => Math.abs(Date.now() - createdAt.getTime()) < 60_000;
    if (keys.some(isYoung)) await delay(KNOWN_EVERYWHERE_MS);
  }

  /** A key that is to sign at once is noted as signing, so that it signs on nodes with slow clocks too. */
  private async bringForward(manager: EntityManager, { kid, signsFrom }: NextKey, immediately: boolean): Promise<void> {
    const now = Date.now();
    if (immediately) {
      await manager.update(SigningKeyEntity, { kid }, { state: 'signing', signsFrom: new Date(now) });
      return;
    }
    // One that a node with a wrong clock has announced may be years away.
    const latest = now + this.times.announcement * 1000;
    if (signsFrom === null || signsFrom.getTime() <= latest) return;
    await manager.update(SigningKeyEntity, { kid }, { signsFrom: new Date(latest) });
  }

  /** What a wrong master key seals, no node opens: then nothing is changed at all. */
  private assertMaySeal(keys: readonly SigningKeyEntity[]): void {
    const signing = [...statesAt(keys, Date.now())].filter(([, state]) => state === 'signing').map(([key]) => key);
    assertOwnMasterKey(this.keyring, signing);
  }
}

/** All of them, or the one that was named. */
export function algorithmsOf(named: SigningAlgorithm | undefined): readonly SigningAlgorithm[] {
  return named === undefined ? SIGNING_ALGORITHMS : [named];
}

function earlier(time: Date | null, now: Date): Date {
  return time !== null && time < now ? time : now;
}
