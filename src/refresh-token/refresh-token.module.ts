import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { FamilyList } from './family-list.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';
import { RefreshTokenForm } from './refresh-token-form.js';
import { RefreshTokenGrant } from './refresh-token.grant.js';
import { RefreshTokenStore } from './refresh-token-store.js';
import { RefreshTokens } from './refresh-tokens.js';

/**
 * Owns refresh tokens (RFC 6749 §6): how a family begins, how its token is replaced at every use
 * (`refresh-tokens.ts`), what a spent one means, and how a family ends. Hands on `RefreshTokens`, and for the person `FamilyList`. Leaves to
 * `token-endpoint` who gets one, and whether the person may still be spoken of.
 */
@Module({
  imports: [TypeOrmModule.forFeature([RefreshTokenEntity]), AuditModule, KeyringModule],
  providers: [FamilyList, RefreshTokenForm, RefreshTokenStore, RefreshTokens, RefreshTokenGrant],
  exports: [RefreshTokens, FamilyList],
})
export class RefreshTokenModule {}
