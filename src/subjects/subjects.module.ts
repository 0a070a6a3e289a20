import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SubjectEntity } from './subject.entity.js';

/** Owns the `sub` of people in apps: the account's id, pairwise, or by an expression. */
@Module({ imports: [TypeOrmModule.forFeature([SubjectEntity])] })
export class SubjectsModule {}
