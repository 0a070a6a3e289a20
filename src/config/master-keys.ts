/** The size of a master key in bytes: AES-256. */
export const MASTER_KEY_BYTES = 32;

/**
 * Reads one or several base64 keys separated by commas; the first encrypts, all decrypt.
 *
 * @throws {Error} whose message completes the sentence "CLINCH_MASTER_KEY …"
 */
export function parseMasterKeys(text: string): Buffer[] {
  return text.split(',').map((part) => {
    const encoded = part.trim().replaceAll('-', '+').replaceAll('_', '/');
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) throw new Error('is not base64');
    const key = Buffer.from(encoded, 'base64');
    if (key.length !== MASTER_KEY_BYTES) {
      throw new Error(`holds a key of ${key.length} bytes; a key has ${MASTER_KEY_BYTES}`);
    }
    // A key that somebody typed (all zeros, one letter repeated, 0..31) is a known sample, not a secret.
    const steps = new Set(
      key.map((byte, index) => (index === 0 ? 0 : (byte - key[index - 1]! + 256) % 256)).subarray(1),
    );
    if (new Set(key).size < 12 || steps.size < 4) throw new Error('holds a sample key, not a random one');
    return key;
  });
}
