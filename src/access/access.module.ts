import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessPolicy } from './access-policy.js';
import { AccessEndEntity, AssignmentEntity } from './assignment.entity.js';
import { RoleEntity } from './role.entity.js';

/** Owns who may use an app, and what they may do there. Leaves who somebody is to `accounts`, and what an app is to `app-registry`. */
@Module({
  imports: [TypeOrmModule.forFeature([AssignmentEntity, RoleEntity, AccessEndEntity])],
  providers: [AccessPolicy],
  exports: [AccessPolicy],
})
export class AccessModule {}
