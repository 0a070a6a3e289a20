import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** A stored value that none of the master keys opens. */
export class UndecryptableError extends Error {
  override readonly name = 'UndecryptableError';

  constructor(
    /** The id of the key that the value was encrypted under. */
    readonly keyId: string,
    /** The ids of the keys at hand. */
    readonly knownKeyIds: readonly string[],
  ) {
    super(`encrypted under the master key ${keyId}, but the keys at hand are ${knownKeyIds.join(', ')}`);
  }
}

declare const SEALED_PLACE: unique symbol;

/**
 * What a value is sealed to: table, column and row. `database/sealed.ts` makes them, of columns that are declared as sealed
 * and of no others.
 */
export type SealedPlace = string & { readonly [SEALED_PLACE]: true };

interface MasterKey {
  readonly id: string;
  readonly encryption: Buffer;
  readonly digest: Map<string, Buffer>;
  readonly material: Buffer;
}

/**
 * What the master keys are used for: sealing what must be read back, and keyed digests of what must only be
 * recognised. Each use has a key of its own, derived by HKDF with a label, so that no key serves two purposes.
 * The first master key seals and digests; all of them open and recognise.
 */
export class Keyring {
  private readonly keys: readonly MasterKey[];
  private readonly current: MasterKey;

  /** @param masterKeys 32 bytes each, at least one */
  constructor(masterKeys: readonly Buffer[]) {
    this.keys = masterKeys.map((material) => ({
      id: Buffer.from(hkdfSync('sha256', material, '', 'clinch master key id', 4)).toString('hex'),
      encryption: Buffer.from(hkdfSync('sha256', material, '', 'clinch encryption', 32)),
      digest: new Map(),
      material,
    }));
    const first = this.keys[0];
    if (first === undefined) throw new Error('the keyring needs a master key');
    this.current = first;
  }

  get currentKeyId(): string {
    return this.current.id;
  }

  /** The ids of all keys at hand, the current one first. */
  get keyIds(): readonly string[] {
    return this.keys.map(({ id }) => id);
  }

  /**
   * Seals a value with AES-256-GCM.
   *
   * @param place a sealed value that was moved to another row does not open
   */
  seal(place: SealedPlace, plaintext: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.current.encryption, iv).setAAD(Buffer.from(place));
    const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'));
    return ['v1', this.current.id, ...parts].join('.');
  }

  /**
   * @throws {UndecryptableError} when no master key at hand opens it
   */
  open(place: SealedPlace, sealed: string): string {
    const [version, keyId = '', iv = '', ciphertext = '', tag = ''] = sealed.split('.');
    const key = this.keys.find((candidate) => candidate.id === keyId);
    const unreadable = () =>
      new UndecryptableError(
        keyId,
        this.keys.map((known) => known.id),
      );
    if (version !== 'v1' || key === undefined) throw unreadable();
    try {
      const decipher = createDecipheriv('aes-256-gcm', key.encryption, Buffer.from(iv, 'base64url'))
        .setAAD(Buffer.from(place))
        .setAuthTag(Buffer.from(tag, 'base64url'));
      return decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8');
    } catch {
      throw unreadable();
    }
  }

  /** HMAC-SHA-256 of a random secret, 43 characters: what is stored instead of the secret. */
  digest(purpose: string, value: string): string {
    return digestUnder(this.current, purpose, value);
  }

  /** The digests that the value may be stored under, the current one first: one for each master key at hand. */
  digests(purpose: string, value: string): string[] {
    return this.keys.map((key) => digestUnder(key, purpose, value));
  }
}

function digestUnder(key: MasterKey, purpose: string, value: string): string {
  let derived = key.digest.get(purpose);
  if (derived === undefined) {
    derived = Buffer.from(hkdfSync('sha256', key.material, '', `clinch digest ${purpose}`, 32));
    key.digest.set(purpose, derived);
  }
  return createHmac('sha256', derived).update(value).digest('base64url');
}
