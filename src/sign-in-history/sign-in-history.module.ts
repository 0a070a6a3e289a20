import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SignInEventEntity } from './sign-in-event.entity.js';

/** Owns the time line of somebody's sign-ins. Hands on its newest lines. */
@Module({ imports: [TypeOrmModule.forFeature([SignInEventEntity])] })
export class SignInHistoryModule {}
