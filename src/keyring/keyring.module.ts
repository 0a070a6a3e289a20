import { Module } from '@nestjs/common';
import { ClinchConfig } from '../config/clinch-config.js';
import { Keyring } from './keyring.js';
import { loadMasterKeys } from './master-key-file.js';

/**
 * Owns the master keys: finds them or, beside a brand-new embedded database, makes them. Hands on sealing, opening
 * and keyed digests. Leaves what is sealed, and under which name, to the room that stores it.
 */
@Module({
  providers: [
    {
      provide: Keyring,
      useFactory: (config: ClinchConfig) => new Keyring(loadMasterKeys(config)),
      inject: [ClinchConfig],
    },
  ],
  exports: [Keyring],
})
export class KeyringModule {}
