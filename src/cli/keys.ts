import { DataSource } from 'typeorm';
import { CommandAudit } from './command-audit.js';
import { IdempotencyKeyEntity } from '../admin/idempotency-key.entity.js';
import { AuditExportEntity } from '../audit-export/audit-export.entity.js';
import { AuditWriter } from '../audit/audit-writer.js';
import { ServerLog } from '../audit/server-log.js';
import type { ClinchConfig } from '../config/clinch-config.js';
import { Database } from '../database/database.js';
import { dataSourceOptions, openDataSource } from '../database/data-source.js';
import { SignInStateEntity } from '../dingtalk/sign-in/sign-in-state.entity.js';
import { IdentitySourceEntity } from '../dingtalk/source/identity-source.entity.js';
import { Keyring } from '../keyring/keyring.js';
import { loadMasterKeys } from '../keyring/master-key-file.js';
import { MasterKeyEntity } from '../keys/master-key.entity.js';
import { MasterKeys } from '../keys/master-keys.js';
import { Measurements } from '../measurements/measurements.js';
import { SettingsEntity } from '../settings/settings.entity.js';
import { Settings } from '../settings/settings.js';
import { SigningKeyEntity } from '../token-signing/signing-key.entity.js';
import { SigningKeyRows } from '../token-signing/signing-key-rows.js';

/** Those that the commands about keys work on; all that have sealed columns are among them, which a test sees to. */
export const KEY_ENTITIES = [
  SigningKeyEntity,
  SettingsEntity,
  MasterKeyEntity,
  IdentitySourceEntity,
  SignInStateEntity,
  IdempotencyKeyEntity,
  AuditExportEntity,
];

/** What the commands about keys work with. */
export interface KeyTools {
  readonly signingKeys: SigningKeyRows;
  readonly masterKeys: MasterKeys;
}

/** Opens the database and the keyring for one command, beside servers that run, and starts none of their jobs. */
export async function withKeys<T>(config: ClinchConfig, use: (tools: KeyTools) => Promise<T>): Promise<T> {
  const keyring = new Keyring(loadMasterKeys(config));
  const dataSource: DataSource = await openDataSource({
    ...dataSourceOptions(config.database),
    entities: KEY_ENTITIES,
  });
  try {
    const database = new Database(dataSource);
    const { audit, log, writer } = commandAudit(config, database);
    const settings = new Settings(dataSource.getRepository(SettingsEntity), log);
    await settings.latest();
    const signingKeys = new SigningKeyRows(dataSource, keyring, config, audit, settings);
    const result = await use({ signingKeys, masterKeys: new MasterKeys(database, keyring, audit) });
    await writer.beforeApplicationShutdown();
    return result;
  } finally {
    await dataSource.destroy();
  }
}

/** Log lines would stand between the lines of the command's own. What is done here is recorded with the change itself. */
function commandAudit(config: ClinchConfig, database: Database) {
  const quiet = Object.assign(Object.create(config) as ClinchConfig, { logLevel: 'silent' });
  const log = new ServerLog(quiet);
  const writer = new AuditWriter(database, log, new Measurements());
  return { audit: new CommandAudit(log, writer), log, writer };
}
