import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { StartError } from '../config/start-error.js';
import { sealedPlace } from '../database/sealed.js';
import { Keyring, UndecryptableError } from '../keyring/keyring.js';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../protocol/signing-algorithm.js';
import { privateKeyFrom, publicKeyFrom } from './key-algorithms.js';
import { nextChange, statesAt } from './key-schedule.js';
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
  private loadedAt = 0;
  private readonly publicKeys = new Map<string, UsableKey & { readonly text: string }>();
  private readonly privateKeys = new Map<string, UsableKey>();

  constructor(
    private readonly rows: SigningKeyRows,
    private readonly keyring: Keyring,
  ) {}

  /** @throws {StartError} when the master key does not open the stored keys; a new one is never made then */
  async onApplicationBootstrap(): Promise<void> {
    this.assertReadable(await this.rows.all());
    await this.rows.follow();
    await this.reload();
  }

  /** The key that signs with this algorithm at this moment. */
  current(algorithm: SigningAlgorithm): UsableKey {
    const row = this.now().signing.get(algorithm);
    const key = row === undefined ? undefined : this.privateKeys.get(row.kid);
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
    if (known !== undefined || Math.abs(Date.now() - this.loadedAt) < RELOAD_EVERY_MS) return known;
    await this.reload();
    return this.find(kid, use);
  }

  /** Reads the rows again, so that what was done on another node counts here. What cannot be read leaves all as it was. */
  async reload(): Promise<void> {
    // Noted first: of many that ask together, one looks.
    this.loadedAt = Date.now();
    const rows = await this.rows.all();
    for (const row of rows) this.keep(row);
    this.rowsNow = rows;
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
  private keep({ kid, algorithm, publicJwk, sealedPrivateJwk }: SigningKeyEntity): void {
    if (this.publicKeys.get(kid)?.text !== publicJwk) {
      this.publicKeys.set(kid, { kid, algorithm, key: publicKeyFrom(publicJwk), text: publicJwk });
      this.privateKeys.delete(kid);
    }
    if (sealedPrivateJwk === '') this.privateKeys.delete(kid);
    else if (!this.privateKeys.has(kid)) {
      const key = privateKeyFrom(
        this.keyring.open(sealedPlace(SigningKeyEntity, 'sealedPrivateJwk', kid), sealedPrivateJwk),
      );
      this.privateKeys.set(kid, { kid, algorithm, key });
    }
  }

  private assertReadable(rows: readonly SigningKeyEntity[]): void {
    for (const { kid, sealedPrivateJwk } of rows) {
      try {
        if (sealedPrivateJwk !== '')
          this.keyring.open(sealedPlace(SigningKeyEntity, 'sealedPrivateJwk', kid), sealedPrivateJwk);
      } catch (error) {
        if (!(error instanceof UndecryptableError)) throw error;
        throw new StartError(
          `The master key cannot open the stored signing key ${kid}: it is ${error.message}. ` +
            'Give the right key in CLINCH_MASTER_KEY or CLINCH_MASTER_KEY_FILE. No new key is made.',
        );
      }
    }
  }
}

function byAlgorithm(a: SigningKeyEntity, b: SigningKeyEntity): number {
  return SIGNING_ALGORITHMS.indexOf(a.algorithm) - SIGNING_ALGORITHMS.indexOf(b.algorithm);
}
