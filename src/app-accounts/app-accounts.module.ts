import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppAccountEntity } from './app-account.entity.js';

/** Owns what people are called inside apps. Leaves which claim that becomes to `claims`. */
@Module({ imports: [TypeOrmModule.forFeature([AppAccountEntity])] })
export class AppAccountsModule {}
