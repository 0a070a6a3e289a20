import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const BLOCK = 32;
const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;

export interface CallbackKeys {
  readonly token: string;
  /** 43 characters of base64 without its padding. */
  readonly aesKey: string;
  /** The Client ID, for an internal app whose events were subscribed to in the console. */
  readonly ownerKey: string;
}

/** The lower-case hex SHA-1 over the four strings in ascending order. */
export function callbackSignature(token: string, timestamp: string, nonce: string, encrypt: string): string {
  return createHash('sha1').update([token, timestamp, nonce, encrypt].sort().join('')).digest('hex');
}

/** Encrypts a message. The sixteen random bytes at its head are given only by tests. */
export function encryptCallback(keys: CallbackKeys, message: string, random = randomBytes(RANDOM_BYTES)): string {
  const text = Buffer.from(message);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  const plain = Buffer.concat([random, length, text, Buffer.from(keys.ownerKey)]);
  // PKCS#7 with blocks of 32 bytes, which Node's own padding of 16 is not.
  const pad = BLOCK - (plain.length % BLOCK);
  const key = keyBytes(keys);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
    'base64',
  );
}

/** The message in an encrypted text. Throws an Error when it is damaged, or for another owner. */
export function decryptCallback(keys: CallbackKeys, encrypt: string): string {
  const key = keyBytes(keys);
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(Buffer.from(encrypt, 'base64')), decipher.final()]);
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > BLOCK || pad > padded.length) throw new Error('900004: the padding is damaged');
  const plain = padded.subarray(0, padded.length - pad);
  if (plain.length < RANDOM_BYTES + LENGTH_BYTES) throw new Error('900004: the text is too short');
  const start = RANDOM_BYTES + LENGTH_BYTES;
  const end = start + plain.readUInt32BE(RANDOM_BYTES);
  if (plain.subarray(end).toString() !== keys.ownerKey) throw new Error('900010: the owner key is another');
  return plain.subarray(start, end).toString();
}

function keyBytes({ aesKey }: CallbackKeys): Buffer {
  return Buffer.from(`${aesKey}=`, 'base64');
}
