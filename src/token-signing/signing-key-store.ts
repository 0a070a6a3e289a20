import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { ServerLog } from '../audit/server-log.js';
import { StartError } from '../config/start-error.js';
import { Keyring, UndecryptableError } from '../keyring/keyring.js';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../protocol/signing-algorithm.js';
import { privateKeyFrom, publicKeyFrom } from './key-algorithms.js';
import { nextChange, statesAt } from './key-schedule.js';
import { openPrivateJwk } from './sealed-private-key.js';
import { SigningKeyRows } from './signing-key-rows.js';
import { SigningKeyEntity, type SigningKeyState } from './signing-key.entity.js';

/** Milliseconds: a token with an unknown `kid` may ask this often whether another node has made a key. */
const RELOAD_EVERY_MS = 250;

/** A key and the one algorithm that it is for (RFC 8725 §3.1). */
export interface UsableKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly key: KeyObject;
}

type PrivateKey = UsableKey;
type PublicKey = UsableKey & { readonly text: string };

/** What counts between two moments. */
interface Outlook {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly until: number;
  readonly signing: ReadonlyMap<SigningAlgorithm, SigningKeyEntity>;
  readonly states: ReadonlyMap<SigningKeyEntity, SigningKeyState>;
  readonly published: readonly Record<string, unknown>[];
}

/**
 * The keys in memory. Which of them signs is told from the rows and the clock, so it changes at the planned moment on every
 * node, and while the database is away as well.
 */
@Injectable()
export class SigningKeyStore implements OnApplicationBootstrap {
  private rowsNow: readonly SigningKeyEntity[] = [];
  private outlook: Outlook | undefined;
  private publicKeys: ReadonlyMap<string, PublicKey> = new Map();
  private privateKeys: ReadonlyMap<string, PrivateKey> = new Map();
  /** The last look at the rows, whether it has come back or not, and when it began. */
  private reading: Promise<void> = Promise.resolve();
  private readingSince = 0;
  private begun = 0;
  private taken = 0;
  /** Keys whose private half does not open here. */
  private readonly unreadable = new Set<string>();

  constructor(
    private readonly rows: SigningKeyRows,
    private readonly keyring: Keyring,
    private readonly log: ServerLog,
  ) {}

  /** @throws {StartError} when the master key does not open the stored keys; a new one is never made then */
  async onApplicationBootstrap(): Promise<void> {
    this.assertReadable(await this.rows.all());
    await this.rows.follow();
    await this.reload();
  }

  /**
   * The key that signs with this algorithm at this moment. Where its private half does not open here, another one that is
   * published: a token that verifies is better than none.
   */
  current(algorithm: SigningAlgorithm): UsableKey {
    const row = this.now().signing.get(algorithm);
    const key = row === undefined ? undefined : (this.privateKeys.get(row.kid) ?? this.instead(algorithm));
    if (key === undefined) throw new Error(`there is no key for ${algorithm} that can be used here`);
    return key;
  }

  /** The public keys of RFC 7517, those that sign first. */
  published(): readonly Record<string, unknown>[] {
    return this.now().published;
  }

  /** All rows as they were read last, and what state each is in now. */
  states(): ReadonlyMap<SigningKeyEntity, SigningKeyState> {
    return this.now().states;
  }

  /**
   * The public key of that id, after a look at the database if it is not known here yet.
   *
   * @param use `hint`: also one that is not published any more, for a token that nobody relies on; never a revoked one
   */
  async verifying(kid: string, use: 'token' | 'hint' = 'token'): Promise<UsableKey | undefined> {
    const known = this.find(kid, use);
    if (known !== undefined) return known;
    try {
      // Of many that ask together, one looks, and all of them wait for it.
      const isRecent = Math.abs(Date.now() - this.readingSince) < RELOAD_EVERY_MS;
      await (isRecent ? this.reading : this.reload());
    } catch {
      // Whoever watches the keys says so in the log. A key that cannot be looked up is a key that is not known.
      return undefined;
    }
    return this.find(kid, use);
  }

  /** Reads the rows again, so that what was done on another node counts here. What cannot be read leaves all as it was. */
  reload(): Promise<void> {
    this.readingSince = Date.now();
    this.reading = this.read(++this.begun);
    return this.reading;
  }

  private async read(turn: number): Promise<void> {
    const rows = await this.rows.all();
    // A look that began later has come back before.
    if (turn < this.taken) return;
    const publicKeys = new Map(rows.map((row) => [row.kid, this.publicKeyOf(row)]));
    const privateKeys = new Map(rows.flatMap((row) => this.privateKeyOf(row)));
    // All at once: there is no moment with the keys of before and the rows of after.
    [this.taken, this.rowsNow, this.publicKeys, this.privateKeys] = [turn, rows, publicKeys, privateKeys];
    this.outlook = undefined;
  }

  private find(kid: string, use: 'token' | 'hint'): UsableKey | undefined {
    const row = this.rowsNow.find((each) => each.kid === kid);
    if (row === undefined || row.revokedAt !== null) return undefined;
    if (use === 'token' && this.now().states.get(row) === 'gone') return undefined;
    return this.publicKeys.get(kid);
  }

  private now(): Outlook {
    const now = Date.now();
    const known = this.outlook;
    if (known !== undefined && known.from <= now && now < known.until) return known;
    const states = statesAt(this.rowsNow, now);
    const signing = [...states].filter(([, state]) => state === 'signing').map(([row]) => row);
    if (signing.length === 0) throw new Error('the signing keys are not loaded yet');
    const others = [...states].filter(([, state]) => state === 'announced' || state === 'retiring').map(([row]) => row);
    const published = [...signing.toSorted(byAlgorithm), ...others].map(
      ({ publicJwk }) => JSON.parse(publicJwk) as Record<string, unknown>,
    );
    const until = nextChange(this.rowsNow, now);
    this.outlook = {
      from: now,
      until,
      states,
      signing: new Map(signing.map((row) => [row.algorithm, row])),
      published,
    };
    return this.outlook;
  }

  /** A key is made once of its row, so that what was verified with it is remembered with it. */
  private publicKeyOf({ kid, algorithm, publicJwk: text }: SigningKeyEntity): PublicKey {
    const known = this.publicKeys.get(kid);
    return known?.text === text ? known : { kid, algorithm, key: publicKeyFrom(text), text };
  }

  /** None where there is none any more, and where no master key at hand opens it: another node's is good all the same. */
  private privateKeyOf(row: SigningKeyEntity): [string, PrivateKey][] {
    const { kid, algorithm, sealedPrivateJwk: sealed } = row;
    const known = this.privateKeys.get(kid);
    if (sealed === '') return [];
    if (known !== undefined) return [[kid, known]];
    try {
      const key = privateKeyFrom(openPrivateJwk(this.keyring, row));
      this.unreadable.delete(kid);
      return [[kid, { kid, algorithm, key }]];
    } catch (error) {
      // Said once of each.
      if (!this.unreadable.has(kid)) {
        this.log.failure({ kind: 'signing_keys', kid, err: error }, 'this node cannot sign with a signing key');
      }
      this.unreadable.add(kid);
      return [];
    }
  }

  /** The one that signed last before, or the one that signs next. */
  private instead(algorithm: SigningAlgorithm): PrivateKey | undefined {
    const able = [...this.now().states].filter(([row]) => row.algorithm === algorithm && this.privateKeys.has(row.kid));
    const inState = (wanted: SigningKeyState) => able.filter(([, state]) => state === wanted).map(([row]) => row);
    const byBeginning = (a: SigningKeyEntity, b: SigningKeyEntity) => timeOf(a.signsFrom) - timeOf(b.signsFrom);
    const row = inState('retiring').toSorted(byBeginning).at(-1) ?? inState('announced').toSorted(byBeginning)[0];
    return row && this.privateKeys.get(row.kid);
  }

  private assertReadable(rows: readonly SigningKeyEntity[]): void {
    for (const row of rows) {
      try {
        if (row.sealedPrivateJwk !== '') openPrivateJwk(this.keyring, row);
      } catch (error) {
        if (!(error instanceof UndecryptableError)) throw error;
        throw new StartError(
          `The master key cannot open the stored signing key ${row.kid}: it is ${error.message}. ` +
            'Give the right key in CLINCH_MASTER_KEY or CLINCH_MASTER_KEY_FILE. No new key is made.',
        );
      }
    }
  }
}

function byAlgorithm(a: SigningKeyEntity, b: SigningKeyEntity): number {
  return SIGNING_ALGORITHMS.indexOf(a.algorithm) - SIGNING_ALGORITHMS.indexOf(b.algorithm);
}

function timeOf(time: Date | null): number {
  return time?.getTime() ?? 0;
}
