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
import { SigningKeyEntity } from './signing-key.entity.js';

/** Milliseconds. Every node reads the rows once a second: after this, all of them publish a key that was just made. */
export const KNOWN_EVERYWHERE_MS = 1_500;

/** What was done to the keys by hand. */
export interface KeyChange {
  /** The keys that sign from then on, one for each algorithm that was meant. */
  readonly successors: readonly SigningKeyEntity[];
}

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
      const ahead = immediately ? KNOWN_EVERYWHERE_MS : this.times.announcement * 1000;
      const successors: string[] = [];
      for (const algorithm of algorithms) {
        const announced = await this.announced(algorithm, Date.now());
        // Made before the transaction: an RSA key can take a second, and others wait for the connection of SQLite.
        const fresh = announced === undefined ? await generateKey(algorithm) : undefined;
        const kid = announced?.kid ?? fresh?.kid ?? '';
        const signsFrom = new Date(Date.now() + ahead);
        await this.dataSource.transaction(async (manager) => {
          if (fresh !== undefined) await this.insert(manager, fresh, signsFrom, 'announced');
          if (announced !== undefined && immediately) await manager.update(SigningKeyEntity, { kid }, { signsFrom });
          await this.audit.recordIn(manager, 'signing_key.rotated', actor, { kid, algorithm, immediately });
          successors.push(kid);
        });
      }
      await this.apply(Date.now());
      return { successors: (await this.all()).filter(({ kid }) => successors.includes(kid)) };
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
      if (key === undefined || state === undefined || state === 'gone') throw new KeyIsGoneError(`${kid} is gone`);
      const successor = state === 'signing' ? await this.successorOf(key.algorithm) : undefined;
      await this.dataSource.transaction(async (manager) => {
        const now = new Date();
        const gone = { state: 'gone', revokedAt: now, goneAt: now, sealedPrivateJwk: '' } as const;
        await manager.update(SigningKeyEntity, { kid }, { ...gone, retiresAt: earlier(key.retiresAt, now) });
        // Noted as signing, so that it signs on nodes with slow clocks too.
        const next = { state: 'signing', signsFrom: now } as const;
        if (successor !== undefined) await manager.update(SigningKeyEntity, { kid: successor }, next);
        const details = { kid, algorithm: key.algorithm, successor: successor ?? null };
        await this.audit.recordIn(manager, 'signing_key.revoked', actor, details);
      });
      await this.apply(Date.now());
      return { successors: (await this.all()).filter((each) => each.kid === successor) };
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
    const made = await Promise.all(announcing.map(async ({ algorithm }) => generateKey(algorithm)));
    if (steps.length === 0) return;
    await this.dataSource.transaction(async (manager) => {
      for (const step of steps.filter((each) => each.kind !== 'announce')) await this.take(manager, step);
      for (const [index, { signsFrom }] of announcing.entries()) {
        const key = made[index];
        if (key !== undefined) await this.insert(manager, key, signsFrom, keys.length === 0 ? 'signing' : 'announced');
      }
    });
    // What was announced gives the others their times.
    if (announcing.length > 0) await this.apply(now);
  }

  private async take(manager: EntityManager, step: Exclude<ScheduleStep, { kind: 'announce' }>): Promise<void> {
    const { kid } = step;
    if (step.kind === 'plan') {
      const { retiresAt, goneAt } = step;
      await manager.update(SigningKeyEntity, { kid }, { retiresAt, goneAt });
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

  /** @returns the kid of a key that all nodes publish by now */
  private async successorOf(algorithm: SigningAlgorithm): Promise<string> {
    const announced = await this.announced(algorithm, Date.now());
    if (announced !== undefined) return announced.kid;
    const signsFrom = new Date(Date.now() + this.times.announcement * 1000);
    const fresh = await generateKey(algorithm);
    await this.dataSource.transaction((manager) => this.insert(manager, fresh, signsFrom, 'announced'));
    await delay(KNOWN_EVERYWHERE_MS);
    return fresh.kid;
  }
}

/** All of them, or the one that was named. */
export function algorithmsOf(named: SigningAlgorithm | undefined): readonly SigningAlgorithm[] {
  return named === undefined ? SIGNING_ALGORITHMS : [named];
}

function earlier(time: Date | null, now: Date): Date {
  return time !== null && time < now ? time : now;
}
