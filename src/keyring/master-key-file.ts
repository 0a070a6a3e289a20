import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import type { ClinchConfig } from '../config/clinch-config.js';
import { MASTER_KEY_BYTES, parseMasterKeys } from '../config/master-keys.js';
import { StartError } from '../config/start-error.js';

/**
 * The master keys: from the configuration, or from the file beside the embedded database, which is made on the very
 * first start. The file is written before the database, so a database without its key file means that the key was
 * lost, and a new one could not read what is stored: then the start stops.
 *
 * @throws {StartError} when the file is missing beside an existing database, or unreadable, or not a key
 */
export function loadMasterKeys(config: ClinchConfig): readonly Buffer[] {
  if (config.masterKeys.length > 0 || config.database.kind !== 'sqlite') return config.masterKeys;
  const databasePath = config.database.path;
  const path = masterKeyPath(databasePath);
  // In this order: another process that starts now makes the key first, and the database after it.
  const databaseExists = existsSync(databasePath);
  if (existsSync(path)) return readKeyFile(path);
  if (databaseExists) {
    throw new StartError(
      `The database ${databasePath} exists, but its master key ${path} does not. ` +
        'Put the key file back, or give the key in CLINCH_MASTER_KEY. No new key is made, because it could not read what is stored.',
    );
  }
  return createKeyFile(path);
}

export function masterKeyPath(databasePath: string): string {
  return `${databasePath}.master-key`;
}

/** Written beside its place and then linked there: nobody ever finds half a key, not even after a crash. */
function createKeyFile(path: string): readonly Buffer[] {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${randomBytes(MASTER_KEY_BYTES).toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
    // The umask may only have taken rights away, yet an inherited default ACL may have added some.
    chmodSync(draft, 0o600);
    linkSync(draft, path);
  } catch (error) {
    // Another process was first: its key is the key.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new StartError(`The master key file ${path} cannot be written: ${String(error)}`);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return readKeyFile(path);
}

function readKeyFile(path: string): readonly Buffer[] {
  try {
    return parseMasterKeys(readFileSync(path, 'utf8').trim());
  } catch (error) {
    throw new StartError(`The master key file ${path} ${error instanceof Error ? error.message : String(error)}.`);
  }
}
