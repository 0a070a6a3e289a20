import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RefreshTokenEntity } from './refresh-token.entity.js';

/** Owns refresh tokens (RFC 6749 §6): families, their rotation, and what a spent one means. */
@Module({ imports: [TypeOrmModule.forFeature([RefreshTokenEntity])] })
export class RefreshTokenModule {}
