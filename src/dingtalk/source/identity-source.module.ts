import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { KeyringModule } from '../../keyring/keyring.module.js';
import { IdentitySourceEntity } from './identity-source.entity.js';
import { IdentitySources } from './identity-sources.js';

/**
 * Owns the organisations' DingTalks: their settings, their sealed secrets. Hands on the sources by id. Leaves the calls
 * to `dingtalk/api`, and what is done with them to the rooms below.
 */
@Module({
  imports: [TypeOrmModule.forFeature([IdentitySourceEntity]), KeyringModule],
  providers: [IdentitySources],
  exports: [IdentitySources],
})
export class IdentitySourceModule {}
