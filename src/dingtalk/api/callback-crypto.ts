import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** DingTalk pads to blocks of 32 bytes, twice those of AES, so Node's own padding cannot be used. */
const BLOCK = 32;
const AES_BLOCK = 16;
/** Random bytes that every message begins with. */
const SALT_BYTES = 16;
const LENGTH_BYTES = 4;

/** A callback that is not from DingTalk, or not for this app. Which of the two, and why, is for the log at most. */
export class CallbackCryptoError extends Error {
  override readonly name = 'CallbackCryptoError';
}

/** The answer to a callback: exactly these four members, and that spelling. */
export interface SealedReply {
  readonly msg_signature: string;
  readonly timeStamp: string;
  readonly nonce: string;
  readonly encrypt: string;
}

/** What came with a callback. */
export interface SealedCallback {
  readonly signature: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly encrypt: string;
}

/** DingTalk's encryption of HTTP callbacks: SHA-1 over the sorted texts, AES-256-CBC, padding to blocks of 32. */
export class CallbackCrypto {
  private readonly key: Buffer;

  /**
   * @param token what the signature is made with
   * @param aesKey 43 characters, base64 of 32 bytes; the last character may hold bits that mean nothing
   * @param owner the app's Client ID, which stands behind every message
   */
  constructor(
    private readonly token: string,
    aesKey: string,
    private readonly owner: string,
  ) {
    this.key = Buffer.from(`${aesKey}=`, 'base64');
    if (this.key.length !== 32) throw new RangeError('the AES key is not 43 characters of base64');
  }

  /**
   * The message of a callback. The signature comes first: without the token nothing is decrypted at all.
   *
   * @throws {CallbackCryptoError} whatever is wrong with it
   */
  open({ signature, timestamp, nonce, encrypt }: SealedCallback): string {
    if (!isSame(Buffer.from(signature), Buffer.from(this.sign(timestamp, nonce, encrypt)))) {
      throw new CallbackCryptoError('the signature is another');
    }
    return this.decrypt(encrypt);
  }

  /** A message as DingTalk would send it, or an answer as it expects it. */
  seal(message: string, timestamp: string, nonce: string, salt = randomBytes(SALT_BYTES)): SealedReply {
    const encrypt = this.encrypt(message, salt);
    return { msg_signature: this.sign(timestamp, nonce, encrypt), timeStamp: timestamp, nonce, encrypt };
  }

  private sign(timestamp: string, nonce: string, encrypt: string): string {
    // By code unit, as `sort` does without a comparison.
    const sorted = [this.token, timestamp, nonce, encrypt].toSorted().join('');
    return createHash('sha1').update(sorted, 'utf8').digest('hex');
  }

  private encrypt(message: string, salt: Buffer): string {
    const text = Buffer.from(message, 'utf8');
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(text.length);
    const plain = Buffer.concat([salt, length, text, Buffer.from(this.owner, 'utf8')]);
    const padding = BLOCK - (plain.length % BLOCK);
    const cipher = createCipheriv('aes-256-cbc', this.key, this.key.subarray(0, AES_BLOCK)).setAutoPadding(false);
    const padded = Buffer.concat([plain, Buffer.alloc(padding, padding)]);
    return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64');
  }

  private decrypt(encrypt: string): string {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encrypt)) throw new CallbackCryptoError('the message is not base64');
    const sealed = Buffer.from(encrypt, 'base64');
    if (sealed.length === 0 || sealed.length % BLOCK !== 0) throw new CallbackCryptoError('the message is cut');
    const cipher = createDecipheriv('aes-256-cbc', this.key, this.key.subarray(0, AES_BLOCK)).setAutoPadding(false);
    const plain = withoutPadding(Buffer.concat([cipher.update(sealed), cipher.final()]));
    const begin = SALT_BYTES + LENGTH_BYTES;
    if (plain.length < begin) throw new CallbackCryptoError('the message is too short');
    const end = begin + plain.readUInt32BE(SALT_BYTES);
    if (end > plain.length) throw new CallbackCryptoError('the message is shorter than it says');
    if (!isSame(plain.subarray(end), Buffer.from(this.owner, 'utf8'))) {
      throw new CallbackCryptoError('the message is for another app');
    }
    return utf8(plain.subarray(begin, end));
  }
}

/** Looks at every byte, whatever it finds. */
function withoutPadding(padded: Buffer): Buffer {
  const count = padded.at(-1) ?? 0;
  let wrong = count < 1 || count > BLOCK ? 1 : 0;
  for (const [index, byte] of padded.subarray(-BLOCK).entries()) {
    wrong |= index >= BLOCK - count ? byte ^ count : 0;
  }
  if (wrong !== 0) throw new CallbackCryptoError('the padding is wrong');
  return padded.subarray(0, padded.length - count);
}

/** As digests, which have one length: the time that it takes says nothing about the value. */
function isSame(left: Buffer, right: Buffer): boolean {
  const [one, other] = [left, right].map((bytes) => createHash('sha256').update(bytes).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CallbackCryptoError('the message is not UTF-8', { cause: error });
  }
}
