import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CustomScopeEntity } from './custom-scope.entity.js';

/** Owns the scopes of the operator's own: their words for the consent page, and which claims they release. */
@Module({ imports: [TypeOrmModule.forFeature([CustomScopeEntity])] })
export class CustomScopesModule {}
