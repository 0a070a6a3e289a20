import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { KeyringModule } from '../keyring/keyring.module.js';
import { AccessTokenVerifier } from './access-token-verifier.js';
import { KeyWatch } from './key-watch.js';
import { JwksController } from './jwks.controller.js';
import { RevokedTokens } from './revoked-tokens.js';
import { RevokedTokenEntity } from './revoked-token.entity.js';
import { SettingsModule } from '../settings/settings.module.js';
import { SigningKeyRows } from './signing-key-rows.js';
import { SigningKeyStore } from './signing-key-store.js';
import { SigningKeyEntity } from './signing-key.entity.js';
import { TokenSigningService } from './token-signing.service.js';

/**
 * Owns the signing keys, their schedule, and the one service that signs: every grant's tokens pass here. Hands on signing, checking
 * our own tokens, and the list of what was revoked. Leaves the claims to `claims`, and which tokens are made and how
 * long they live to `token-endpoint`.
 */
@Module({
  imports: [
    TypeOrmModule.forFeature([SigningKeyEntity, RevokedTokenEntity]),
    KeyringModule,
    AuditModule,
    SettingsModule,
  ],
  controllers: [JwksController],
  providers: [SigningKeyRows, SigningKeyStore, KeyWatch, TokenSigningService, RevokedTokens, AccessTokenVerifier],
  exports: [SigningKeyRows, SigningKeyStore, KeyWatch, TokenSigningService, RevokedTokens, AccessTokenVerifier],
})
export class TokenSigningModule {}
