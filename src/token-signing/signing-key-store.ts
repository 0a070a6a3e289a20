import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { KeyObject } from 'node:crypto';
import { In, Repository } from 'typeorm';
import { AuditLog } from '../audit/audit-log.js';
import { ClinchConfig } from '../config/clinch-config.js';
import { StartError } from '../config/start-error.js';
import { withStartLock } from '../database/start-lock.js';
import { Keyring, UndecryptableError } from '../keyring/keyring.js';
import { generateRsaKey, privateKeyFrom, publicKeyFrom } from './rsa-key.js';
import { SigningKeyEntity } from './signing-key.entity.js';

/** A verifier that meets an unknown `kid` may ask this often, in milliseconds, whether another node has made a key. */
const RELOAD_EVERY_MS = 5_000;

interface LoadedKeys {
  readonly signing: { readonly kid: string; readonly key: KeyObject };
  readonly verifying: ReadonlyMap<string, KeyObject>;
  readonly published: readonly Record<string, unknown>[];
}

function place(kid: string): string {
  return `signing_keys.sealed_private_jwk.${kid}`;
}

/**
 * The keys: made on the very first start, under the lock that lets only one node do it, and held in memory.
 */
@Injectable()
export class SigningKeyStore implements OnApplicationBootstrap {
  private keys: LoadedKeys | undefined;
  private loadedAt = 0;

  constructor(
    @InjectRepository(SigningKeyEntity) private readonly repository: Repository<SigningKeyEntity>,
    private readonly keyring: Keyring,
    private readonly config: ClinchConfig,
    private readonly audit: AuditLog,
  ) {}

  /** @throws {StartError} when the master key does not open the stored keys; a new one is never made then */
  async onApplicationBootstrap(): Promise<void> {
    await withStartLock(this.config.database, async () => {
      if ((await this.repository.count()) === 0) await this.create();
    });
    await this.load();
  }

  current(): LoadedKeys['signing'] {
    return this.loaded().signing;
  }

  published(): LoadedKeys['published'] {
    return this.loaded().published;
  }

  /** The public key of that id, after a look at the database if it is not known here yet. */
  async verifying(kid: string): Promise<KeyObject | undefined> {
    const known = this.loaded().verifying.get(kid);
    if (known !== undefined || Date.now() - this.loadedAt < RELOAD_EVERY_MS) return known;
    // Noted first: of many that ask together, one looks.
    this.loadedAt = Date.now();
    await this.load();
    return this.loaded().verifying.get(kid);
  }

  private loaded(): LoadedKeys {
    if (this.keys === undefined) throw new Error('the signing keys are not loaded yet');
    return this.keys;
  }

  private async create(): Promise<void> {
    const { kid, publicJwk, privateJwk } = await generateRsaKey();
    const now = new Date();
    await this.repository.insert({
      kid,
      algorithm: 'RS256',
      state: 'signing',
      publicJwk: JSON.stringify(publicJwk),
      sealedPrivateJwk: this.keyring.seal(place(kid), JSON.stringify(privateJwk)),
      createdAt: now,
      signsFrom: now,
      retiresAt: null,
      goneAt: null,
    });
    this.audit.record('signing_key.created', {}, { kid });
  }

  private async load(): Promise<void> {
    const rows = await this.repository.find({ where: { state: In(['announced', 'signing', 'retiring']) } });
    const signing = rows
      .filter((row) => row.state === 'signing')
      .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
    if (signing === undefined)
      throw new StartError('No signing key is in the state "signing"; restore one from a backup.');
    this.keys = {
      signing: { kid: signing.kid, key: privateKeyFrom(this.open(signing)) },
      verifying: new Map(rows.map((row) => [row.kid, publicKeyFrom(row.publicJwk)])),
      published: rows.map((row) => JSON.parse(row.publicJwk) as Record<string, unknown>),
    };
    this.loadedAt = Date.now();
  }

  private open(row: SigningKeyEntity): string {
    try {
      return this.keyring.open(place(row.kid), row.sealedPrivateJwk);
    } catch (error) {
      if (!(error instanceof UndecryptableError)) throw error;
      throw new StartError(
        `The master key cannot open the stored signing key ${row.kid}: it is ${error.message}. ` +
          'Give the right key in CLINCH_MASTER_KEY or CLINCH_MASTER_KEY_FILE. No new key is made.',
      );
    }
  }
}
