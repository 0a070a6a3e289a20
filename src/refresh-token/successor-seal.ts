import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Keeps a token so that only its predecessor opens it: AES-256-GCM under a key that HKDF derives from the predecessor,
 * which we do not have once it is spent. Whoever reads the database alone learns nothing.
 *
 * @param place what the sealed text belongs to; in another place it does not open
 */
export function sealSuccessor(predecessor: string, place: string, successor: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(predecessor), iv).setAAD(Buffer.from(place));
  const ciphertext = Buffer.concat([cipher.update(successor, 'utf8'), cipher.final()]);
  return [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url')).join('.');
}

/** @returns undefined when this token is not the one that it was sealed under */
export function openSuccessor(predecessor: string, place: string, sealed: string): string | undefined {
  const [iv = '', ciphertext = '', tag = ''] = sealed.split('.');
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyOf(predecessor), Buffer.from(iv, 'base64url'))
      .setAAD(Buffer.from(place))
      .setAuthTag(Buffer.from(tag, 'base64url'));
    return decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
}

function keyOf(predecessor: string): Buffer {
  return Buffer.from(hkdfSync('sha256', predecessor, '', 'clinch refresh token successor', 32));
}
