import { StartError } from '../config/start-error.js';
import { sealedPlace } from '../database/sealed.js';
import { UndecryptableError, type Keyring } from '../keyring/keyring.js';
import { SigningKeyEntity } from './signing-key.entity.js';

/**
 * The private JWK of a key that is not gone.
 *
 * @throws {UndecryptableError} when no master key at hand opens it
 */
export function openPrivateJwk(
  keyring: Keyring,
  { kid, sealedPrivateJwk }: Pick<SigningKeyEntity, 'kid' | 'sealedPrivateJwk'>,
): string {
  return keyring.open(sealedPlace(SigningKeyEntity, 'sealedPrivateJwk', kid), sealedPrivateJwk);
}

/** The master key at hand opens none of the keys that sign: what it sealed, no other node could open. */
export class ForeignMasterKeyError extends StartError {}

/**
 * To be called before anything is sealed beside keys that are there.
 *
 * @param signing the keys that sign; where there is none, any master key is right
 * @throws {ForeignMasterKeyError}
 */
export function assertOwnMasterKey(keyring: Keyring, signing: readonly SigningKeyEntity[]): void {
  const faults = signing.map((row) => faultOf(keyring, row));
  const [first] = faults;
  if (first === undefined || faults.includes(undefined)) return;
  throw new ForeignMasterKeyError(
    `The master key at hand opens none of the keys that sign: the first is ${first.message}. Nothing was changed. ` +
      'Give the key that the servers have in CLINCH_MASTER_KEY or CLINCH_MASTER_KEY_FILE.',
  );
}

function faultOf(keyring: Keyring, row: SigningKeyEntity): UndecryptableError | undefined {
  try {
    openPrivateJwk(keyring, row);
    return undefined;
  } catch (error) {
    if (error instanceof UndecryptableError) return error;
    throw error;
  }
}
