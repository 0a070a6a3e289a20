import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { GroupEntity, GroupMemberEntity } from './group.entity.js';

/** Owns groups: people under one name, by hand or as a directory has them. Leaves what a group may enter to `access`. */
@Module({ imports: [TypeOrmModule.forFeature([GroupEntity, GroupMemberEntity])] })
export class GroupsModule {}
