import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminModule } from '../admin/admin.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { TokenSigningModule } from '../token-signing/token-signing.module.js';
import { KeysController } from './keys.controller.js';
import { MasterKeyEntity } from './master-key.entity.js';
import { MasterKeys } from './master-keys.js';
import { MasterKeysController } from './master-keys.controller.js';
import { Reencryption } from './reencryption.js';
import { RevocationImpact } from './revocation-impact.js';

/**
 * Owns the operators' side of the keys: the schedule of the signing keys as they see it, rotation and revocation by hand,
 * and who fails of a revocation; the change of the master key, row by row. Leaves the signing keys and what they sign to
 * `token-signing`, and which columns are sealed to the rooms, which declare it beside their entities.
 */
@Module({
  imports: [TypeOrmModule.forFeature([MasterKeyEntity]), KeyringModule, AuditModule, AdminModule, TokenSigningModule],
  controllers: [KeysController, MasterKeysController],
  providers: [RevocationImpact, MasterKeys, Reencryption],
})
export class KeysModule {}
